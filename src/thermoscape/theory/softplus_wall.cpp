#include "thermoscape/theory/softplus_wall.hpp"

#include <cmath>

#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>

#include "thermoscape/theory/truncated_wall.hpp"

namespace thermoscape::theory {

namespace {

/// 1/(1-e^{-ℓ}) - 1/ℓ: ½ + ℓ/12 - ℓ³/720 + ..., from ½ at 0 to 1 at infinity.
double smooth_part(double loss) {
  if (loss < 0.05) {
    const double square = loss * loss;
    return 0.5 + loss / 12 * (1 - square / 60 * (1 - square / 42 * (1 - square / 40)));
  }
  return -1 / std::expm1(-loss) - 1 / loss;
}

/// ln ℓ_0 of the loss at the cut-off, ℓ_0 = ln(1 + e^z), also where e^z underflows.
double log_softplus(double z) {
  if (z < -30) return z - std::exp(z) / 2;
  return std::log(z > 30 ? z + std::exp(-z) : std::log1p(std::exp(z)));
}

}  // namespace

SoftplusStatistics softplus_statistics(const SoftplusWall& wall) {
  validate(wall, "softplus-wall");
  const double t = wall.temperature;
  const double log_bottom = log_softplus(wall.offset - wall.steepness * wall.cutoff);
  const double log_u = log_bottom - std::log(t);
  const double u = std::exp(log_u);
  double zero = 0;      // e^u aθ_0 Z
  double mean = 0;      // ⟨ℓ⟩/T
  double variance = 0;  // σ²/T²
  if (log_u < 3) {
    const WallMoments rest = wall_moments(u, [t](double x) { return t * smooth_part(t * x); });
    zero = scaled_exponential_integral(log_u) + rest.zero;
    // ∫ x^n e^{-(x-u)} (1/x) dx over x > u is 1 for n = 1 and 1+u for n = 2.
    mean = (1 + rest.one + u * rest.zero) / zero;
    const double second = (1 + u + rest.two + 2 * u * rest.one + u * u * rest.zero) / zero;
    variance = second - mean * mean;
  } else {
    const WallMoments m = wall_moments(u, [t](double x) { return -t / std::expm1(-t * x); });
    zero = m.zero;
    const double excess = m.one / m.zero;
    mean = u + excess;
    variance = m.two / m.zero - excess * excess;
  }
  const double a = wall.steepness;
  const double log_length = std::log(a * wall.resolution);
  SoftplusStatistics s;
  s.log_partition = std::log(zero) - u - log_length;
  s.mean = t * mean;
  s.variance = t * t * variance;
  s.curvature = a * a * std::exp(-std::exp(log_bottom)) / ((1 / t + 1) * zero);
  s.entropy = std::log(zero) + (mean - u) - log_length;
  return s;
}

SoftplusLimit softplus_limit(const SoftplusWall& wall) {
  validate(wall, "softplus-wall");
  const double beta = 1 / wall.temperature;
  const double a = wall.steepness;
  const double depth = a * wall.cutoff - wall.offset;
  const bool valid = beta * std::exp(-depth) <= 0.01;
  const double lambda =
      depth - boost::math::digamma(beta) - boost::math::constants::euler<double>();
  const double mean = boost::math::polygamma(1, beta) / lambda;
  SoftplusLimit limit;
  limit.partition = value_within(lambda / (a * wall.resolution), valid);
  limit.mean = value_within(mean, valid);
  limit.variance = value_within(-boost::math::polygamma(2, beta) / lambda - mean * mean, valid);
  limit.curvature = value_within(a * a / ((beta + 1) * lambda), valid);
  return limit;
}

}  // namespace thermoscape::theory
