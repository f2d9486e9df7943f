#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/landscape/loss_line.hpp"

namespace thermoscape {

/// One minibatch μ along a direction: ln L^μ(δ) = ln L^μ(0) + slope δ + ½ curvature δ² round its
/// own minimum at -slope/curvature.
struct MiniProfile {
  double loss = 0;       ///< L^μ(0)
  double slope = 0;      ///< ∂ ln L^μ at δ = 0, from the parabola, 1/[θ]
  double curvature = 0;  ///< M^μ, 1/[θ]²
  bool bounded = false;  ///< the parabola opens upwards and was fitted to enough points
  [[nodiscard]] double centre() const { return -slope / curvature; }
};

/// What the minibatches of an ensemble say of one direction. Means over the bounded ones, errors of
/// their spread.
struct MiniLossMode {
  std::vector<MiniProfile> batches;
  std::int64_t bounded = 0;
  double mean_curvature = 0;       ///< M0 = ⟨M⟩
  double curvature_deviation = 0;  ///< σ_M
  double centre_variance = 0;  ///< σ̃² = ⟨θ̃²⟩ over batches with M > 0.3 M0: ⟨M^-2⟩ of all diverges
  double force_variance = 0;    ///< var(M θ̃) = var(∂ ln L^μ) at δ = 0
  double mean_force = 0;        ///< ⟨∂ ln L^μ⟩
  double mean_square_loss = 0;  ///< ⟨L0²⟩
  /// M of ln⟨L^μ⟩ = M0 + var(Mθ̃), if L0^μ were independent of the rest; flatness √(8/M).
  [[nodiscard]] double predicted_curvature() const { return mean_curvature + force_variance; }
  /// Mean square of the steps of SGD, α² ⟨L0²⟩ ⟨(Mθ̃)²⟩, under the same assumption.
  [[nodiscard]] double predicted_step_square(double learning_rate) const {
    return learning_rate * learning_rate * mean_square_loss *
           (force_variance + mean_force * mean_force);
  }
};

/// Profiles of the minibatches `batches` [count, size] (indices of examples) along a direction: the
/// losses of all examples at `points` displacements over -reach ... reach, averaged over each
/// batch, and a parabola in ln L^μ through the points no higher than e times its lowest. Throws
/// Error for points < 5, reach <= 0 or indices that do not fit. Cost: `points` losses of all
/// examples on the line, count · size · points sums. Reference: variance-flatness, section IV.
template <class Real>
[[nodiscard]] MiniLossMode mini_losses(LossLine<Real>& line,
                                       std::span<const Real> direction,
                                       std::span<const std::int32_t> batches,
                                       std::int64_t size,
                                       double reach,
                                       std::int64_t points = 21);

/// ln L^μ at each point for one batch, as drawn in figures.
struct MiniCurve {
  std::vector<double> delta;
  std::vector<double> loss;
};
template <class Real>
[[nodiscard]] std::vector<MiniCurve> mini_curves(LossLine<Real>& line,
                                                 std::span<const Real> direction,
                                                 std::span<const std::int32_t> batches,
                                                 std::int64_t size,
                                                 double reach,
                                                 std::int64_t points = 41);

}  // namespace thermoscape
