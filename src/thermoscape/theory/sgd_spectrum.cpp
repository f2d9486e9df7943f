#include "thermoscape/theory/sgd_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

constexpr const char* kWhere = "sgd-spectrum";

void check(const SgdSpectrum& spectrum) {
  if (spectrum.eigenvalues.empty()) {
    reject({"sgd-spectrum.eigenvalues", "", "must list at least one eigenvalue", ""});
  }
  validate(spectrum, kWhere);
}

void check_stable(const SgdSpectrum& spectrum) {
  check(spectrum);
  const double largest =
      *std::max_element(spectrum.eigenvalues.begin(), spectrum.eigenvalues.end());
  require_stable(
      spectrum.learning_rate, spectrum.momentum, largest + spectrum.weight_decay, kWhere);
}

double whole_steps(double steps) {
  require_non_negative(steps, "sgd-spectrum.steps");
  if (steps != std::floor(steps)) {
    reject({"sgd-spectrum.steps", fmt::format("{}", steps), "must be a whole number", ""});
  }
  return steps;
}

template <class Function>
double sum_over_planes(const SgdSpectrum& spectrum, const Function& function) {
  double sum = 0;
  for (const double rho : spectrum.eigenvalues) sum += function(eigenplane(spectrum, rho));
  return sum;
}

/// `prefactor` times tr Σ, and with the factor R in each plane.
Compared scaled_trace(const SgdSpectrum& spectrum, double prefactor) {
  check_stable(spectrum);
  Compared c;
  for (const double rho : spectrum.eigenvalues) {
    const SgdNoise plane = eigenplane(spectrum, rho);
    c.continuous += prefactor * plane.gradient_variance;
    c.exact += prefactor * plane.gradient_variance * discrete_factor(plane);
  }
  return c;
}

}  // namespace

SgdNoise eigenplane(const SgdSpectrum& spectrum, double eigenvalue) {
  return {spectrum.learning_rate,
          spectrum.momentum,
          spectrum.batch_size,
          spectrum.noise_per_curvature * eigenvalue,
          eigenvalue + spectrum.weight_decay};
}

Compared local_displacement(const SgdSpectrum& spectrum) {
  const double beta = spectrum.momentum;
  const double kappa = spectrum.batch_size * (1 - beta) * (1 + beta);
  return scaled_trace(spectrum, spectrum.learning_rate * spectrum.learning_rate / kappa);
}

Compared equipartition_energy(const SgdSpectrum& spectrum) {
  return scaled_trace(spectrum,
                      spectrum.learning_rate / (4 * spectrum.batch_size * (1 - spectrum.momentum)));
}

double global_displacement(const SgdSpectrum& spectrum, double steps) {
  check(spectrum);
  const double time = spectrum.learning_rate * steps;
  return sum_over_planes(spectrum, [&](const SgdNoise& plane) {
    return underdamped_displacement(plane, time).displacement;
  });
}

double exact_global_displacement(const SgdSpectrum& spectrum, double steps) {
  check_stable(spectrum);
  return sum_over_planes(
      spectrum, [&](const SgdNoise& plane) { return discrete_displacement(plane, steps); });
}

double trapezoid_global_displacement(const SgdSpectrum& spectrum, double steps) {
  check(spectrum);
  const double t = whole_steps(steps);
  const double eta = spectrum.learning_rate;
  return sum_over_planes(spectrum, [&](const SgdNoise& plane) {
    const UnderdampedMode mode = underdamped_mode(plane);
    double weighted = t;
    for (double k = 1; k < t; ++k) {
      weighted +=
          2 * (t - k) * phase_propagator(mode.friction, mode.frequency, eta * k).velocity_velocity;
    }
    return eta * eta * underdamped_stationary(plane).velocity * weighted;
  });
}

std::vector<double> exact_displacement_curve(const SgdSpectrum& spectrum, std::size_t steps) {
  check_stable(spectrum);
  const double beta = spectrum.momentum;
  std::vector<double> curve(steps, 0.0);
  for (const double rho : spectrum.eigenvalues) {
    const SgdNoise plane = eigenplane(spectrum, rho);
    const double e = plane.learning_rate * plane.curvature;
    const double step_square =
        plane.learning_rate * plane.learning_rate * discrete_stationary(plane).velocity;
    // E|Δ_t|² = (step square)(A_t + βA_{t-1}), A_t = Σ_{j<=t} s_j; s is the path after a unit kick.
    double kick = 1;
    double velocity = 1;
    double total = 0;
    for (double& square : curve) {
      square += step_square * (total + kick + beta * total);
      total += kick;
      velocity = beta * velocity - e * kick;
      kick += velocity;
    }
  }
  return curve;
}

Value displacement_exponent(const SgdSpectrum& spectrum, double steps) {
  check(spectrum);
  const double time = spectrum.learning_rate * steps;
  double square = 0;
  double slope = 0;
  for (const double rho : spectrum.eigenvalues) {
    const Displacement d = underdamped_displacement(eigenplane(spectrum, rho), time);
    square += d.displacement;
    slope += d.displacement * d.displacement_exponent.value;
  }
  if (time == 0) return {2, Status::ok};
  return value_within(slope / square, true);
}

double fitted_exponent(const std::vector<double>& curve) {
  if (curve.size() < 2) {
    reject({"fitted_exponent.curve",
            fmt::format("{} values", curve.size()),
            "must hold at least two values",
            ""});
  }
  check_range(curve, kPositive, "", "fitted_exponent.curve");
  const auto n = static_cast<double>(curve.size());
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    mean_x += std::log(static_cast<double>(i + 1)) / n;
    mean_y += std::log(curve[i]) / n;
  }
  double xx = 0;
  double xy = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const double x = std::log(static_cast<double>(i + 1)) - mean_x;
    xx += x * x;
    xy += x * (std::log(curve[i]) - mean_y);
  }
  return xy / xx;
}

}  // namespace thermoscape::theory
