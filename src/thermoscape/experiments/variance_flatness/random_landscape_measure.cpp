#include <algorithm>
#include <cmath>
#include <utility>

#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/models/random_landscape.hpp"
#include "thermoscape/theory/window_variance.hpp"

namespace thermoscape {

namespace {

struct RandomLandscapeOptions {
  std::int64_t modes = 16;
  std::vector<double> flatness = {2, 20};
  double centre_share = 0.125;
  double curvature_share = 0.1;
  double coupling_share = 0.02;
  double loss = 0.2;
  double learning_rate = 0.1;
  std::vector<std::int64_t> windows = {3, 10, 30, 100, 300, 1000, 3000, 10000, 30000};
  std::int64_t chains = 200;

  static constexpr auto fields() {
    using O = RandomLandscapeOptions;
    return std::tuple{
        field("modes", &O::modes, "1", "modes of the landscape", Range{4, 200}),
        field("flatness", &O::flatness, "[θ]", "F of the first and the last mode", kPositive),
        field("centre_share",
              &O::centre_share,
              "1",
              "deviation of the minima of minibatches in units of F",
              kPositive),
        field("curvature_share",
              &O::curvature_share,
              "1",
              "deviation of the curvature of minibatches in units of its mean M0 = 8/F²",
              kNonNegative),
        field("coupling_share",
              &O::coupling_share,
              "1",
              "deviation of M_ij in units of √(M0_i M0_j)",
              kNonNegative),
        field("loss", &O::loss, "[loss]", "L0", kPositive),
        field("learning_rate", &O::learning_rate, "[θ]²/[loss]", "α", kPositive),
        field("windows", &O::windows, "1", "steps of each window", Range{2, 1e7}),
        field(
            "chains", &O::chains, "1", "independent chains, in ten equal groups", Range{20, 1e6})};
  }
};

constexpr std::int64_t kGroups = 10;

theory::MiniLossEnsemble ensemble_of(const RandomLandscapeOptions& options) {
  const Eigen::Index n = options.modes;
  theory::MiniLossEnsemble e{Vector(n), Vector(n), Vector(n), Matrix::Zero(n, n), 0.0};
  for (Eigen::Index i = 0; i < n; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(n - 1);
    const double width =
        options.flatness[0] * std::pow(options.flatness[1] / options.flatness[0], part);
    e.mean_curvature(i) = 8 / (width * width);
    e.curvature_deviation(i) = options.curvature_share * e.mean_curvature(i);
    e.centre_deviation(i) = options.centre_share * width;
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) {
      if (i != j)
        e.coupling_deviation(i, j) =
            options.coupling_share * std::sqrt(e.mean_curvature(i) * e.mean_curvature(j));
    }
  }
  return e;
}

/// Exact mean of the variance in a window of n steps of the stationary state, whose covariances
/// fall as φ^k with φ = 1 - α L0 M0: every draw is independent of where the chain is.
Vector exact_variances(const theory::MiniLossEnsemble& ensemble,
                       const theory::MiniLossNoise& sgd,
                       const Vector& stationary,
                       std::int64_t steps) {
  Vector out(stationary.size());
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    const double decay = 1 - sgd.learning_rate * sgd.loss * ensemble.mean_curvature(i);
    out(i) = theory::window_variance({.step_variance = stationary(i) * (1 - decay * decay),
                                      .steps = static_cast<double>(steps),
                                      .decay = decay})
                 .window_variance;
  }
  return out;
}

/// One window length: σ² of each mode, and ψ of σ² ∝ F^-ψ as simulated and exact.
struct WindowResult {
  std::int64_t steps = 0;
  std::vector<Estimate> variances;
  Vector exact;
  Estimate psi;
  double exact_psi = 0;
};

double psi_of(const std::vector<double>& width, std::span<const double> variances) {
  return -analysis::power_law(width, variances).exponent.value;
}

/// Group means of the window variances [groups, modes]; chains start in the stationary state, as
/// normal numbers of its second moments, which is all that the means depend on.
Matrix simulate(const RunView& view,
                const RandomLandscape& landscape,
                const Vector& stationary,
                const RandomLandscapeOptions& options,
                std::int64_t steps,
                const Noise& noise) {
  const std::int64_t each = options.chains / kGroups;
  Matrix groups = Matrix::Zero(kGroups, options.modes);
  view.in_parallel(kGroups, [&](std::size_t g) {
    std::vector<double> start(static_cast<std::size_t>(options.modes));
    for (std::int64_t c = 0; c < each; ++c) {
      const auto chain = static_cast<std::uint64_t>(static_cast<std::int64_t>(g) * each + c);
      noise.normal<double>("random_landscape.start", chain, start);
      const Vector from = Eigen::Map<const Vector>(start.data(), options.modes)
                              .cwiseProduct(stationary.cwiseSqrt());
      const Matrix path = landscape.trajectory(chain, 0, steps - 1, from);
      groups.row(static_cast<Eigen::Index>(g)) +=
          (path.rowwise() - path.colwise().mean()).array().square().colwise().mean().matrix() /
          static_cast<double>(each);
    }
  });
  return groups;
}

WindowResult result_of(const Matrix& groups,
                       const std::vector<double>& width,
                       const Vector& exact) {
  WindowResult out;
  out.exact = exact;
  for (Eigen::Index i = 0; i < groups.cols(); ++i) {
    const Vector column = groups.col(i);
    out.variances.push_back(mean_of({column.data(), static_cast<std::size_t>(column.size())}));
  }
  std::vector<double> exponents;
  for (Eigen::Index g = 0; g < groups.rows(); ++g) {
    const Vector row = groups.row(g);
    exponents.push_back(psi_of(width, {row.data(), static_cast<std::size_t>(row.size())}));
  }
  out.psi = mean_of(exponents);
  out.exact_psi = psi_of(width, {exact.data(), static_cast<std::size_t>(exact.size())});
  return out;
}

std::string window_label(std::int64_t steps, double slowest) {
  return fmt::format("{} steps, {:.3g} τ", steps, static_cast<double>(steps) / slowest);
}

Figure variance_figure(const std::vector<WindowResult>& windows,
                       const std::vector<double>& width,
                       double middle) {
  Figure figure{"variance_flatness",
                "Variance against flatness on a random landscape",
                "σ² in windows of several lengths, given in relaxation times of the middle mode; "
                "lines: exact theory of the stationary state, couplings and curvature noise "
                "included.",
                {"flatness F_i [θ]", "log"},
                {"variance σ_i² [θ²]", "log"},
                {}};
  for (const WindowResult& one : windows) {
    const std::string label = window_label(one.steps, middle);
    figure.series.push_back(points_of(label, width, one.variances, "points"));
    figure.series.back().group = label;
    figure.series.push_back(
        {label + ", theory", width, {one.exact.begin(), one.exact.end()}, {}, "line", label});
  }
  return figure;
}

Figure exponent_figure(const std::vector<WindowResult>& windows, double middle) {
  Figure figure{"exponent",
                "ψ against the length of the window",
                "Exponent of σ² ∝ F^-ψ over all modes, simulated and exact: 2, that of the single "
                "steps, in short windows; none once the modes relax within the window.",
                {"T_window / τ of the middle mode", "log"},
                {"ψ", "linear"},
                {}};
  std::vector<double> x, exact;
  std::vector<Estimate> y;
  for (const WindowResult& one : windows) {
    x.push_back(static_cast<double>(one.steps) / middle);
    y.push_back(one.psi);
    exact.push_back(one.exact_psi);
  }
  figure.series.push_back(points_of("simulated", x, y, "points"));
  figure.series.push_back({"theory", x, exact, {}, "line", "theory"});
  return figure;
}

/// Adds what one window gives; returns ⟨z²⟩, its mean squared deviation in standard errors.
double add_window(const WindowResult& one, double middle, Table& table, Measured& measured) {
  const Coordinates where{{"window", static_cast<double>(one.steps)}};
  std::vector<double> ratios, squares;
  for (std::size_t i = 0; i < one.variances.size(); ++i) {
    const double exact = one.exact(static_cast<Eigen::Index>(i));
    ratios.push_back(one.variances[i].value / exact);
    squares.push_back(
        std::pow((one.variances[i].value - exact) / one.variances[i].standard_error, 2));
  }
  const Estimate ratio = mean_of(ratios);
  const double deviation = mean_of(squares).value;
  measured.findings.push_back({"psi", where, one.psi, "1"});
  measured.findings.push_back({"exact_psi", where, {one.exact_psi, 0, Status::ok}, "1"});
  measured.findings.push_back({"over_theory", where, ratio, "1"});
  table.rows.push_back({fmt::format("{}", one.steps),
                        fmt::format("{:.3g}", static_cast<double>(one.steps) / middle),
                        cell(one.psi),
                        fmt::format("{:.3f}", one.exact_psi),
                        cell(ratio),
                        fmt::format("{:.2f}", deviation)});
  return deviation;
}

}  // namespace

Measured measure_random_landscape(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader) {
  const auto options = read_options<RandomLandscapeOptions>(reader);
  if (options.flatness.size() != 2 || options.flatness[0] >= options.flatness[1])
    reject({reader.where() + ", flatness", "", "must be [from, to] with from < to", ""});
  if (options.windows.empty() || !std::is_sorted(options.windows.begin(), options.windows.end()))
    reject({reader.where() + ", windows", "", "must be lengths in increasing order", "[10, 1000]"});
  const theory::MiniLossEnsemble ensemble = ensemble_of(options);
  const theory::MiniLossNoise sgd{options.loss, 0, options.learning_rate};
  const theory::StationarySpread stationary = theory::stationary_spread(ensemble, sgd);
  if (stationary.status != Status::ok) {
    reject({reader.where() + ", learning_rate",
            fmt::format("{:g}", options.learning_rate),
            "must leave the second moments finite",
            "lower it, or the shares of curvature and coupling"});
  }
  if (view == nullptr) return {};
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  const theory::MiniLossSteps steps = theory::mini_loss_steps(ensemble, sgd);
  const double middle = steps.relaxation(options.modes / 2);
  std::vector<double> width;
  for (const double curvature : ensemble.mean_curvature) width.push_back(std::sqrt(8 / curvature));
  Measured measured;
  Table table{"windows",
              "Window by window",
              "σ² over its exact mean, averaged over the modes with the error of their spread, and "
              "the mean over the modes of the squared deviation in standard errors: 1.3 is what "
              "ten groups of chains give by chance.",
              {"steps", "T_window/τ", "ψ", "ψ, exact", "σ² over exact", "⟨z²⟩"},
              {}};
  std::vector<WindowResult> windows;
  double squares = 0;
  for (const std::int64_t length : options.windows) {
    const Noise own = noise.fork("window", static_cast<std::uint64_t>(length));
    const RandomLandscape landscape(ensemble, sgd, own);
    const Vector exact = exact_variances(ensemble, sgd, stationary.second_moment, length);
    windows.push_back(result_of(
        simulate(*view, landscape, stationary.second_moment, options, length, own), width, exact));
    windows.back().steps = length;
    squares += add_window(windows.back(), middle, table, measured);
  }
  measured.findings.push_back({"mean_square_deviation",
                               {},
                               {squares / static_cast<double>(windows.size()), 0, Status::ok},
                               "1"});
  measured.findings.push_back({"shortest_psi", {}, windows.front().psi, "1"});
  measured.findings.push_back({"longest_psi", {}, windows.back().psi, "1"});
  measured.tables.push_back(std::move(table));
  measured.figures = {variance_figure(windows, width, middle), exponent_figure(windows, middle)};
  return measured;
}

}  // namespace thermoscape
