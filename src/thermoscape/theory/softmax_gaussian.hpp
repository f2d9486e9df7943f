#pragma once
#include <tuple>

#include "thermoscape/core/field.hpp"

namespace thermoscape::theory {

/// Class probabilities p = softmax(z) of independent normal logits z_k ~ N(0, σ_z²), C classes: hot
/// (p = 1/C) at σ_z -> 0, frozen at a corner of the simplex for large σ_z.
struct RandomLogits {
  double logit_deviation = 15;
  double classes = 10;

  static constexpr auto fields() {
    using S = RandomLogits;
    return std::tuple{
        field("logit_deviation",
              &S::logit_deviation,
              "1",
              "standard deviation of the logits",
              Range{0, 1e6}),
        field("classes", &S::classes, "1", "number of classes, a whole number", Range{2, 1e6})};
  }
};

/// Averages over the logits, by Laplace representation, so that the C logits separate. With φ(u) =
/// E e^{-e^{z-u}} and y = z - u,
///   E Σp²        = C ∫ du E[e^{2y-e^y}] φ^{C-1}
///   E S          = C ∫ du E[e^{y-e^y}(-γ_E-y)] φ^{C-1},  S = -Σ p ln p
///   E p_max      = C ∫ dz N(z) ∫_0^∞ ds e^{-s} Q(z,s)^{C-1},  Q = ∫_{-∞}^z dz' N(z')
///                  exp(-s e^{z'-z})
/// Trapezoid sums of analytic integrands: relative accuracy 1e-10.  Throws Error for an input out
/// of range.  Reference: local-geometry, section 3.3; the averages are not in the paper.
struct SoftmaxAverages {
  double mean_square_probability = 0;
  double max_probability = 0;
  double probability_entropy = 0;

  static constexpr auto fields() {
    using S = SoftmaxAverages;
    return std::tuple{
        field("mean_square_probability",
              &S::mean_square_probability,
              "1",
              "mean sum of the squares of the class probabilities"),
        field("max_probability", &S::max_probability, "1", "mean of the largest class probability"),
        field("probability_entropy",
              &S::probability_entropy,
              "bit",
              "mean entropy of the class probabilities")};
  }
};
[[nodiscard]] SoftmaxAverages softmax_averages(const RandomLogits& logits);

/// E[1 - Σp²] alone, the mean of tr(diag p - ppᵀ): without cancellation where the logits are
/// frozen.
[[nodiscard]] double mean_logit_curvature(const RandomLogits& logits);

}  // namespace thermoscape::theory
