#pragma once
#include <span>

namespace thermoscape {

/// Optimiser updates of all parameters in one pass, compiled for each instruction set and chosen at
/// run time. θ, gradient and memories are [P]; each element is updated on its own, so the result
/// does not depend on P or alignment. `Real` is float or double. Cost: bound by memory for sgd and
/// momentum, by √ and / for adam.

/// θ <- θ - η (g + λ θ)
template <class Real>
struct SgdUpdate {
  Real learning_rate;  ///< η
  Real weight_decay;   ///< λ

  void operator()(std::span<const Real> gradient, std::span<Real> theta) const;
};

/// d = g + λ θ;  v <- β v + d;  θ <- θ - η v, or θ - η (d + β v) with Nesterov's look ahead.
template <class Real>
struct MomentumUpdate {
  Real learning_rate;  ///< η
  Real momentum;       ///< β
  Real weight_decay;   ///< λ
  bool nesterov;

  void operator()(std::span<const Real> gradient,
                  std::span<Real> theta,
                  std::span<Real> velocity) const;
};

/// d = g + λ θ;  m <- β1 m + (1 - β1) d;  v <- β2 v + (1 - β2) d²;  θ <- θ - a m / (√v / c + ε)
template <class Real>
struct AdamUpdate {
  Real beta1;
  Real beta2;
  Real one_minus_beta1;  ///< from double: 1 - β would lose digits in float
  Real one_minus_beta2;
  Real weight_decay;  ///< λ
  Real rate;          ///< a = η / (1 - β1^t)
  Real inverse_root;  ///< 1 / c, c = √(1 - β2^t)
  Real epsilon;       ///< ε

  void operator()(std::span<const Real> gradient,
                  std::span<Real> theta,
                  std::span<Real> first_moment,
                  std::span<Real> second_moment) const;
};

}  // namespace thermoscape
