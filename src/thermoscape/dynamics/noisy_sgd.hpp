#pragma once
#include <cmath>

#include "thermoscape/core/update.hpp"
#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// SGD with isotropic noise and weight decay: what makes the diffusion of SGD invertible and its
/// drift confining where parameters outnumber examples.
///   θ' = θ - λ (∇L_B + α θ) + √(λ T) β ξ,   T = λ/B, B the examples in the batch
/// θ: [P];  learning_rate λ > 0 [time];  weight_decay α >= 0 [loss]/[θ]²;  isotropic_noise β >= 0
/// [loss]/[θ], the deviation it adds to each component of the gradient of one example.  In
/// diffusion the covariance D of the gradients becomes D + β² I.  (The print has -α θ without λ.)
/// Time advances by λ.  Cost: 1 gradient per step.  Stream "noisy-sgd.kick", one normal per
/// coordinate.  No weak order is declared: its time step is also its temperature.
/// Throws Error if a parameter is out of range; a non-finite loss ends with Status::diverged.
/// Oracle: a direction without data is an autoregression of variance λTβ²/(1 - (1 - λα)²).
/// Reference: shift-curvature, Eq. 13.
struct NoisySgd {
  double learning_rate = 1e-2;
  double weight_decay = 0;
  double isotropic_noise = 0;

  static constexpr std::string_view kName = "noisy-sgd";
  static constexpr std::string_view kCite = "shift-curvature";
  static constexpr bool kUsesGradient = true;
  static constexpr int kOrder = 0;
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &NoisySgd::learning_rate, "[time]", "learning rate λ", kPositive),
        field(
            "weight_decay", &NoisySgd::weight_decay, "[loss]/[θ]²", "weight decay α", kNonNegative),
        field("isotropic_noise",
              &NoisySgd::isotropic_noise,
              "[loss]/[θ]",
              "deviation β added to the gradient of an example",
              kNonNegative)};
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
  void step(GradientSource<Real>& source, State<Real>& state, const Noise& noise) const {
    const SgdUpdate<Real> update{static_cast<Real>(learning_rate), static_cast<Real>(weight_decay)};
    update(source.gradient(state.theta), state.theta);
    const double examples = source.batch().all()
                                ? static_cast<double>(source.objective().examples())
                                : static_cast<double>(source.batch().examples.size());
    noise.kick("noisy-sgd.kick",
               static_cast<std::uint64_t>(state.step),
               static_cast<Real>(learning_rate * isotropic_noise / std::sqrt(examples)),
               std::span<Real>(state.theta));
    advance_clock(state, learning_rate);
  }
};

}  // namespace thermoscape
