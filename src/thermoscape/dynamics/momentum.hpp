#pragma once
#include "thermoscape/core/update.hpp"
#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// Heavy ball in PyTorch's convention: η outside the velocity, no dampening.
///   d = ∇L_B + λ θ;   v' = β v + d;   θ' = θ - η v'
///   with nesterov:                    θ' = θ - η (d + β v')
/// θ, v: [P], v_0 = 0, slot "velocity";  learning_rate η > 0 [time];  momentum β in [0, 1);
/// weight_decay λ >= 0 [loss]/[θ]².  The effective learning rate is η / (1 - β).
/// Time advances by η.  Cost: 1 gradient per step.  Draws no noise; no weak order is declared.
/// Throws Error if a parameter is out of range; a non-finite loss ends with Status::diverged.
/// Oracle: two-term recursion on a quadratic.  Reference: sutskever-2013.
struct Momentum {
  double learning_rate = 1e-2;
  double momentum = 0.9;
  double weight_decay = 0;
  bool nesterov = false;

  static constexpr std::string_view kName = "momentum";
  static constexpr std::string_view kCite = "sutskever-2013";
  static constexpr bool kUsesGradient = true;
  static constexpr int kOrder = 0;
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &Momentum::learning_rate, "[time]", "learning rate η", kPositive),
        field("momentum", &Momentum::momentum, "1", "momentum β", kBelowOne),
        field(
            "weight_decay", &Momentum::weight_decay, "[loss]/[θ]²", "weight decay λ", kNonNegative),
        field("nesterov",
              &Momentum::nesterov,
              "1",
              "whether the step looks ahead along the velocity")};
  }
  [[nodiscard]] double time_step_size() const { return learning_rate; }

  template <class Real>
  [[nodiscard]] State<Real> init(std::vector<Real> theta) const {
    validate(*this, std::string(kName));
    State<Real> state;
    state.theta = std::move(theta);
    state.slot("velocity");
    return state;
  }

  template <class Real>
  void step(GradientSource<Real>& source, State<Real>& state, const Noise&) const {
    const MomentumUpdate<Real> update{static_cast<Real>(learning_rate),
                                      static_cast<Real>(momentum),
                                      static_cast<Real>(weight_decay),
                                      nesterov};
    update(source.gradient(state.theta), state.theta, state.slot("velocity"));
    advance_clock(state, learning_rate);
  }
};

}  // namespace thermoscape
