#pragma once
#include <cmath>

#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// Overdamped Langevin dynamics, Euler-Maruyama.          dθ = -∇L dt + √(2T) dW
///   θ' = θ - η ∇L + √(2ηT) ξ
/// θ: [P];  time_step η > 0 [time];  temperature T >= 0 [loss].
/// Stationary law ∝ exp(-L/T) + O(η).  Cost: 1 gradient per step.  Weak order 1.
/// Stream "overdamped.kick", one normal per coordinate.
/// Throws Error if a parameter is out of range; a non-finite loss ends with Status::diverged.
/// Oracle: theory/quadratic.hpp (exact in η on a quadratic).  Reference: thermal-probe, Eq. 7.
struct Overdamped {
  double temperature = 0;
  double time_step = 1e-2;

  static constexpr std::string_view kName = "overdamped";
  static constexpr std::string_view kCite = "thermal-probe";
  static constexpr bool kUsesGradient = true;
  static constexpr int kOrder = 1;
  static constexpr auto fields() {
    return std::tuple{
        field("temperature", &Overdamped::temperature, "[loss]", "temperature T", kNonNegative),
        field("time_step", &Overdamped::time_step, "[time]", "time step η", kPositive)};
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
  void step(GradientSource<Real>& source, State<Real>& state, const Noise& noise) const {
    noise.kick("overdamped.kick",
               static_cast<std::uint64_t>(state.step),
               static_cast<Real>(std::sqrt(2 * time_step * temperature)),
               static_cast<Real>(time_step),
               source.gradient(state.theta),
               std::span<Real>(state.theta));
    advance_clock(state, time_step);
  }
};

}  // namespace thermoscape
