#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// Overdamped Langevin steps of a ReLU network on all examples through the run loop: gradient,
/// noise, update, loss seen by a probe at every step. Median over chunks of processor time.
[[nodiscard]] Json langevin_step(const Json& request);
/// Minibatch SGD steps of a ReLU network without biases: draw, gather, gradient, update.
[[nodiscard]] Json sgd_step(const Json& request);
/// Wall time of Langevin replicas: one alone, and two on two threads, alternating; medians.
[[nodiscard]] Json replicas(const Json& request);
/// Langevin steps without a record and with the loss of every step in a stream file, alternating.
[[nodiscard]] Json recording(const Json& request);

}  // namespace thermoscape::bench
