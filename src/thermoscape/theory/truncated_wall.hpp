#pragma once
#include <cmath>

#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/special_functions/expint.hpp>

namespace thermoscape::theory {

/// M_n = ∫_0^∞ y^n e^{-y} w(u + y) dy for n = 0, 1, 2: what the thermal averages of a wall cut off
/// at ℓ = uT need, since θ as a function of x = ℓ/T has the Jacobian w(x) dx/a.
struct WallMoments {
  double zero = 0;
  double one = 0;
  double two = 0;
};

/// By quadrature; exact to 1e-14 for smooth w, that is for u not small when w has a pole at 0.
template <class Weight>
[[nodiscard]] WallMoments wall_moments(double u, const Weight& weight) {
  boost::math::quadrature::exp_sinh<double> quadrature;
  const auto moment = [&](int n) {
    return quadrature.integrate(
        [&](double y) {
          // Beyond this the factor e^{-y} is below the smallest double.
          if (y > 750) return 0.0;
          return (n == 0 ? 1.0 : n == 1 ? y : y * y) * std::exp(-y) * weight(u + y);
        },
        1e-13);
  };
  return {moment(0), moment(1), moment(2)};
}

/// e^u E1(u) from ln u, for any u > 0: the logarithm where u underflows, the continued fraction's
/// limit where E1 does.
[[nodiscard]] inline double scaled_exponential_integral(double log_u) {
  const double u = std::exp(log_u);
  if (log_u < -18) {
    // E1(u) = -ln u - γ + u - u²/4 + ...; u² is below the last place of the sum.
    return (1 + u) * (-log_u - boost::math::constants::euler<double>() + u);
  }
  if (log_u < 4) return std::exp(u) * boost::math::expint(1, u);
  return wall_moments(u, [](double x) { return 1 / x; }).zero;
}

}  // namespace thermoscape::theory
