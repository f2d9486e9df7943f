#pragma once
#include <span>
#include <vector>

#include "thermoscape/theory/temperature_map.hpp"

namespace thermoscape::theory {

/// The mean square displacement of SGD with momentum over a whole spectrum, against time:
///   E|θ_t-θ_0|² = Σ_l 2 var θ_l [1 - e^{-γt}(C_l + γZ_l)]   (underdamped_displacement, mode by
///   mode)
/// and its logarithmic slope c = d ln E / d ln t. `sgd` gives η, β and S; curvature h_l > 0 (weight
/// decay included) and gradient variance Σ_l >= 0 come in lists of equal length, times t >= 0
/// ascending. Relative error of the displacement below 1e-14; of the slope as well, until it has
/// fallen to 1e-16. Vector instructions, one thread: a few nanoseconds a mode and time, nothing for
/// modes that have relaxed. Throws Error for an input out of range or times out of order.
/// Reference: limiting-dynamics, Eq. 13 with the sum over steps as the integral it stands for.
struct DisplacementCurve {
  std::vector<double> displacement;  ///< [times] [θ]²
  std::vector<double> exponent;      ///< [times]; 2 at t = 0
};
[[nodiscard]] DisplacementCurve displacement_curve(const SgdNoise& sgd,
                                                   std::span<const double> curvatures,
                                                   std::span<const double> gradient_variances,
                                                   std::span<const double> times);

/// The same of the recursion itself, after whole numbers of steps k >= 0, exactly; the slope is the
/// one between neighbouring steps, k (E_{k+1} - E_{k-1})/(2E_k), exact for laws k and k². Throws
/// Error also beyond the limit of stability of any mode. Cost: log k a mode and time, scalar.
[[nodiscard]] DisplacementCurve discrete_displacement_curve(
    const SgdNoise& sgd,
    std::span<const double> curvatures,
    std::span<const double> gradient_variances,
    std::span<const double> steps);

}  // namespace thermoscape::theory
