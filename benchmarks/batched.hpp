#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// Overdamped Langevin steps of as many replicas of a ReLU network as share a vector, all examples,
/// the loss of every replica seen by a probe at every step. Median over chunks of processor time,
/// of one step of one replica.
[[nodiscard]] Json batched_step(const Json& request);

}  // namespace thermoscape::bench
