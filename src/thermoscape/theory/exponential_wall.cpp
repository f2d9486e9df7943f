#include "thermoscape/theory/exponential_wall.hpp"

#include <cmath>

#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/truncated_wall.hpp"

namespace thermoscape::theory {

double log_boltzmann(const Wall& wall) {
  validate(wall, "exponential-wall");
  return std::log(wall.prefactor) - std::log(wall.temperature) - wall.steepness * wall.cutoff;
}

double wall_width(const Wall& wall) {
  return -log_boltzmann(wall) - boost::math::constants::euler<double>();
}

WallStatistics wall_statistics(const Wall& wall) {
  const double log_u = log_boltzmann(wall);
  const double u = std::exp(log_u);
  const double t = wall.temperature;
  double scaled = 0;    // e^u E1(u)
  double mean = 0;      // ⟨ℓ⟩/T
  double variance = 0;  // σ²/T²
  if (log_u < 3) {
    scaled = scaled_exponential_integral(log_u);
    mean = 1 / scaled;
    variance = (1 + u) / scaled - mean * mean;
  } else {
    const WallMoments m = wall_moments(u, [](double x) { return 1 / x; });
    scaled = m.zero;
    const double excess = m.one / m.zero;  // ⟨ℓ⟩/T - u
    mean = u + excess;
    variance = m.two / m.zero - excess * excess;
  }
  WallStatistics s;
  s.log_partition = std::log(scaled) - u - std::log(wall.steepness * wall.resolution);
  s.mean = t * mean;
  s.variance = t * t * variance;
  s.second_moment = t * t * (variance + mean * mean);
  s.curvature = wall.steepness * wall.steepness * s.mean;
  // ln Z + ⟨ℓ⟩/T with the two terms in u, equal and large, taken together.
  s.entropy = std::log(scaled) + (mean - u) - std::log(wall.steepness * wall.resolution);
  s.heat_capacity = variance;
  s.shape = mean * mean / variance;
  s.rate_times_temperature = mean / variance;
  return s;
}

double wall_moment(const Wall& wall, double order) {
  check_range(order, Range{0, 170}, "", "order");
  const double log_u = log_boltzmann(wall);
  if (order == 0) return 1;
  const double u = std::exp(log_u);
  const double scale = std::pow(wall.temperature, order) / scaled_exponential_integral(log_u);
  if (order == std::floor(order)) {
    // e^u Γ(n, u) = (n-1)! Σ_{k<n} u^k/k!, by Horner.
    double sum = 1;
    for (double k = order - 1; k >= 1; --k) sum = 1 + sum * u / k;
    return scale * std::tgamma(order) * sum;
  }
  return scale * std::exp(u) * boost::math::tgamma(order, u);
}

WallLimit wall_limit(const Wall& wall) {
  const double lambda = wall_width(wall);
  const bool valid = log_boltzmann(wall) <= std::log(0.01) && lambda > 1;
  const double t = wall.temperature;
  const double length = wall.steepness * wall.resolution;
  const double depth = wall.steepness * wall.cutoff;
  const double shift =
      (std::log(t / wall.prefactor) - boost::math::constants::euler<double>()) / depth;
  WallLimit limit;
  limit.partition = value_within(lambda / length, valid);
  limit.mean = value_within(t / lambda, valid);
  limit.variance = value_within(t * t * (lambda - 1) / (lambda * lambda), valid);
  limit.second_moment = value_within(t * t / lambda, valid);
  limit.curvature = value_within(wall.steepness * wall.steepness * t / lambda, valid);
  limit.entropy = value_within(std::log(lambda / length) + 1 / lambda, valid);
  limit.entropy_expanded = value_within(std::log(wall.cutoff / wall.resolution) + shift + 1 / depth,
                                        valid && std::abs(shift) < 0.1);
  limit.shape = value_within(1 / (lambda - 1), valid);
  limit.rate_times_temperature = value_within(lambda / (lambda - 1), valid);
  return limit;
}

ManyWalls many_walls(const Wall& wall, double walls, double examples) {
  require_positive(walls, "walls");
  require_positive(examples, "examples");
  Wall each = wall;
  each.temperature *= examples;
  const WallStatistics s = wall_statistics(each);
  return {walls * s.mean / examples,
          std::sqrt(walls * s.variance) / examples,
          walls * s.mean * s.mean / s.second_moment,
          walls * s.shape,
          s.rate_times_temperature};
}

double wall_density(const Wall& wall, double theta) {
  const double log_u = log_boltzmann(wall);
  if (!(theta >= -wall.cutoff)) return 0;
  const double u = std::exp(log_u);
  const double x = std::exp(log_u + wall.steepness * (theta + wall.cutoff));  // ℓ(θ)/T
  return wall.steepness * std::exp(u - x) / scaled_exponential_integral(log_u);
}

QuadraticExpansion wall_quadratic_expansion(const Wall& wall) {
  const double mean = wall_statistics(wall).mean;
  const double a = wall.steepness;
  return {(std::log(mean / wall.prefactor) - 1) / a, wall.temperature / (a * a * mean)};
}

}  // namespace thermoscape::theory
