#include "thermoscape/theory/synthetic_basins.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <boost/math/constants/constants.hpp>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

void check(const SyntheticLoss& loss) {
  check_range(loss.minima, kAny, "", "minima");
  check_range(loss.weights, kPositive, "", "weights");
  check_range(loss.sigmas, kPositive, "", "sigmas");
  require_positive(loss.background, "background");
  check_range(loss.shift, kAny, "", "shift");
  check_range(loss.low, kAny, "", "low");
  check_range(loss.high, kAny, "", "high");
  if (loss.minima.empty() || loss.weights.size() != loss.minima.size() ||
      loss.sigmas.size() != loss.minima.size()) {
    reject({"minima, weights, sigmas",
            fmt::format(
                "{}, {}, {} numbers", loss.minima.size(), loss.weights.size(), loss.sigmas.size()),
            "must be as many of each, one or more",
            ""});
  }
  if (!(loss.low < loss.high)) {
    reject({"low", fmt::format("{}", loss.low), fmt::format("must be < high, {}", loss.high), ""});
  }
}

bool constant(const SyntheticLoss& loss) {
  return loss.noise_coefficients == std::vector<double>{1};
}

/// Derivative number `order` of D = Σ d_k θ^k, by Horner's rule.
double noise_at(const SyntheticLoss& loss, double theta, int order) {
  double sum = 0;
  for (std::size_t k = loss.noise_coefficients.size(); k-- > static_cast<std::size_t>(order);) {
    double factor = loss.noise_coefficients[k];
    for (int d = 0; d < order; ++d) factor *= static_cast<double>(k) - d;
    sum = sum * theta + factor;
  }
  return sum;
}

void check_noise(const SyntheticLoss& loss) {
  check_range(loss.noise_coefficients, kAny, "", "noise_coefficients");
  constexpr int kLooks = 10000;
  for (int i = 0; i <= kLooks; ++i) {
    const double theta = loss.low + (loss.high - loss.low) * i / kLooks;
    const double noise = noise_at(loss, theta, 0);
    if (noise > 0) continue;
    reject({"noise_coefficients",
            fmt::format("D = {:.3g} at θ = {:.3g}", noise, theta),
            "must make D > 0 between the ends",
            "where D touches zero there is no steady state across"});
  }
}

/// Σ w_k N_k and its first two derivatives.
struct Sum {
  double value = 0;
  double slope = 0;
  double curvature = 0;
};

Sum sum_of(const SyntheticLoss& loss, double theta) {
  Sum sum;
  for (std::size_t k = 0; k < loss.minima.size(); ++k) {
    const double sigma = loss.sigmas[k];
    const double x = (theta - loss.minima[k]) / sigma;
    const double density = loss.weights[k] / sigma * std::exp(-x * x / 2) /
                           boost::math::constants::root_two_pi<double>();
    sum.value += density;
    sum.slope -= density * x / sigma;
    sum.curvature += density * (x * x - 1) / (sigma * sigma);
  }
  return sum;
}

double train(const SyntheticLoss& loss, double theta) {
  const double sum = sum_of(loss, theta).value;
  return loss.form == SyntheticForm::density ? loss.background * theta * theta - sum
                                             : -std::log(loss.background + sum);
}

double slope(const SyntheticLoss& loss, double theta) {
  const Sum sum = sum_of(loss, theta);
  return loss.form == SyntheticForm::density ? 2 * loss.background * theta - sum.slope
                                             : -sum.slope / (loss.background + sum.value);
}

double curvature(const SyntheticLoss& loss, double theta) {
  const Sum sum = sum_of(loss, theta);
  if (loss.form == SyntheticForm::density) return 2 * loss.background - sum.curvature;
  const double whole = loss.background + sum.value;
  return (sum.slope * sum.slope / whole - sum.curvature) / whole;
}

SteadyState steady_state(const SyntheticLoss& loss, double temperature) {
  return {synthetic_landscape(loss), temperature, synthetic_breaks(loss)};
}

}  // namespace

SyntheticLoss paper_synthetic_loss(std::string_view figure, SyntheticForm form) {
  SyntheticLoss loss;
  loss.form = form;
  if (figure == "4L" || figure == "4R") {
    loss.minima = {-1, 1};
    loss.weights = {figure == "4L" ? 0.021 : 0.019, 0.1};
    loss.sigmas = {0.1, 0.5};
    return loss;
  }
  if (figure == "6L") {
    loss.minima = {0};
    loss.weights = {0.1};
    loss.sigmas = {0.1};
    loss.shift = 0.03;
    return loss;
  }
  if (figure == "6R") {
    loss.minima = {-1, 0, 1};
    loss.weights = {0.1, 0.051, 0.3};
    loss.sigmas = {0.1, 0.05, 0.3};
    return loss;
  }
  reject({"figure", std::string(figure), "must be 4L, 4R, 6L or 6R", ""});
}

Landscape synthetic_landscape(const SyntheticLoss& loss) {
  check(loss);
  const auto shared = std::make_shared<const SyntheticLoss>(loss);
  Landscape landscape =
      constant_noise([shared](double theta) { return train(*shared, theta); },
                     [shared](double theta) { return slope(*shared, theta); },
                     [shared](double theta) { return curvature(*shared, theta); });
  if (constant(loss)) return landscape;
  check_noise(loss);
  landscape.noise = [shared](double theta) { return noise_at(*shared, theta, 0); };
  landscape.noise_slope = [shared](double theta) { return noise_at(*shared, theta, 1); };
  landscape.noise_curvature = [shared](double theta) { return noise_at(*shared, theta, 2); };
  landscape.drift_integral = {};
  return landscape;
}

std::vector<double> synthetic_breaks(const SyntheticLoss& loss) {
  std::vector<double> points{loss.low, loss.high};
  for (std::size_t k = 0; k < loss.minima.size(); ++k) {
    for (const double x : {-8, -5, -3, -1, 1, 3, 5, 8}) {
      const double point = loss.minima[k] + x * loss.sigmas[k];
      if (point > loss.low && point < loss.high) points.push_back(point);
    }
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

SyntheticState synthetic_state(const SyntheticLoss& loss, double temperature) {
  const SteadyState state = steady_state(loss, temperature);
  SyntheticState result;
  result.bounds = state.basin_bounds();
  for (std::size_t k = 0; k + 1 < result.bounds.size(); ++k) {
    result.probabilities.push_back(state.probability(result.bounds[k], result.bounds[k + 1]));
  }
  result.mean = state.mean().value;
  result.variance = state.variance().value;
  result.train_loss = state.average([&loss](double theta) { return train(loss, theta); });
  result.test_loss =
      state.average([&loss](double theta) { return train(loss, theta + loss.shift); });
  const double end =
      std::min(state.effective_potential(loss.low), state.effective_potential(loss.high));
  result.end_density = std::exp(-2 * end / temperature);
  return result;
}

SyntheticLaplace synthetic_laplace(const SyntheticLoss& loss, double temperature) {
  const SteadyState state = steady_state(loss, temperature);
  SyntheticLaplace result;
  result.basins = laplace_basins(state);
  std::vector<TestBasin> tests;
  for (const Basin& basin : result.basins) {
    if (basin.weight.status != Status::ok || basin.minimum.status != Status::ok)
      return {result.basins, {}, 0, Status::undefined};
    // With constant noise the centre is the minimum, and found more sharply.
    const double bias = constant(loss) ? 0 : basin.bias.value;
    const double minimum = basin.centre + bias;
    const double stiffness = curvature(loss, minimum);
    const double depth = train(loss, minimum);
    result.train_loss +=
        basin.weight.value * (depth + stiffness / 2 * (basin.variance.value + bias * bias));
    tests.push_back({basin.weight.value,
                     depth,
                     Eigen::MatrixXd::Constant(1, 1, stiffness),
                     Eigen::VectorXd::Constant(1, -loss.shift),
                     Eigen::VectorXd::Constant(1, bias),
                     Eigen::MatrixXd::Constant(1, 1, basin.variance.value)});
  }
  if (tests.empty()) return {result.basins, {}, 0, Status::undefined};
  result.test = expected_test_loss(tests);
  const double narrowest = *std::ranges::min_element(loss.sigmas);
  if (std::abs(loss.shift) > narrowest / 2) result.status = Status::out_of_range;
  return result;
}

SyntheticCrossings synthetic_crossings(const SyntheticLoss& loss, double highest) {
  require_positive(highest, "highest");
  const auto left = [&](double log_temperature) {
    return synthetic_state(loss, std::exp(log_temperature)).probabilities.front() - 0.5;
  };
  const auto test = [&](double log_temperature) {
    return synthetic_state(loss, std::exp(log_temperature)).test_loss;
  };
  constexpr int kSteps = 60;
  std::vector<double> grid;
  std::vector<SyntheticState> states;
  for (int i = 0; i <= kSteps; ++i) {
    grid.push_back(std::log(highest) + std::log(1e4) * (static_cast<double>(i) / kSteps - 1));
    states.push_back(synthetic_state(loss, std::exp(grid.back())));
  }
  SyntheticCrossings crossings;
  for (std::size_t i = 0; i < kSteps; ++i) {
    const double before = states[i].probabilities.front() - 0.5;
    const double after = states[i + 1].probabilities.front() - 0.5;
    if ((before < 0) == (after < 0)) continue;
    std::uintmax_t iterations = 100;
    const std::pair<double, double> root =
        boost::math::tools::toms748_solve(left,
                                          grid[i],
                                          grid[i + 1],
                                          before,
                                          after,
                                          boost::math::tools::eps_tolerance<double>(34),
                                          iterations);
    crossings.equal_weight = {std::exp((root.first + root.second) / 2), Status::ok};
    break;
  }
  const auto best = std::ranges::min_element(states, {}, &SyntheticState::test_loss);
  const auto index = static_cast<std::size_t>(best - states.begin());
  if (index > 0 && index < kSteps) {
    std::uintmax_t iterations = 100;
    const std::pair<double, double> minimum = boost::math::tools::brent_find_minima(
        test, grid[index - 1], grid[index + 1], 26, iterations);
    crossings.best_temperature = {std::exp(minimum.first), Status::ok};
  }
  return crossings;
}

}  // namespace thermoscape::theory
