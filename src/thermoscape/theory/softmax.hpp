#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape::theory {

/// The cross-entropy of one example as a function of its logits z [C], C >= 1: L = ln Σ e^{z_k} -
/// z_y. All throw Error for a label out of [0, C), shapes that differ or a number that is not
/// finite. Reference: local-geometry, Eqs. 1-2, 6-7; variance-flatness, S1-S5.

/// p_k = e^{z_k}/Σ e^{z_l} [C]; no overflow.
[[nodiscard]] Vector softmax(const Vector& logits);
/// L [nats].
[[nodiscard]] double cross_entropy(const Vector& logits, std::int64_t label);
/// ∂L/∂z = p - y [C] (print has the opposite sign).
[[nodiscard]] Vector logit_gradient(const Vector& logits, std::int64_t label);
/// ∂²L/∂z² = diag p - ppᵀ [C, C], for any label.
[[nodiscard]] Matrix logit_hessian(const Vector& logits);

/// The loss through the margin to the runner-up m = argmax_{n≠y} z_n; exact.
///   ΔY = z_y - z_m,  a = Σ_{n≠y} e^{z_n-z_m} in [1, C-1],  ℓ = ln(1 + a e^{-ΔY})
/// Needs C >= 2.
struct MarginLoss {
  double amplitude = 0;  ///< a
  double margin = 0;     ///< ΔY
  double loss = 0;       ///< ℓ
};
[[nodiscard]] MarginLoss margin_loss(const Vector& logits, std::int64_t label);

/// Diagonal of the Fisher matrix of the linear classifier z = Wx, W: [C, d], over inputs X: [n, d]:
///   model  ⟨p_k(1-p_k) x_j²⟩ (labels drawn from the model: the Fisher matrix proper)
///   data   ⟨(p_k-y_k)² x_j²⟩ (labels of the data, the "empirical" one)
/// each [C, d].
struct FisherDiagonal {
  Matrix model;
  Matrix data;
};
[[nodiscard]] FisherDiagonal fisher_diagonal(const Matrix& weights,
                                             const Matrix& inputs,
                                             const std::vector<std::int64_t>& labels);

}  // namespace thermoscape::theory
