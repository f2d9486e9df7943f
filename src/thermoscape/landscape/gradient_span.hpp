#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The dimensions that a few examples give curvature and noise to, at one point.
struct GradientSpan {
  std::int64_t examples = 0;
  std::int64_t gradients = 0;     ///< of the span of ∇ℓ_i
  std::int64_t covariance = 0;    ///< rank of their covariance
  std::int64_t gauss_newton = 0;  ///< rank of G = Σ Jᵀ(∂²ℓ/∂z²)J; 0 without logits
  std::int64_t hessian = 0;       ///< rank of ∇²L without the penalty
};

/// Over the examples `members` >= 2 at θ [P]; `ridge` is the λ of the objective's penalty. A
/// singular value counts above `tolerance` times the largest. Throws Error for no or a single
/// example, or more than 4000 parameters: ranks are of dense matrices.
/// Cost: a dense Hessian and its eigenvalues, and the pullbacks of n C covectors.
/// Reference: shift-curvature, D.2, where N (C - 1) corrects the rank N of the curvature.
[[nodiscard]] GradientSpan gradient_span(Objective<double>& objective,
                                         std::span<const double> theta,
                                         std::span<const std::int32_t> members,
                                         double ridge,
                                         double tolerance = 1e-9);

}  // namespace thermoscape
