#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/objective/hessian_term.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// Over which examples an operator averages, and how many of them it takes at a time.
struct OperatorExamples {
  std::vector<std::int32_t> chosen = {};  ///< indices; empty: all
  /// Examples at a time; 0: all, which leaves it to the objective. Means are exact whatever it is,
  /// a ragged last batch included.
  std::int64_t micro_batch = 0;
};

/// ∇²L, its G-term or its H-term (H - G) at θ [P], as an operator on blocks of vectors:
///   G v = (1/n) Σ_i J_iᵀ (∂²ℓ/∂z²) J_i v,   H-term: ∇²L v - G v, the penalty included
/// The objective must outlive the operator and serves it alone (one thread); θ is copied, logits
/// are computed once. Throws Error for θ of the wrong size, and for G or H of an objective without
/// logits. Cost a vector: one Hessian product; one product with J and one with Jᵀ for G; all three
/// for the H-term.  Memory: 8 n C numbers a vector of the block for G.
[[nodiscard]] LinearOperator hessian_operator(Objective<double>& objective,
                                              std::vector<double> theta,
                                              HessianTerm term = HessianTerm::full,
                                              OperatorExamples examples = {});

enum class GradientMoment {
  second_moment,  ///< F = (1/n) Σ g_i g_iᵀ, g_i = ∇ℓ_i: the empirical Fisher matrix
  covariance      ///< Σ = F - ḡ ḡᵀ, ḡ the mean of the g_i
};

/// Second moment or covariance of the gradients of single examples (without the penalty),
/// matrix-free. With `labels` [D] and an objective that has logits, g_i·v = ∂ℓ_i/∂z · J_i v by one
/// product with J and one with Jᵀ; without, by one pass over blocks of per-example gradients for
/// each block of vectors. Throws Error for θ or labels of the wrong size.
[[nodiscard]] LinearOperator gradient_operator(Objective<double>& objective,
                                               std::vector<double> theta,
                                               GradientMoment moment,
                                               std::span<const std::int32_t> labels = {},
                                               OperatorExamples examples = {});

/// The stretches of θ that make a layer: groups whose names agree up to the last dot, or all of θ
/// where the objective has no names.
[[nodiscard]] std::vector<ParameterGroup> layers_of(const Objective<double>& objective);
/// The coordinates of a stretch, for restricted().
[[nodiscard]] std::vector<Eigen::Index> coordinates_of(const ParameterGroup& group);

/// The symmetric matrix of an operator by products with unit vectors, `block` at a time, the mean
/// with its transpose.  Memory: size² numbers.
[[nodiscard]] Matrix dense_matrix(const LinearOperator& a, Eigen::Index block = 32);

}  // namespace thermoscape
