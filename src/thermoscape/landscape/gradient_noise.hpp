#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/landscape/loss_line.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// How batches of S examples are drawn out of D: what turns the covariance of single gradients into
/// that of a batch.
struct BatchDraw {
  std::int64_t examples = 1;  ///< D
  std::int64_t size = 1;      ///< S, 1 <= S <= D
  bool replacement = false;

  /// var(batch mean) / var(one example), the latter divided by D:  1/S with replacement,
  /// (1/S)(D-S)/(D-1) without. Throws Error unless 1 <= S <= D.
  [[nodiscard]] double factor() const;
};

/// First and second moment of the slopes of the examples along a direction, exact over all of them.
struct SlopeMoments {
  double loss = 0;      ///< mean ℓ
  double mean = 0;      ///< ∂L/∂δ
  double variance = 0;  ///< (1/D) Σ (∂ℓ_e/∂δ - ∂L/∂δ)²

  /// ⟨|∂δ L^μ|²⟩ over batches.
  [[nodiscard]] double batch_square(const BatchDraw& draw) const {
    return mean * mean + draw.factor() * variance;
  }
};
/// At θ0 + δ p. Cost: one pass over the layers that move, twice (loss_line.hpp).
template <class Real>
[[nodiscard]] SlopeMoments slope_moments(LossLine<Real>& line,
                                         std::span<const Real> direction,
                                         double delta);

/// The active temperature along a direction, T_i(δ) = (α/2) ⟨|∂δ L^μ|²⟩_μ [loss], α the learning
/// rate. `noise` leaves the mean force out: with it the Einstein relation var θ = T/k holds at a
/// minimum.
/// Reference: variance-flatness, Eq. 17.
struct ActiveTemperature {
  double temperature = 0;
  double noise = 0;
};
[[nodiscard]] ActiveTemperature active_temperature(const SlopeMoments& moments,
                                                   double learning_rate,
                                                   const BatchDraw& draw);

/// The noise of the gradients of single examples at θ, g_e = ∇ℓ_e without the penalty, over the
/// parameters first ... first + count - 1 (a layer, or all).
struct GradientNoise {
  std::vector<double> mean;  ///< ḡ [count]
  double mean_square = 0;    ///< |ḡ|²
  double trace = 0;          ///< tr Σ, Σ = (1/D) Σ g_e g_eᵀ - ḡ ḡᵀ
  /// tr Σ / |ḡ|²: the batch size at which noise and signal are equal [examples]. Infinite at a
  /// minimum.
  [[nodiscard]] double scale() const { return trace / mean_square; }
};
/// In blocks of examples, at most 2^20 numbers at a time: never D x P. Cost: one forward and
/// backward pass.  Reference: McCandlish et al., arXiv:1812.06162, section 2.2.
template <class Real>
[[nodiscard]] GradientNoise gradient_noise(Objective<Real>& objective,
                                           std::span<const Real> theta,
                                           std::int64_t first,
                                           std::int64_t count);

}  // namespace thermoscape
