#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/status.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// ∇²L at θ [P] on all examples, penalty included, as a symmetric matrix [P, P] [loss / θ²].
/// Exact to rounding: products with the unit vectors, in blocks; the mean with the transpose is
/// returned. Cost: P Hessian products, 8 P² bytes.  Throws Error if θ has the wrong size.
[[nodiscard]] Matrix dense_hessian(Objective<double>& objective, std::span<const double> theta);

/// The Gauss-Newton term G = (1/D) Σ_i J_iᵀ S_i J_i of ∇²L, J_i = ∂z_i/∂θ [C, P] and S_i = ∂²ℓ/∂z²:
/// diag(p) - ppᵀ for cross-entropy, 1 for the squared loss. Without the penalty; rank at most
/// D (C - 1), or D C for the squared loss.
/// Cost: P Jacobian products and 2 P² D C flop.  Throws Error if the objective has no logits.
[[nodiscard]] Matrix gauss_newton(Objective<double>& objective, std::span<const double> theta);

/// The eigenvalues of a symmetric matrix, largest first.
struct Eigenvalues {
  std::vector<double> values;  ///< empty unless ok
  Status status = Status::ok;  ///< diverged: an element is not finite; not_converged: the iteration
};
/// Reads the lower triangle.  Absolute error about P ε max|λ|.  Cost: 4/3 P³ flop.
[[nodiscard]] Eigenvalues symmetric_eigenvalues(const Matrix& symmetric);

}  // namespace thermoscape
