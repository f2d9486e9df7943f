#pragma once
#include <functional>
#include <optional>
#include <span>

#include "thermoscape/objective/mlp/mlp.hpp"
#include "thermoscape/record/run.hpp"

namespace thermoscape {

/// A run of overdamped dynamics on all examples that shares its steps with others. What it points
/// to must live until `end` is called.
template <class Real>
struct Replica {
  Overdamped rule;
  Noise noise;
  State<Real>* state = nullptr;  ///< up to date in pulses, in looks and at the end
  std::span<const Real> origin;  ///< θ at the start of the phase
  std::span<const Probe<Real>> probes;
  std::int64_t steps = 0;  ///< at which it ends
  Hooks hooks;
  std::function<void(const Outcome&)> end;
  /// The probe, if any, whose one number is the loss of the step: it is not asked, since a look of
  /// its own would take θ out of its lane first.
  std::optional<std::size_t> loss_probe = {};
};

/// run() for many replicas of one small network at once, each in a lane of the vectors
/// (mlp/replicas.hpp), as many at a time as there are lanes; one that ends leaves its lane to the
/// next that `next` gives. Noise, schedules, looks and ends are those of run(); losses and
/// gradients are those of run() to rounding, and do not depend on which replicas share the vectors
/// nor on when they began, so a run that goes on from a copied state is the same run, bit for bit.
/// What a probe asks beside the loss and gradient of its step is answered by a clone of `network`.
/// False if a pulse interrupted the replicas. Throws Error for an activation that is not known to
/// mlp::can_batch.
template <class Real>
bool run_together(const Mlp<Real>& network,
                  const std::function<std::optional<Replica<Real>>()>& next);

}  // namespace thermoscape
