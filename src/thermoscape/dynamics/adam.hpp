#pragma once
#include <cmath>

#include "thermoscape/core/update.hpp"
#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// Adam with bias correction, ε outside the root and weight decay inside the gradient, as PyTorch.
///   d = ∇L_B + λ θ;   m' = β1 m + (1 - β1) d;   v' = β2 v + (1 - β2) d²
///   θ' = θ - η (m' / (1 - β1^t)) / (√(v' / (1 - β2^t)) + ε),   t = 1, 2, ... counts steps
/// θ, m, v: [P], m_0 = v_0 = 0, slots "first_moment", "second_moment";  learning_rate η > 0 [θ];
/// beta1, beta2 in [0, 1);  epsilon ε > 0 [loss]/[θ];  weight_decay λ >= 0 [loss]/[θ]².
/// Time advances by η.  Cost: 1 gradient per step.  Draws no noise; no weak order is declared.
/// Throws Error if a parameter is out of range; a non-finite loss ends with Status::diverged.
/// Oracle: the recursion written out per element.  Reference: kingma-2015, Algorithm 1.
struct Adam {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;

  static constexpr std::string_view kName = "adam";
  static constexpr std::string_view kCite = "kingma-2015";
  static constexpr bool kUsesGradient = true;
  static constexpr int kOrder = 0;
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &Adam::learning_rate, "[θ]", "learning rate η", kPositive),
        field("beta1", &Adam::beta1, "1", "memory of the gradient β1", kBelowOne),
        field("beta2", &Adam::beta2, "1", "memory of the squared gradient β2", kBelowOne),
        field("epsilon", &Adam::epsilon, "[loss]/[θ]", "floor of the scale ε", kPositive),
        field("weight_decay", &Adam::weight_decay, "[loss]/[θ]²", "weight decay λ", kNonNegative)};
  }
  [[nodiscard]] double time_step_size() const { return learning_rate; }

  template <class Real>
  [[nodiscard]] State<Real> init(std::vector<Real> theta) const {
    validate(*this, std::string(kName));
    State<Real> state;
    state.theta = std::move(theta);
    state.slot("first_moment");
    state.slot("second_moment");
    return state;
  }

  template <class Real>
  void step(GradientSource<Real>& source, State<Real>& state, const Noise&) const {
    const double t = static_cast<double>(state.step + 1);
    const AdamUpdate<Real> update{
        .beta1 = static_cast<Real>(beta1),
        .beta2 = static_cast<Real>(beta2),
        .one_minus_beta1 = static_cast<Real>(1 - beta1),
        .one_minus_beta2 = static_cast<Real>(1 - beta2),
        .weight_decay = static_cast<Real>(weight_decay),
        .rate = static_cast<Real>(learning_rate / (1 - std::pow(beta1, t))),
        .inverse_root = static_cast<Real>(1 / std::sqrt(1 - std::pow(beta2, t))),
        .epsilon = static_cast<Real>(epsilon),
    };
    const std::span<const Real> gradient = source.gradient(state.theta);
    state.slot(
        "first_moment");  // both exist before either is referred to: making a slot moves the others
    std::vector<Real>& second = state.slot("second_moment");
    update(gradient, state.theta, state.slot("first_moment"), second);
    advance_clock(state, learning_rate);
  }
};

}  // namespace thermoscape
