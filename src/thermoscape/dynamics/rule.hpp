#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/core/state.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The loss and gradient on the batch of the present step. What the run loop already evaluated at
/// the state's θ (for a probe or a stop condition) is not evaluated again when the rule asks for
/// it.
template <class Real>
class GradientSource {
 public:
  explicit GradientSource(Objective<Real>& objective)
      : objective_(&objective), gradient_(static_cast<std::size_t>(objective.parameters())) {}

  /// Opens a step at a new θ or batch: forgets what was evaluated.
  void open(const Batch& batch) {
    batch_ = batch;
    known_ = Known::nothing;
    training_.reset();
  }
  /// The same for a step of training, whose buffers the first gradient() updates.
  void open(const Batch& batch, const TrainingStep<Real>& training) {
    open(batch);
    training_.emplace(training);
  }
  [[nodiscard]] const Batch& batch() const { return batch_; }
  [[nodiscard]] Objective<Real>& objective() { return *objective_; }

  /// L at `theta`, which must be the state's θ of this step.
  double loss(std::span<const Real> theta) {
    if (known_ == Known::nothing) {
      loss_ = objective_->loss(theta, batch_);
      known_ = Known::loss;
    }
    return loss_;
  }
  /// ∇L at `theta`, which must be the state's θ of this step; valid until the next call.
  std::span<const Real> gradient(std::span<const Real> theta) {
    if (known_ != Known::gradient) {
      loss_ = training_ ? objective_->training_gradient(theta, batch_, *training_, gradient_)
                        : objective_->loss_gradient(theta, batch_, gradient_);
      known_ = Known::gradient;
    }
    return gradient_;
  }
  /// ∇L at any other point of the same step (line searches, multi-stage rules); returns L.
  double elsewhere(std::span<const Real> theta, std::span<Real> gradient) {
    if (!training_) return objective_->loss_gradient(theta, batch_, gradient);
    Buffers<Real> unchanged = training_->buffers;  // a look ahead leaves no trace
    return objective_->training_gradient(
        theta, batch_, {unchanged, training_->noise, training_->step}, gradient);
  }

 private:
  enum class Known { nothing, loss, gradient };
  Objective<Real>* objective_;
  Batch batch_;
  std::optional<TrainingStep<Real>> training_;
  std::vector<Real> gradient_;
  double loss_ = 0;
  Known known_ = Known::nothing;
};

/// Counts one step of length `duration`. While the length has been constant since the start, time
/// is the product step * duration: it does not drift over 1e8 additions.
template <class Real>
void advance_clock(State<Real>& state, double duration) {
  const bool constant = state.time == static_cast<double>(state.step) * duration;
  state.step += 1;
  state.time = constant ? static_cast<double>(state.step) * duration : state.time + duration;
}

/// A dynamics: immutable parameters, no memory of its own.
/// `init` checks the parameters (throws Error naming the field) and makes a State at θ, step 0,
/// with its slots zeroed; `step` advances it by one step and adds its time step to `time`. kOrder
/// is the declared weak order in the time step for stochastic rules, 0 where none is claimed.
template <class R>
concept Rule = HasFields<R> && requires(const R& rule,
                                        GradientSource<double>& source,
                                        State<double>& state,
                                        const Noise& noise) {
  { R::kName } -> std::convertible_to<std::string_view>;
  { R::kCite } -> std::convertible_to<std::string_view>;
  { R::kUsesGradient } -> std::convertible_to<bool>;
  { R::kOrder } -> std::convertible_to<int>;
  { rule.init(std::vector<double>()) } -> std::same_as<State<double>>;
  rule.step(source, state, noise);
  { rule.time_step_size() } -> std::convertible_to<double>;  ///< time added by one step
};

}  // namespace thermoscape
