#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/anisotropic_ou.hpp"
#include "thermoscape/theory/basin_mixture.hpp"
#include "thermoscape/theory/minibatch_sgd.hpp"
#include "thermoscape/theory/shift_curvature.hpp"
#include "thermoscape/theory/steady_state.hpp"
#include "thermoscape/theory/synthetic_basins.hpp"
#include "thermoscape/theory/verify_kinds.hpp"
#include "thermoscape/theory/zero_curl_noise.hpp"

namespace thermoscape::theory {

namespace {

using Numbers = std::vector<double>;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd to_vector(const Numbers& list) {
  return Eigen::Map<const VectorXd>(list.data(), static_cast<Eigen::Index>(list.size()));
}

MatrixXd to_matrix(const std::vector<Numbers>& rows) {
  MatrixXd matrix(rows.size(), rows.empty() ? 0 : rows.front().size());
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    matrix.row(i) = to_vector(rows[static_cast<std::size_t>(i)]).transpose();
  }
  return matrix;
}

/// Block k of `size` numbers of a flat list of `count` blocks.
Numbers block(const Numbers& flat, std::size_t k, std::size_t count, const char* key) {
  const std::size_t size = flat.size() / count;
  if (size == 0 || size * count != flat.size()) {
    reject({fmt::format("inputs.{}", key),
            fmt::format("{} numbers", flat.size()),
            fmt::format("must be {} blocks of equal size", count),
            ""});
  }
  const auto first = flat.begin() + static_cast<std::ptrdiff_t>(k * size);
  return {first, first + static_cast<std::ptrdiff_t>(size)};
}

MatrixXd square_block(const Numbers& flat, std::size_t k, std::size_t count, const char* key) {
  const Numbers one = block(flat, k, count, key);
  const auto size = static_cast<Eigen::Index>(std::lround(std::sqrt(double(one.size()))));
  if (size * size != static_cast<Eigen::Index>(one.size())) {
    reject({fmt::format("inputs.{}", key), "", "must be square matrices", ""});
  }
  return Eigen::Map<const MatrixXd>(one.data(), size, size).transpose();
}

/// U = k(x²-1)²/4 + cx,  D = d0 + d1(x-x0)².
SteadyState double_well(const KindInputs& in) {
  const double k = in.number("k");
  const double c = in.number("c");
  const double d0 = in.number("d0");
  const double d1 = in.number("d1");
  const double x0 = in.number("x0");
  Landscape landscape;
  landscape.loss = [=](double x) { return k * (x * x - 1) * (x * x - 1) / 4 + c * x; };
  landscape.slope = [=](double x) { return k * x * (x * x - 1) + c; };
  landscape.curvature = [=](double x) { return k * (3 * x * x - 1); };
  landscape.noise = [=](double x) { return d0 + d1 * (x - x0) * (x - x0); };
  landscape.noise_slope = [=](double x) { return 2 * d1 * (x - x0); };
  landscape.noise_curvature = [=](double) { return 2 * d1; };
  return SteadyState::on_line(std::move(landscape), in.number("T"));
}

Numbers steady_1d(const KindInputs& in) {
  const SteadyState state = double_well(in);
  return {state.effective_potential(1) - state.effective_potential(-1),
          state.mean().value,
          state.variance().value,
          state.probability(0, state.high())};
}

Numbers laplace(const KindInputs& in) {
  Numbers out;
  Numbers weights;
  for (const Basin& basin : laplace_basins(double_well(in))) {
    out.insert(out.end(),
               {basin.centre, basin.bias.value, basin.linear_bias.value, basin.variance.value});
    weights.push_back(basin.weight.value);
  }
  out.insert(out.end(), weights.begin(), weights.end());
  return out;
}

Numbers example1_variance(const KindInputs& in) {
  return {power_law_variance(in.number("k"), in.number("T")).value};
}

/// U = x² + axy + 2y² + bx⁴ + cx²y².
Numbers v_invhess(const KindInputs& in) {
  const double a = in.number("a");
  const double b = in.number("b");
  const double c = in.number("c");
  const double x = in.number("x");
  const double y = in.number("y");
  const VectorXd gradient{
      {2 * x + a * y + 4 * b * x * x * x + 2 * c * x * y * y, a * x + 4 * y + 2 * c * x * x * y}};
  const double mixed = a + 4 * c * x * y;
  const MatrixXd hessian{{2 + 12 * b * x * x + 2 * c * y * y, mixed}, {mixed, 4 + 2 * c * x * x}};
  const MatrixXd along_x{{24 * b * x, 4 * c * y}, {4 * c * y, 4 * c * x}};
  const MatrixXd along_y{{4 * c * y, 4 * c * x}, {4 * c * x, 0}};
  const InverseHessianPotential s =
      inverse_hessian_potential(gradient, hessian, {along_x, along_y}, in.number("T"));
  return {s.value, s.gradient[0], s.gradient[1]};
}

/// f(u) = u + u³/3 of U_1 = 1 + x² + x⁴ and U_2 = 2 + y² - y/3.
Numbers v_example3(const KindInputs& in) {
  const double x = in.number("x");
  const double y = in.number("y");
  Numbers values;
  Numbers slopes;
  for (const double u : {1 + x * x + x * x * x * x, 2 + y * y - y / 3}) {
    values.push_back(u + u * u * u / 3);
    slopes.push_back(1 + u * u);
  }
  return {separable_potential(values, slopes, in.number("T"))};
}

SyntheticLoss synthetic(const KindInputs& in) {
  const std::string form = in.text("form");
  if (form != "A" && form != "B") reject({"inputs.form", form, "must be A or B", ""});
  return paper_synthetic_loss(in.text("fig"),
                              form == "A" ? SyntheticForm::density : SyntheticForm::log_density);
}

Numbers synthetic_basins(const KindInputs& in) {
  const SyntheticState state = synthetic_state(synthetic(in), in.number("T"));
  Numbers out = state.probabilities;
  out.push_back(state.train_loss);
  out.push_back(state.test_loss);
  out.insert(out.end(), state.bounds.begin(), state.bounds.end());
  return out;
}

Numbers crossings(const KindInputs& in) {
  const SyntheticLoss loss = synthetic(in);
  const SyntheticCrossings s =
      synthetic_crossings(loss, loss.form == SyntheticForm::density ? 0.03 : 0.6);
  return {s.equal_weight.value, s.best_temperature.value};
}

Numbers quartic_weight(const KindInputs& in) {
  const double order = in.number("J");
  if (order != std::floor(order) || !(order <= 1000)) {
    reject({"inputs.J", fmt::format("{}", order), "must be a whole number <= 1000", ""});
  }
  return {
      std::exp(log_even_order_integral(in.list("lams"), static_cast<int>(order), in.number("T")))};
}

Numbers test_loss(const KindInputs& in) {
  const Numbers weights = in.list("w");
  const Numbers depths = in.list("U");
  const std::size_t count = weights.size();
  if (depths.size() != count) reject({"inputs.U", "", "must be one number a weight", ""});
  std::vector<TestBasin> basins;
  for (std::size_t k = 0; k < count; ++k) {
    TestBasin basin;
    basin.weight = weights[k];
    basin.depth = depths[k];
    basin.curvature = square_block(in.list("C"), k, count, "C");
    basin.shift = to_vector(block(in.list("s"), k, count, "s"));
    if (in.has("b")) basin.bias = to_vector(block(in.list("b"), k, count, "b"));
    if (in.has("Sig")) basin.covariance = square_block(in.list("Sig"), k, count, "Sig");
    basins.push_back(std::move(basin));
  }
  const TestLoss s = expected_test_loss(basins);
  return {s.total, s.shift, s.bias, s.covariance};
}

Numbers shift_in_span(const KindInputs& in) {
  const VectorXd s = projected_shift(
      to_matrix(in.matrix("g")), to_vector(in.list("theta_test")), to_vector(in.list("theta_tr")));
  return {s.begin(), s.end()};
}

Numbers null_direction_var(const KindInputs& in) {
  const NullDirection s =
      null_direction(in.number("T"), in.number("alpha"), in.number("beta"), in.number("lam"));
  return {s.variance, s.discrete_variance.value};
}

Numbers minibatch_sgd_1d(const KindInputs& in) {
  const MinibatchSgd s =
      minibatch_sgd({in.list("a"), in.list("b")}, in.number("lam"), in.number("B"));
  return {s.position, s.diffusion_variance.value, s.discrete_variance.value};
}

/// θ = (y1 + 0.3 y2² + 0.1 y1³, y2 + 0.2 sin y1).
Numbers reparam(const KindInputs& in) {
  Chart chart;
  chart.map = [](const VectorXd& y) {
    return VectorXd{
        {y[0] + 0.3 * y[1] * y[1] + 0.1 * y[0] * y[0] * y[0], y[1] + 0.2 * std::sin(y[0])}};
  };
  chart.jacobian = [](const VectorXd& y) {
    return MatrixXd{{1 + 0.3 * y[0] * y[0], 0.6 * y[1]}, {0.2 * std::cos(y[0]), 1}};
  };
  const VectorXd test = to_vector(in.list("y_test"));
  if (test.size() != 2) reject({"inputs.y_test", "", "must be two numbers", ""});
  const ReparametrisedShift s =
      reparametrised_shift(chart, test, to_matrix(in.matrix("C")), to_vector(in.list("s")));
  return {s.shift_curvature, s.reparametrised.value};
}

Numbers ou_anisotropic(const KindInputs& in) {
  const MatrixXd curvature = to_matrix(in.matrix("C"));
  const MatrixXd noise = to_matrix(in.matrix("D"));
  const MatrixXd covariance = anisotropic_covariance(curvature, noise, in.number("T"));
  Numbers out(covariance.data(), covariance.data() + covariance.size());  // symmetric
  out.push_back(curvature.rows() > 1 ? force_curl(curvature, noise)(0, 1) : 0);
  return out;
}

}  // namespace

KindTable shift_curvature_kinds() {
  return {{"steady_1d", steady_1d},
          {"laplace_basins", laplace},
          {"example1_variance", example1_variance},
          {"v_invhess", v_invhess},
          {"v_example3", v_example3},
          {"synthetic_basins", synthetic_basins},
          {"synthetic_crossings", crossings},
          {"quartic_weight", quartic_weight},
          {"expected_test_loss", test_loss},
          {"projected_shift", shift_in_span},
          {"null_direction_var", null_direction_var},
          {"minibatch_sgd_1d", minibatch_sgd_1d},
          {"reparam_sCs", reparam},
          {"ou_anisotropic", ou_anisotropic}};
}

}  // namespace thermoscape::theory
