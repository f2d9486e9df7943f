#pragma once
#include <vector>

#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The loss along the first principal direction of SGD, where margins still grow: each example is
/// exponential, L(t) = Σ_k ℓ_k e^{-b_k t}, and to second order
///   ln L/L0 = -β t + β2 t²
/// slope     β = Σ ℓ_k b_k/Σ ℓ_k, the loss-weighted mean of b [1/θ]
/// curvature M = 2β2, the loss-weighted variance of b [1/θ²]: β2 is half of it
/// width     of {L <= e L0} of that parabola, √(β² + 4β2)/β2 [θ]; undefined for β2 = 0
/// The sign of t is a convention; S5's is kept.
/// Throws Error unless ℓ_k > 0 and b_k are finite lists of one length.  Reference:
/// variance-flatness, S4-S5.
struct DriftMode {
  double slope = 0;
  double half_curvature = 0;  ///< β2
  Value width;
};
[[nodiscard]] DriftMode drift_mode(const std::vector<double>& losses,
                                   const std::vector<double>& decay_rates);

}  // namespace thermoscape::theory
