#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

/// Gradient and Hessian of the mean cross-entropy of N examples, given their class probabilities
/// and logit gradients, where the logits curve too little to count (the G-term):
///   g = (1/N) Σ_μ Σ_k (p_k - y_k) J_k,   H = (1/N) Σ_μ Σ_kl J_k p_k(δ_kl - p_l) J_lᵀ
/// probabilities: [C, N], a column an example;  jacobian: [D, C N], column μC + k = J_k^μ [1/θ].
/// All throw Error for shapes that differ.  Reference: local-geometry, Eqs. 8-10, 16; the printed
/// Eqs. 6 and 8 have the opposite sign.

/// Columns softmax(z^μ) of logits [C, N].
[[nodiscard]] Matrix class_probabilities(const Matrix& logits);

/// A [D, C N] with H = A Aᵀ: columns √(p_k/N) (J_k - Σ_l p_l J_l). Cost D C N.
[[nodiscard]] Matrix hessian_factor(const Matrix& probabilities, const Matrix& jacobian);

/// H [D, D], both triangles. Cost D² C N, the columns of the factor that carry less than 1e-15 of
/// the trace left out (with frozen probabilities, most of them).
[[nodiscard]] Matrix softmax_hessian(const Matrix& probabilities, const Matrix& jacobian);

/// g [D]; labels [N] in [0, C).
[[nodiscard]] Vector softmax_gradient(const Matrix& probabilities,
                                      const Matrix& jacobian,
                                      const std::vector<std::int64_t>& labels);

/// P = (1/N) Σ_μ (diag p - ppᵀ) [C, C]; P·1 = 0, so its rank is at most C - 1.
[[nodiscard]] Matrix mean_logit_hessian(const Matrix& probabilities);

/// H of J = c + E without the cross terms, c P cᵀ + (1/N) Σ E(diag p - ppᵀ)Eᵀ (Eq. 16); shared c:
/// [D, C], residuals E as a jacobian.
[[nodiscard]] Matrix separated_hessian(const Matrix& probabilities,
                                       const Matrix& shared,
                                       const Matrix& residuals);

}  // namespace thermoscape
