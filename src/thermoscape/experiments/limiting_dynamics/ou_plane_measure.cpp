#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/theory/ou.hpp"

namespace thermoscape {

namespace {

struct OuPlaneOptions {
  std::vector<double> drift = {2.5, -1.5, -1.5, 2.5};
  std::vector<double> diffusion = {4, 0, 0, 1};
  std::vector<double> centre = {-0.1, 0.05};
  double inverse_temperature = 1;
  double time_step = 0.01;
  std::int64_t steps = 100000;

  static constexpr auto fields() {
    using O = OuPlaneOptions;
    return std::tuple{
        field("drift", &O::drift, "1/[time]", "drift matrix, row by row"),
        field("diffusion", &O::diffusion, "[x]²/[time]", "diffusion matrix, row by row"),
        field("centre", &O::centre, "[x]", "mean at rest"),
        field("inverse_temperature", &O::inverse_temperature, "1", "κ", kPositive),
        field("time_step", &O::time_step, "[time]", "between points of the path", kPositive),
        field("steps", &O::steps, "", "points of the path", Range{1000, 1e8})};
  }
};

Matrix two_by_two(const std::vector<double>& rows, const std::string& where) {
  if (rows.size() != 4)
    reject({where, fmt::format("{} values", rows.size()), "must be 4 numbers, row by row", ""});
  Matrix m(2, 2);
  m << rows[0], rows[1], rows[2], rows[3];
  return m;
}

/// The path sampled exactly at multiples of the time step: x' = e^{-A dt}x + noise of the exact
/// covariance. About its centre, from a draw of the stationary law.
std::vector<Vector> sample(const theory::OrnsteinUhlenbeck& ou,
                           const OuPlaneOptions& options,
                           const Noise& noise) {
  const Matrix carry = ou.propagator(options.time_step);
  const Matrix kick = ou.covariance(options.time_step).llt().matrixL();
  std::vector<double> draws(2);
  const auto draw = [&](std::int64_t step) {
    noise.normal<double>("ou.kick", static_cast<std::uint64_t>(step), draws);
    return Vector(Eigen::Map<const Vector>(draws.data(), 2));
  };
  std::vector<Vector> path{Matrix(ou.stationary_covariance().llt().matrixL()) * draw(0)};
  for (std::int64_t k = 1; k < options.steps; ++k)
    path.push_back(carry * path.back() + kick * draw(k));
  return path;
}

/// The ellipse ½ xᵀUx = level about the centre.
Series level_curve(const Matrix& u,
                   const Vector& centre,
                   double level,
                   const std::string& label,
                   const char* style) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(u);
  const Vector radii = (2 * level * solver.eigenvalues().cwiseInverse()).cwiseSqrt();
  Series curve{label, {}, {}, {}, style, label};
  for (int i = 0; i <= 120; ++i) {
    const double angle = 2 * std::numbers::pi * i / 120;
    Vector along(2);
    along << radii(0) * std::cos(angle), radii(1) * std::sin(angle);
    const Vector x = centre + solver.eigenvectors() * along;
    curve.x.push_back(x(0));
    curve.y.push_back(x(1));
  }
  return curve;
}

Figure potential_figure(const theory::OrnsteinUhlenbeck& ou,
                        const Vector& centre,
                        const std::vector<Vector>& path) {
  Figure figure{
      "potentials",
      "Original and modified potential, and a path",
      "Level curves of Φ = ½xᵀAx (dashed; its symmetric part) and of Ψ = ½xᵀUx (lines) at "
      "1/κ, 2/κ and 4/κ; the stationary law is ∝ exp(-κΨ), and the path follows it.",
      {"x1", "linear"},
      {"x2", "linear"},
      {}};
  Series points{"path", {}, {}, {}, "points", "path"};
  const std::size_t every = std::max<std::size_t>(1, path.size() / 1500);
  for (std::size_t k = 0; k < path.size(); k += every) {
    points.x.push_back(centre(0) + path[k](0));
    points.y.push_back(centre(1) + path[k](1));
  }
  figure.series.push_back(std::move(points));
  const Matrix symmetric = (ou.drift() + ou.drift().transpose()) / 2;
  for (const double level : {1.0, 2.0, 4.0}) {
    const double at = level / ou.inverse_temperature();
    figure.series.push_back(level_curve(ou.potential(), centre, at, "Ψ", "line"));
    if (Eigen::LLT<Matrix>(symmetric).info() == Eigen::Success)
      figure.series.push_back(level_curve(symmetric, centre, at, "Φ", "dashed"));
  }
  return figure;
}

Figure current_figure(const theory::OrnsteinUhlenbeck& ou, const Vector& centre) {
  Figure figure{"current",
                "Stationary current",
                "Velocity j = -QUx of the stationary current on a grid (strokes from the grid "
                "point, to scale) and level curves of Ψ, along which it runs.",
                {"x1", "linear"},
                {"x2", "linear"},
                {}};
  const Vector spread = ou.stationary_covariance().diagonal().cwiseSqrt();
  Vector corner = 2.2 * spread;
  const double longest = ou.current_velocity(corner).cwiseQuotient(spread).norm();
  const double scale = longest > 0 ? 0.6 / longest : 0;
  for (int i = -4; i <= 4; ++i) {
    for (int j = -4; j <= 4; ++j) {
      Vector x(2);
      x << 0.55 * i * spread(0), 0.55 * j * spread(1);
      const Vector tip = x + scale * ou.current_velocity(x);
      figure.series.push_back({"current",
                               {centre(0) + x(0), centre(0) + tip(0)},
                               {centre(1) + x(1), centre(1) + tip(1)},
                               {},
                               "line",
                               "current"});
    }
  }
  for (const double level : {0.5, 1.0, 2.0})
    figure.series.push_back(
        level_curve(ou.potential(), centre, level / ou.inverse_temperature(), "Ψ", "dashed"));
  return figure;
}

/// Free energy of a narrow Gaussian released off centre; the largest of its rates of change.
Figure free_energy_figure(const theory::OrnsteinUhlenbeck& ou, double& largest_rate) {
  Figure figure{"free_energy",
                "The free energy only falls",
                "κ(F - F_ss) of a Gaussian with a hundredth of the stationary covariance, released "
                "two standard deviations off the centre. Its rate of change in closed form is "
                "never positive, with or without detailed balance.",
                {"t [time]", "log"},
                {"κ(F - F_ss)", "log"},
                {}};
  const Vector start = 2 * ou.stationary_covariance().diagonal().cwiseSqrt();
  const Matrix narrow = ou.stationary_covariance() / 100;
  Series curve{"F", {}, {}, {}, "line", "F"};
  largest_rate = -kInfinity;
  for (int i = 0; i <= 80; ++i) {
    const double t = 1e-3 * std::pow(10.0, 4.0 * i / 80);
    const Vector mean = ou.mean(start, t);
    const Matrix covariance = ou.covariance(narrow, t);
    const theory::Value excess = ou.free_energy_excess(mean, covariance);
    const theory::Value rate = ou.free_energy_rate(mean, covariance);
    if (excess.status != Status::ok || rate.status != Status::ok || !(excess.value > 1e-12)) break;
    curve.x.push_back(t);
    curve.y.push_back(ou.inverse_temperature() * excess.value);
    largest_rate = std::max(largest_rate, rate.value);
  }
  figure.series.push_back(std::move(curve));
  return figure;
}

/// Blocked mean of f(k) along the path, over its exact value.
template <class F>
Estimate over(std::size_t count, double exact, F&& f) {
  analysis::Blocker blocker;
  for (std::size_t k = 0; k < count; ++k) blocker.push(f(k) / exact);
  return blocker.result().mean;
}

}  // namespace

Measured measure_ou_plane(const RunView* view,
                          const MeasureSettings& settings,
                          TomlReader& reader) {
  const auto options = read_options<OuPlaneOptions>(reader);
  const theory::OrnsteinUhlenbeck ou(two_by_two(options.drift, reader.where() + ", drift"),
                                     two_by_two(options.diffusion, reader.where() + ", diffusion"),
                                     options.inverse_temperature);
  if (options.centre.size() != 2)
    reject({reader.where() + ", centre", "", "must be 2 numbers", ""});
  if (view == nullptr) return {};
  const Vector centre = Eigen::Map<const Vector>(options.centre.data(), 2);
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  const std::vector<Vector> path = sample(ou, options, noise);
  Measured measured;
  const auto add = [&](const char* name, const Estimate& value, const char* unit) {
    measured.findings.push_back({name, {}, value, unit});
  };
  const auto exact = [](double x) { return Estimate{x, 0, Status::ok}; };
  const Matrix c = ou.stationary_covariance();
  add("variance_1_over_exact",
      over(path.size(), c(0, 0), [&](std::size_t k) { return path[k](0) * path[k](0); }),
      "1");
  add("variance_2_over_exact",
      over(path.size(), c(1, 1), [&](std::size_t k) { return path[k](1) * path[k](1); }),
      "1");
  add("covariance_over_exact",
      over(path.size(), c(0, 1), [&](std::size_t k) { return path[k](0) * path[k](1); }),
      "1");
  // The current as the area that the path sweeps out: 2Q_12/κ a unit of time, in small steps.
  const Matrix later = ou.stationary_cross_covariance(options.time_step);
  const double area = later(0, 1) - later(1, 0);
  if (std::abs(area) > 1e-12 * c.norm()) {
    add("swept_area_over_exact",
        over(path.size() - 1,
             area,
             [&](std::size_t k) {
               return path[k](0) * path[k + 1](1) - path[k](1) * path[k + 1](0);
             }),
        "1");
  }
  add("rotation", exact(ou.rotation()(0, 1)), "x²/time");
  add("irreversibility", exact(ou.irreversibility()), "1");
  double along = 0;
  for (std::size_t k = 0; k < path.size(); k += 97) {
    const Vector j = ou.current_velocity(path[k]);
    const Vector slope = ou.potential() * path[k];
    if (j.norm() > 0) along = std::max(along, std::abs(j.dot(slope)) / (j.norm() * slope.norm()));
  }
  add("current_along_gradient", exact(along), "1");
  add("current_divergence", exact(-(ou.rotation() * ou.potential()).trace()), "1/time");
  double rate = 0;
  Figure free_energy = free_energy_figure(ou, rate);
  add("largest_free_energy_rate", exact(rate), "1/time");
  measured.figures = {
      potential_figure(ou, centre, path), current_figure(ou, centre), std::move(free_energy)};
  return measured;
}

}  // namespace thermoscape
