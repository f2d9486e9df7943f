#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// Logits z_k^μ and their gradients J_k^μ = ∂z_k^μ/∂θ at one θ, over the examples of a batch.
struct LogitGeometry {
  /// Mean cosines between logit gradients over all pairs of different examples: of one logit k with
  /// both examples of class k (q_SLSC; classes without a pair are left out), of one logit (q_SL),
  /// of two logits (q_DL). Errors by the exact jackknife over examples; too_short where a class has
  /// just two, undefined where a gradient vanishes.
  Estimate same_logit_same_class;
  Estimate same_logit;
  Estimate different_logits;
  /// σ_c²/σ_E² of the random model with that q_SL: q/(1 - q).
  Estimate signal_to_noise;
  Estimate gradient_length_squared;  ///< ⟨|J_k^μ|²⟩ over examples and logits [1/θ²]
  Estimate logit_variance;  ///< variance across the C logits of an example (over C - 1), averaged
  Estimate probability_entropy;  ///< -Σ p log2 p, averaged [bit]
  Estimate accuracy;             ///< share of argmax z = y
  Matrix probabilities;          ///< [C, n]
  Matrix mean_logit_hessian;     ///< P = (1/n) Σ (diag p - ppᵀ) [C, C]
  Matrix
      shared_gram;  ///< c_k·c_l, c_k the mean of J_k over the examples of class k, 0 without [C, C]
  std::int64_t examples = 0;
  std::int64_t classes_present = 0;     ///< with an example
  std::int64_t classes_with_pairs = 0;  ///< with two: over which q_SLSC is the mean

  /// Largest eigenvalue of P, largest |c_k|², and of c P cᵀ: what the top of the Hessian is made
  /// of.
  [[nodiscard]] double top_logit_curvature() const;
  [[nodiscard]] double shared_length_squared() const;  ///< mean |c_k|² of the classes present
  [[nodiscard]] double top_shared_curvature() const;
};

/// Exact over all n² C² pairs by sums of unit vectors: gradients are made one example at a time, so
/// the memory is (5C + 2) P numbers beside the objective's own, whatever n, where a table of all
/// gradients would take n C P. The jackknife needs u·S for every unit vector u and sum S: products
/// with J, no gradient is made twice.
/// labels: of all examples of the objective, in [0, C).  Throws Error unless the objective has
/// C >= 2 logits, labels fit, and there are two examples or more.
/// Cost: n C pullbacks through one example, (2C + 1) products with J over the batch.
/// Oracle: theory/logit_clustering.hpp on the full table.  Reference: local-geometry, Eqs. 11-15.
[[nodiscard]] LogitGeometry logit_geometry(Objective<double>& objective,
                                           std::span<const double> theta,
                                           std::span<const std::int32_t> labels,
                                           const Batch& batch = {});

/// What logit_geometry() refuses, alone.
void check_logit_geometry(const Objective<double>& objective,
                          std::span<const std::int32_t> labels,
                          const Batch& batch = {});

}  // namespace thermoscape
