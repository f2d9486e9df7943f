#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/experiments/shift_curvature/steady_state_study.hpp"
#include "thermoscape/theory/synthetic_basins.hpp"

namespace thermoscape {

namespace {

using Function = theory::Landscape::Function;
constexpr double kHottest = 1e6;  // beyond it the ends are all that is left

/// Σ a_k θ^k and its derivatives, by Horner's rule.
Function polynomial_function(std::vector<double> a, int derivatives) {
  for (int d = 0; d < derivatives; ++d) {
    for (std::size_t k = 1; k < a.size(); ++k) a[k - 1] = a[k] * static_cast<double>(k);
    if (!a.empty()) a.pop_back();
  }
  return [a](double theta) {
    double sum = 0;
    for (std::size_t k = a.size(); k-- > 0;) sum = sum * theta + a[k];
    return sum;
  };
}

theory::SyntheticLoss synthetic_loss(const SteadyStateOptions& options, const std::string& where) {
  if (options.form != "density" && options.form != "log-density")
    reject({where + ", form", options.form, "must be density or log-density", ""});
  const auto form = options.form == "density" ? theory::SyntheticForm::density
                                              : theory::SyntheticForm::log_density;
  theory::SyntheticLoss loss;
  if (!options.figure.empty()) {
    loss = theory::paper_synthetic_loss(options.figure, form);
  } else {
    loss.minima = options.minima;
    loss.weights = options.weights;
    loss.sigmas = options.sigmas;
    loss.shift = options.shift;
    loss.form = form;
    loss.background = options.background;
  }
  loss.low = options.low;
  loss.high = options.high;
  return loss;
}

void check_noise(const SteadyGround& ground,
                 const SteadyStateOptions& options,
                 const std::string& where) {
  constexpr int kLooks = 10000;
  for (int i = 0; i <= kLooks; ++i) {
    const double theta = options.low + (options.high - options.low) * i / kLooks;
    const double noise = ground.landscape.noise(theta);
    if (noise > 0) continue;
    reject({where + ", noise",
            fmt::format("D = {:.3g} at θ = {:.3g}", noise, theta),
            "must be > 0 between the ends",
            "where D touches zero the paths stop, and there is no steady state across"});
  }
}

void check_temperature(const SteadyGround& ground,
                       const SteadyStateOptions& options,
                       double temperature,
                       const std::string& where) {
  if (temperature > kHottest)
    reject({where + ", temperatures",
            fmt::format("{}", temperature),
            fmt::format("must be at most {:g}", kHottest),
            ""});
  const theory::SteadyState state(ground.landscape, temperature, ground.breaks);
  const double cell = (options.high - options.low) / kSteadyCells;
  for (const theory::Basin& basin : theory::laplace_basins(state)) {
    if (basin.variance.status != Status::ok || std::sqrt(basin.variance.value) >= 2 * cell)
      continue;
    reject(
        {where + ", temperatures",
         fmt::format("{}", temperature),
         fmt::format("makes the basin at θ = {:.4g} narrower than {:.2g}", basin.centre, 2 * cell),
         "warmer, or ends that are closer"});
  }
}

}  // namespace

SteadyGround steady_ground(const SteadyStateOptions& options, const std::string& where) {
  const int kinds = (options.figure.empty() ? 0 : 1) + (options.minima.empty() ? 0 : 1) +
                    (options.polynomial.empty() ? 0 : 1);
  if (kinds != 1) {
    reject({where,
            fmt::format("{} losses", kinds),
            "needs exactly one of figure, minima (with weights and sigmas), polynomial",
            ""});
  }
  if (!(options.low < options.high))
    reject({where + ", low", fmt::format("{}", options.low), "must be < high", ""});
  if (options.temperatures.empty())
    reject({where + ", temperatures", "none", "must hold one or more", ""});
  SteadyGround ground;
  ground.shift = options.shift;
  if (options.polynomial.empty()) {
    const theory::SyntheticLoss loss = synthetic_loss(options, where);
    ground.landscape = theory::synthetic_landscape(loss);
    ground.breaks = theory::synthetic_breaks(loss);
    ground.shift = loss.shift;
  } else {
    ground.polynomial = options.polynomial;
    ground.landscape = theory::constant_noise(polynomial_function(options.polynomial, 0),
                                              polynomial_function(options.polynomial, 1),
                                              polynomial_function(options.polynomial, 2));
    constexpr int kBreaks = 40;
    for (int i = 0; i <= kBreaks; ++i)
      ground.breaks.push_back(options.low + (options.high - options.low) * i / kBreaks);
  }
  ground.constant_noise = options.noise == std::vector<double>{1};
  if (!ground.constant_noise) {
    ground.landscape.noise = polynomial_function(options.noise, 0);
    ground.landscape.noise_slope = polynomial_function(options.noise, 1);
    ground.landscape.noise_curvature = polynomial_function(options.noise, 2);
    ground.landscape.drift_integral = {};
    check_noise(ground, options, where);
  }
  for (const double temperature : options.temperatures)
    check_temperature(ground, options, temperature, where);
  if (options.escape_temperature > 0 &&
      !(options.escape_from > options.low && options.escape_from < options.high))
    reject({where + ", escape_from",
            fmt::format("{}", options.escape_from),
            fmt::format("must be between the ends, {} and {}", options.low, options.high),
            ""});
  return ground;
}

std::vector<OrderedBasin> ordered_basins(const SteadyGround& ground,
                                         const theory::SteadyState& state) {
  std::vector<OrderedBasin> basins;
  if (ground.polynomial.empty() || !ground.constant_noise) return basins;
  const double scale = state.high() - state.low();
  for (const double minimum : state.loss_minima()) {
    double factorial = 1;
    for (int order = 2; order < static_cast<int>(ground.polynomial.size()); ++order) {
      factorial *= order;
      const double derivative = polynomial_function(ground.polynomial, order)(minimum);
      // A minimum found to rounding sees a vanishing derivative as a small one.
      if (order % 2 == 0 && derivative * std::pow(scale, order) / factorial > 1e-4) {
        basins.push_back({minimum, order, derivative});
        break;
      }
    }
  }
  return basins;
}

}  // namespace thermoscape
