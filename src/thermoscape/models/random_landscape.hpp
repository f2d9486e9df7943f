#pragma once
#include <cstdint>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/theory/mini_loss_landscape.hpp"

namespace thermoscape {

/// One minibatch of the random landscape: L(θ) = L0 exp[½ (θ-c)ᵀM(θ-c) - ½ cᵀMc], so that L0 is its
/// loss at θ = 0.
struct MiniLoss {
  Matrix curvature;  ///< M [n, n], 1/[θ]²
  Vector centre;     ///< c = θ^μ [n], [θ]
  double loss = 0;   ///< L0^μ, [loss]

  [[nodiscard]] double log_rise(const Vector& theta) const;  ///< ln L(θ)/L0
};

/// Minibatches with the laws of theory/mini_loss_landscape.hpp, all parameters independent and
/// normal, and SGD on them as that theory takes it: each step draws a fresh one and feels its
/// spring,
///   θ <- θ - α L0^μ M^μ (θ - θ^μ)
/// which is the gradient of ln L times the loss at θ = 0. What a recorded trajectory of SGD would
/// show if the theory were all there is. Draws are a function of (noise, chain, step): stream
/// "random_landscape.draw". Throws Error where the theory does.
/// Oracle: overall_curvature, log_mean_loss, mini_loss_steps, stationary_spread, window_variance.
class RandomLandscape {
 public:
  RandomLandscape(const theory::MiniLossEnsemble& ensemble,
                  const theory::MiniLossNoise& sgd,
                  const Noise& noise);

  [[nodiscard]] Eigen::Index modes() const { return ensemble_.mean_curvature.size(); }
  [[nodiscard]] MiniLoss draw(std::uint64_t chain, std::uint64_t step) const;
  /// θ at steps first ... first + steps of a chain that is at `theta` [n] at step `first`,
  /// [steps + 1, n]. Cost: n² normal numbers a step.
  [[nodiscard]] Matrix trajectory(std::uint64_t chain,
                                  std::uint64_t first,
                                  std::int64_t steps,
                                  Vector theta) const;

 private:
  theory::MiniLossEnsemble ensemble_;
  theory::MiniLossNoise sgd_;
  Noise noise_;
};

}  // namespace thermoscape
