#pragma once
#include <span>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// Gradients of single examples at θ, seen along the columns of Q [P, k].
struct NoiseAlong {
  Matrix along;       ///< g_e·q_i of each example [D, k]
  Matrix covariance;  ///< ΣQ [P, k], Σ = (1/D) Σ g_e g_eᵀ - ḡ ḡᵀ
  double trace = 0;   ///< tr Σ
};
/// Cost: one pass over the gradients of all examples, 4 D P k flop.
[[nodiscard]] NoiseAlong noise_along(Objective<double>& objective,
                                     std::span<const double> theta,
                                     const Matrix& vectors);

/// How far Σ and the Hessian are from commuting on the span of eigenvectors Q of H,
///   |(HΣ - ΣH)Q| / (|HΣQ| + |ΣHQ|)   Frobenius norms,
/// 0 if they commute, as Σ ∝ H asks, 1 at most. `curvatures`: the eigenvalues [k]; `covariance`: ΣQ
/// [P, k]. Cost: k Hessian products.
[[nodiscard]] double noise_commutator(Objective<double>& objective,
                                      std::span<const double> theta,
                                      const Vector& curvatures,
                                      const Matrix& covariance);

}  // namespace thermoscape
