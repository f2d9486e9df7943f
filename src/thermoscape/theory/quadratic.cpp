#include "thermoscape/theory/quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

/// Σ c_i and Σ c_i² of Euler-Maruyama; stable = every ηk < 2.
struct Excess {
  double sum = 0;
  double sum_of_squares = 0;
  bool stable = true;
};

Excess excess(const std::vector<double>& stiffness, double time_step) {
  require_stiffness(stiffness);
  require_non_negative(time_step, "time_step");
  Excess total;
  for (const double k : stiffness) {
    total.stable = total.stable && time_step * k < 2;
    const double c = 1 / (1 - time_step * k / 2);
    total.sum += c;
    total.sum_of_squares += c * c;
  }
  return total;
}

Value if_stable(const Excess& total, double value) {
  return total.stable ? value_within(value, true) : Value{};
}

}  // namespace

QuadraticLoss quadratic_loss(double stiff_directions, double temperature) {
  require_positive(stiff_directions, "stiff_directions");
  require_positive(temperature, "temperature");
  const double shape = stiff_directions / 2;
  return {shape * temperature,
          shape * temperature * temperature,
          std::sqrt(shape) * temperature,
          shape,
          shape,
          1 / temperature};
}

double quadratic_loss_density(double stiff_directions, double temperature, double loss) {
  require_positive(stiff_directions, "stiff_directions");
  require_positive(temperature, "temperature");
  if (loss < 0) return 0;
  // d/dx of the regularised incomplete Gamma function, which stays finite where Γ(α) does not.
  return boost::math::gamma_p_derivative(stiff_directions / 2, loss / temperature) / temperature;
}

double quadratic_correlation(const std::vector<double>& stiffness, double time) {
  require_stiffness(stiffness);
  double sum = 0;
  for (const double k : stiffness) sum += std::exp(-2 * k * std::abs(time));
  return sum / static_cast<double>(stiffness.size());
}

double quadratic_half_time(const std::vector<double>& stiffness) {
  require_stiffness(stiffness);
  const auto [softest, stiffest] = std::minmax_element(stiffness.begin(), stiffness.end());
  const double low = std::log(2.0) / (2 * *stiffest);
  const double high = std::log(2.0) / (2 * *softest);
  const auto above_half = [&](double t) { return quadratic_correlation(stiffness, t) - 0.5; };
  // With equal stiffnesses the bracket is a point, and rounding may leave no change of sign.
  if (above_half(low) <= 0) return low;
  if (above_half(high) >= 0) return high;
  std::uintmax_t iterations = 200;
  const auto [left, right] = boost::math::tools::toms748_solve(
      above_half, low, high, boost::math::tools::eps_tolerance<double>(50), iterations);
  return (left + right) / 2;
}

double quadratic_entropy(const std::vector<double>& stiffness,
                         double temperature,
                         double resolution) {
  require_stiffness(stiffness);
  require_positive(temperature, "temperature");
  require_positive(resolution, "resolution");
  double sum = 0;
  for (const double k : stiffness) {
    sum += 0.5 * std::log(2 * boost::math::constants::pi<double>() * temperature / k) + 0.5 -
           std::log(resolution);
  }
  return sum;
}

EulerMaruyamaLoss euler_maruyama_loss(const std::vector<double>& stiffness,
                                      double time_step,
                                      double temperature) {
  require_positive(temperature, "temperature");
  const Excess c = excess(stiffness, time_step);
  return {if_stable(c, temperature / 2 * c.sum),
          if_stable(c, temperature * temperature / 2 * c.sum_of_squares),
          if_stable(c, c.sum * c.sum / (2 * c.sum_of_squares)),
          if_stable(c, c.sum / c.sum_of_squares)};
}

Value euler_maruyama_variance(double stiffness, double time_step, double temperature) {
  require_positive(temperature, "temperature");
  const Excess c = excess({stiffness}, time_step);
  return if_stable(c, c.sum * temperature / stiffness);
}

Value euler_maruyama_correlation(const std::vector<double>& stiffness,
                                 double time_step,
                                 double time) {
  require_positive(time_step, "time_step");
  const Excess c = excess(stiffness, time_step);
  double sum = 0;
  for (const double k : stiffness) {
    const double share = 1 / (1 - time_step * k / 2);
    // The power is even for a whole number of steps, so a negative 1-ηk enters by its modulus.
    const double factor = std::pow(std::abs(1 - time_step * k), 2 * std::abs(time) / time_step);
    sum += share * share * factor;
  }
  return if_stable(c, sum / c.sum_of_squares);
}

Value euler_maruyama_half_time(const std::vector<double>& stiffness, double time_step) {
  const auto at = [&](double lag) {
    return euler_maruyama_correlation(stiffness, time_step, lag * time_step);
  };
  if (at(0).status != Status::ok) return {};
  // χ falls from lag to lag: double the lag until it is below ½, then halve the bracket.
  double high = 1;
  while (at(high).value > 0.5) {
    high *= 2;
    if (high > 1e15) return {std::numeric_limits<double>::quiet_NaN(), Status::not_converged};
  }
  double low = std::floor(high / 2);
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (at(middle).value > 0.5 ? low : high) = middle;
  }
  const double above = at(low).value;
  const double below = at(high).value;
  return value_within(time_step * (low + (above - 0.5) / (above - below) * (high - low)), true);
}

double free_diffusion_square(double directions, double temperature, double time) {
  require_positive(directions, "directions");
  require_non_negative(temperature, "temperature");
  require_non_negative(time, "time");
  return 2 * directions * temperature * time;
}

double power_law_deviation(double amplitude, double exponent, double temperature) {
  require_positive(amplitude, "amplitude");
  require_positive(exponent, "exponent");
  require_positive(temperature, "temperature");
  return std::sqrt(exponent * amplitude * std::pow(temperature, exponent + 1));
}

}  // namespace thermoscape::theory
