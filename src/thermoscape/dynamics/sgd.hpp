#pragma once
#include "thermoscape/core/update.hpp"
#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// Gradient descent. Its only noise is in the batches: on full ones it is gradient descent proper.
///   θ' = θ - η (∇L_B + λ θ)
/// θ: [P];  learning_rate η > 0 [time];  weight_decay λ >= 0 [loss]/[θ]².
/// Time advances by η.  Cost: 1 gradient per step.  Draws no noise; no weak order is declared.
/// Throws Error if a parameter is out of range; a non-finite loss ends with Status::diverged.
/// Oracle: θ_n = (1 - η(k + λ))^n θ_0 on a quadratic.  Reference: robbins-1951.
struct Sgd {
  double learning_rate = 1e-2;
  double weight_decay = 0;

  static constexpr std::string_view kName = "sgd";
  static constexpr std::string_view kCite = "robbins-1951";
  static constexpr bool kUsesGradient = true;
  static constexpr int kOrder = 0;
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &Sgd::learning_rate, "[time]", "learning rate η", kPositive),
        field("weight_decay", &Sgd::weight_decay, "[loss]/[θ]²", "weight decay λ", kNonNegative)};
  }
  [[nodiscard]] double time_step_size() const { return learning_rate; }

  template <class Real>
  [[nodiscard]] State<Real> init(std::vector<Real> theta) const {
    validate(*this, std::string(kName));
    State<Real> state;
    state.theta = std::move(theta);
    return state;
  }

  template <class Real>
  void step(GradientSource<Real>& source, State<Real>& state, const Noise&) const {
    const SgdUpdate<Real> update{static_cast<Real>(learning_rate), static_cast<Real>(weight_decay)};
    update(source.gradient(state.theta), state.theta);
    advance_clock(state, learning_rate);
  }
};

}  // namespace thermoscape
