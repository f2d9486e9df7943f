#pragma once
#include <cmath>

#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// Diffusion on a flat landscape: the null model of a soft direction.          dθ = √(2T) dW
///   θ' = θ + √(2ηT) ξ
/// θ: [P];  time_step η > 0 [time];  temperature T >= 0 [loss].  Law of θ_t: N(θ_0, 2Tt I) exactly
/// for any η, so no weak order is declared.  Cost: no gradient.
/// Stream "free-diffusion.kick", one normal per coordinate.
/// Throws Error if a parameter is out of range.
/// Oracle: ⟨|θ_t - θ_0|²⟩ = 2PTt, theory/quadratic.hpp.  Reference: thermal-probe.
struct FreeDiffusion {
  double temperature = 1;
  double time_step = 1e-2;

  static constexpr std::string_view kName = "free-diffusion";
  static constexpr std::string_view kCite = "thermal-probe";
  static constexpr bool kUsesGradient = false;
  static constexpr int kOrder = 0;
  static constexpr auto fields() {
    return std::tuple{
        field("temperature", &FreeDiffusion::temperature, "[loss]", "temperature T", kNonNegative),
        field("time_step", &FreeDiffusion::time_step, "[time]", "time step η", kPositive)};
  }
  [[nodiscard]] double time_step_size() const { return time_step; }

  template <class Real>
  [[nodiscard]] State<Real> init(std::vector<Real> theta) const {
    validate(*this, std::string(kName));
    State<Real> state;
    state.theta = std::move(theta);
    return state;
  }

  template <class Real>
  void step(GradientSource<Real>&, State<Real>& state, const Noise& noise) const {
    noise.kick("free-diffusion.kick",
               static_cast<std::uint64_t>(state.step),
               static_cast<Real>(std::sqrt(2 * time_step * temperature)),
               std::span<Real>(state.theta));
    advance_clock(state, time_step);
  }
};

}  // namespace thermoscape
