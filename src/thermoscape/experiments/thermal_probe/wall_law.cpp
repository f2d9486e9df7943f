#include "thermoscape/experiments/thermal_probe/wall_law.hpp"

#include <cmath>
#include <numbers>

#include "thermoscape/theory/exponential_wall.hpp"
#include "thermoscape/theory/softplus_wall.hpp"

namespace thermoscape {

namespace {

/// Where the loss of a wall has the value ℓ.
double place_of(const ExponentialWallSettings& wall, double loss) {
  return wall.form == "exponential" ? std::log(loss / wall.prefactor) / wall.steepness
                                    : (std::log(std::expm1(loss)) - wall.offset) / wall.steepness;
}

void fill_exponential(const ExponentialWallSettings& settings, WallLaw& law) {
  const theory::Wall wall{
      settings.steepness, settings.prefactor, settings.cutoff, law.temperature, 1};
  const theory::WallStatistics exact = theory::wall_statistics(wall);
  const theory::WallLimit limit = theory::wall_limit(wall);
  law.mean = exact.mean;
  law.variance = exact.variance;
  law.curvature = exact.curvature;
  law.entropy = exact.entropy;
  law.mean_limit = limit.mean;
  law.variance_limit = limit.variance;
  law.curvature_limit = limit.curvature;
  law.entropy_limit = limit.entropy;
  law.density = [wall](double theta) { return theory::wall_density(wall, theta); };
}

void fill_softplus(const ExponentialWallSettings& settings, WallLaw& law) {
  const theory::SoftplusWall wall{
      settings.steepness, settings.offset, settings.cutoff, law.temperature, 1};
  const theory::SoftplusStatistics exact = theory::softplus_statistics(wall);
  const theory::SoftplusLimit limit = theory::softplus_limit(wall);
  law.mean = exact.mean;
  law.variance = exact.variance;
  law.curvature = exact.curvature;
  law.entropy = exact.entropy;
  law.mean_limit = limit.mean;
  law.variance_limit = limit.variance;
  law.curvature_limit = limit.curvature;
  law.density =
      [settings, log_partition = exact.log_partition, temperature = law.temperature](double theta) {
        if (theta < -settings.cutoff) return 0.0;
        return std::exp(-settings.at(0, theta).loss / temperature - log_partition);
      };
}

/// The share of a Gaussian of variance v below x, x measured from its centre.
double gaussian_below(double x, double variance) {
  return 0.5 * std::erfc(-x / std::sqrt(2 * variance));
}

/// Total variation and Kullback-Leibler distance of p_Q, by the trapezoidal rule on the support of
/// p; what p_Q has outside counts in full.
void compare_quadratic(WallLaw& law) {
  constexpr int kSteps = 40000;
  const double low = -law.cutoff;
  const double width = (law.top - low) / kSteps;
  double distance = gaussian_below(low - law.quadratic_centre, law.quadratic_variance) +
                    gaussian_below(law.quadratic_centre - law.top, law.quadratic_variance);
  double divergence = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double theta = low + width * i;
    const double weight = i == 0 || i == kSteps ? 0.5 * width : width;
    const double p = law.density(theta);
    const double q = law.quadratic_density(theta);
    distance += weight * std::abs(p - q);
    if (p > 0) {
      const double from_centre = theta - law.quadratic_centre;
      const double log_q = -from_centre * from_centre / (2 * law.quadratic_variance) -
                           0.5 * std::log(2 * std::numbers::pi * law.quadratic_variance);
      divergence += weight * p * (std::log(p) - log_q);
    }
  }
  law.total_variation = 0.5 * distance;
  law.divergence = divergence;
}

}  // namespace

double WallLaw::quadratic_density(double theta) const {
  const double from_centre = theta - quadratic_centre;
  return std::exp(-from_centre * from_centre / (2 * quadratic_variance)) /
         std::sqrt(2 * std::numbers::pi * quadratic_variance);
}

WallLaw wall_law(const ExponentialWallSettings& settings, double temperature) {
  WallLaw law;
  law.temperature = temperature;
  law.cutoff = settings.cutoff;
  if (settings.form == "exponential") {
    fill_exponential(settings, law);
  } else {
    fill_softplus(settings, law);
  }
  law.top = place_of(settings, 40 * temperature);
  const double at_mean = place_of(settings, law.mean);
  const LocalLoss expansion = settings.at(0, at_mean);
  law.quadratic_centre = at_mean - expansion.slope / expansion.curvature;
  law.quadratic_variance = temperature / expansion.curvature;
  compare_quadratic(law);
  return law;
}

}  // namespace thermoscape
