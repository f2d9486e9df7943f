#pragma once
#include <functional>
#include <span>
#include <string>

#include "thermoscape/core/status.hpp"
#include "thermoscape/dynamics/dynamics.hpp"
#include "thermoscape/record/probe.hpp"
#include "thermoscape/record/sampler.hpp"
#include "thermoscape/record/slope_stop.hpp"

namespace thermoscape {

/// When a phase ends.
struct Stop {
  std::int64_t steps = 0;  ///< at the latest
  double loss = -1;  ///< as soon as the loss on the batch is at or below this; negative: never
  double gradient_norm = -1;  ///< the same for |∇L| on the batch [loss]/[θ]
  SlopeStop slope = {};       ///< at the end of the fast phase of training
};

/// Which gradient moves θ, for objectives with running statistics or dropout; the same for others.
enum class Mode {
  train,    ///< Objective::training_gradient: State::buffers follow the batches
  evaluate  ///< Objective::loss_gradient: State::buffers stay as they are
};

/// How a phase ended.
struct Outcome {
  Status status =
      Status::ok;  ///< ok, diverged, or not_converged if what was to stop it was never reached
  bool interrupted = false;  ///< the pulse said stop: the state is good to go on from
  double loss = 0;           ///< the last loss seen
};

/// What the run loop tells the outside.
struct Hooks {
  /// Receives each look, in order: index of the probe and its numbers.
  std::function<void(std::size_t probe, std::span<const double> numbers)> receive;
  /// Called every `pulse_every` steps, before the step; false interrupts.
  std::function<bool(std::int64_t step)> pulse;
  std::int64_t pulse_every = 1000;
};

/// The one run loop: advances `state` from its present step to the end of the phase. At each step
/// it draws the batch, lets the due probes look at the state before the step, tests the stop
/// condition, and applies the rule. Everything random is addressed by the step, so a run that goes
/// on from a copied state is the same run, bit for bit. Looks evaluate the objective with the
/// state's buffers. `origin` is θ at the start of the phase. A
/// non-finite loss ends the run with Status::diverged; the look that saw it is not recorded.
template <class Real>
[[nodiscard]] Outcome run(Objective<Real>& objective,
                          const AnyRule& rule,
                          const Noise& noise,
                          Sampler& sampler,
                          State<Real>& state,
                          std::span<const Real> origin,
                          std::span<const Probe<Real>> probes,
                          const Stop& stop,
                          const Hooks& hooks,
                          Mode mode = Mode::train);

}  // namespace thermoscape
