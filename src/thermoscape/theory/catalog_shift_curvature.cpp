#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/basin_mixture.hpp"
#include "thermoscape/theory/catalog_entry.hpp"
#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/shift_curvature.hpp"
#include "thermoscape/theory/synthetic_basins.hpp"

namespace thermoscape::theory {

namespace {

struct SteadyStateInputs {
  std::vector<double> minima = {-1, 1};
  std::vector<double> weights = {0.021, 0.1};
  std::vector<double> sigmas = {0.1, 0.5};
  double form = 1;
  double background = 1e-3;
  double shift = 0.1;
  std::vector<double> noise_coefficients = {1};
  double temperature = 0.01;
  double basin = 1;
  double low = -3;
  double high = 3;
  double highest_temperature = 0.03;

  static constexpr auto fields() {
    using S = SteadyStateInputs;
    return std::tuple{
        field("minima", &S::minima, "[θ]", "centres of the basins"),
        field("weights", &S::weights, "[loss]·[θ]", "weights of the basins", kPositive),
        field("sigmas", &S::sigmas, "[θ]", "widths of the basins", kPositive),
        field("form",
              &S::form,
              "1",
              "1: the densities make the loss, 2: minus their logarithm does",
              Range{1, 2}),
        field("background", &S::background, "1", "what is added to the densities", kPositive),
        field("shift", &S::shift, "[θ]", "by which the train loss lies right of the test loss"),
        field("noise_coefficients",
              &S::noise_coefficients,
              "[loss]²/[θ]²",
              "D = Σ d_k θ^k > 0, the variance of the gradient of an example: d_0, d_1, ..."),
        field("temperature",
              &S::temperature,
              "[loss]",
              "learning rate over batch size times the noise: twice that of Langevin dynamics",
              kPositive),
        field("basin", &S::basin, "1", "basin looked at, 1 the leftmost", kAtLeastOne),
        field("low", &S::low, "[θ]", "lower reflecting end"),
        field("high", &S::high, "[θ]", "upper reflecting end"),
        field("highest_temperature",
              &S::highest_temperature,
              "[loss]",
              "end of the search for the two special temperatures",
              kPositive)};
  }
};

/// One basin, then averages over all of them.
struct BasinAverages {
  Value basin_probability;
  Value position;
  Value position_variance;
  Value train_loss;
  Value test_loss;

  static constexpr auto fields() {
    using S = BasinAverages;
    return std::tuple{
        field("basin_probability", &S::basin_probability, "1", "probability of the basin"),
        field("position", &S::position, "[θ]", "mean of θ"),
        field("position_variance", &S::position_variance, "[θ]²", "variance of θ"),
        field("train_loss", &S::train_loss, "[loss]", "mean of the train loss"),
        field("test_loss", &S::test_loss, "[loss]", "mean of the test loss")};
  }
};

struct SpecialTemperatures {
  Value equal_weight_temperature;
  Value best_temperature;
  double end_density = 0;

  static constexpr auto fields() {
    using S = SpecialTemperatures;
    return std::tuple{
        field("equal_weight_temperature",
              &S::equal_weight_temperature,
              "[loss]",
              "temperature at which the leftmost basin holds one half"),
        field("best_temperature",
              &S::best_temperature,
              "[loss]",
              "temperature of the least test loss"),
        field("end_density",
              &S::end_density,
              "1",
              "density at a reflecting end over its largest: small unless the ends matter")};
  }
};

SyntheticLoss loss_from(const SteadyStateInputs& in) {
  if (in.form != 1 && in.form != 2) {
    reject({"steady-state.form", fmt::format("{}", in.form), "must be 1 or 2", ""});
  }
  SyntheticLoss loss;
  loss.minima = in.minima;
  loss.weights = in.weights;
  loss.sigmas = in.sigmas;
  loss.background = in.background;
  loss.shift = in.shift;
  loss.noise_coefficients = in.noise_coefficients;
  loss.form = in.form == 1 ? SyntheticForm::density : SyntheticForm::log_density;
  loss.low = in.low;
  loss.high = in.high;
  return loss;
}

/// The mixture as the paper has it: weights, then moments and losses of quadratic basins.
BasinAverages laplace_averages(const SyntheticLaplace& laplace, std::size_t basin) {
  if (laplace.status == Status::undefined || basin >= laplace.basins.size()) return {};
  double mean = 0;
  for (const Basin& one : laplace.basins) mean += one.weight.value * one.centre;
  double variance = 0;
  for (const Basin& one : laplace.basins) {
    const double away = one.centre - mean;
    variance += one.weight.value * (one.variance.value + away * away);
  }
  return {laplace.basins[basin].weight,
          {mean, Status::ok},
          {variance, Status::ok},
          {laplace.train_loss, Status::ok},
          {laplace.test.total, laplace.status}};
}

std::tuple<BasinAverages, BasinAverages, SpecialTemperatures> steady_state(
    const SteadyStateInputs& in) {
  const SyntheticLoss loss = loss_from(in);
  const SyntheticState exact = synthetic_state(loss, in.temperature);
  const std::size_t count = exact.probabilities.size();
  if (in.basin != std::floor(in.basin) || in.basin > static_cast<double>(count)) {
    reject({"steady-state.basin",
            fmt::format("{}", in.basin),
            fmt::format("must be a whole number from 1 to {}", count),
            "basins may merge: these are the minima of the loss"});
  }
  const auto basin = static_cast<std::size_t>(in.basin) - 1;
  const SyntheticCrossings special = synthetic_crossings(loss, in.highest_temperature);
  return {BasinAverages{value_within(exact.probabilities[basin], true),
                        value_within(exact.mean, true),
                        value_within(exact.variance, true),
                        value_within(exact.train_loss, true),
                        value_within(exact.test_loss, true)},
          laplace_averages(synthetic_laplace(loss, in.temperature), basin),
          SpecialTemperatures{special.equal_weight, special.best_temperature, exact.end_density}};
}

struct ShiftCurvatureInputs {
  std::vector<double> depths = {2.4706, 2.5148};
  std::vector<double> curvatures = {100, 4};
  std::vector<double> shifts = {-0.1};
  std::vector<double> biases = {0};
  double noise = 1;
  double temperature = 0.1;

  static constexpr auto fields() {
    using S = ShiftCurvatureInputs;
    return std::tuple{
        field("depths", &S::depths, "[loss]", "loss at the minima, of train and test alike"),
        field("curvatures",
              &S::curvatures,
              "[loss]/[θ]²",
              "curvature at the minima, of train and test alike",
              kPositive),
        field("shifts", &S::shifts, "[θ]", "test minimum less train minimum, or one for all"),
        field("biases",
              &S::biases,
              "[θ]",
              "train minimum less the centre of the state, or one for all"),
        field("noise", &S::noise, "1", "factor of the temperature, the same at all θ", kPositive),
        field("temperature",
              &S::temperature,
              "[loss]",
              "learning rate over batch size times the noise: twice that of Langevin dynamics",
              kPositive)};
  }
};

struct TestLossParts {
  double left_weight = 0;
  double test_loss = 0;
  double train_loss = 0;
  double depth_loss = 0;
  double shift_loss = 0;
  double bias_loss = 0;
  double covariance_loss = 0;

  static constexpr auto fields() {
    using S = TestLossParts;
    return std::tuple{
        field("left_weight", &S::left_weight, "1", "weight of the first basin"),
        field("test_loss", &S::test_loss, "[loss]", "mean of the test loss"),
        field("train_loss", &S::train_loss, "[loss]", "mean of the train loss"),
        field("depth_loss", &S::depth_loss, "[loss]", "part of the depths"),
        field("shift_loss", &S::shift_loss, "[loss]", "part of the shift: the shift-curvature"),
        field("bias_loss", &S::bias_loss, "[loss]", "part of the bias, alone and with the shift"),
        field("covariance_loss", &S::covariance_loss, "[loss]", "part of the width of the state")};
  }
};

std::vector<double> one_a_basin(const std::vector<double>& list,
                                std::size_t count,
                                const char* where) {
  if (list.size() == count) return list;
  if (list.size() == 1) return std::vector<double>(count, list.front());
  reject({where,
          fmt::format("{} numbers", list.size()),
          fmt::format("must be one a basin ({}) or one for all", count),
          ""});
}

std::tuple<TestLossParts> shift_curvature(const ShiftCurvatureInputs& in) {
  const std::size_t count = in.depths.size();
  const std::vector<double> curvatures =
      one_a_basin(in.curvatures, count, "shift-curvature.curvatures");
  const std::vector<double> shifts = one_a_basin(in.shifts, count, "shift-curvature.shifts");
  const std::vector<double> biases = one_a_basin(in.biases, count, "shift-curvature.biases");
  const double temperature = in.noise * in.temperature;
  std::vector<double> logarithms;
  for (const double curvature : curvatures) logarithms.push_back(std::log(curvature));
  const std::vector<double> weights = mixture_weights(in.depths, logarithms, temperature);
  std::vector<TestBasin> basins;
  double bias = 0;
  for (std::size_t k = 0; k < count; ++k) {
    basins.push_back({weights[k],
                      in.depths[k],
                      Eigen::MatrixXd::Constant(1, 1, curvatures[k]),
                      Eigen::VectorXd::Constant(1, shifts[k]),
                      Eigen::VectorXd::Constant(1, biases[k]),
                      Eigen::MatrixXd::Constant(1, 1, temperature / 2 / curvatures[k])});
    bias += weights[k] * curvatures[k] * biases[k] * biases[k] / 2;
  }
  const TestLoss loss = expected_test_loss(basins);
  return {TestLossParts{weights.front(),
                        loss.total,
                        loss.depth + bias + loss.covariance,
                        loss.depth,
                        loss.shift,
                        loss.bias,
                        loss.covariance}};
}

}  // namespace

std::vector<CatalogEntry> shift_curvature_entries() {
  constexpr Version kLaplace{"laplace_", " (Laplace)"};
  return {
      catalog_entry(
          Model{"steady-state",
                "The steady state of SGD on a loss of several basins, and its test loss",
                "N_k = N(θ; m_k, σ_k²),  ν = 1: U = c θ² - Σ w_k N_k,  ν = 2: U = -ln(c + Σ w_k "
                "N_k)\n"
                "ρ ∝ e^{-2v/T},  v = ∫U'/D dθ + (T/2) ln D on θ_low <= θ <= θ_high,  D = Σ d_k "
                "θ^k,  U_test(θ) = U(θ + s)\n"
                "Laplace about the minima μ_k of v: w_k ∝ e^{-2v_k/T} v_k''^{-1/2},  Σ_k = "
                "T/(2 v_k''),\n"
                "  ⟨U_test⟩ = Σ w_k [U_k + ½ C_k (b_k - s)² + ½ Σ_k C_k],  b_k = θ_k - μ_k",
                "Exact for any T. The Laplace values to O(T); their test loss for |s| <= ½ of the "
                "narrowest σ_k. The loss of ν = 1 is flat far out: keep end_density small (T <= "
                "0.02 for the "
                "defaults). The special temperatures are looked for from T_max/10⁴ to T_max.",
                "shift-curvature",
                {},
                {}},
          {kPlain, kLaplace, kPlain},
          &steady_state),
      catalog_entry(
          Model{"shift-curvature",
                "The test loss that Gaussian basins with a train-test shift expect",
                "w_k ∝ e^{-2U_k/(D_0 T)} C_k^{-1/2},  Σ_k = D_0 T/(2 C_k)\n"
                "⟨U_test⟩ = Σ w_k [U_k + ½ s_k²C_k + (½ b_k² + s_k b_k) C_k + ½ Σ_k C_k]",
                "Second order in the shift and the width: exact for quadratic basins that do not "
                "overlap.",
                "shift-curvature",
                {},
                {}},
          {kPlain},
          &shift_curvature)};
}

}  // namespace thermoscape::theory
