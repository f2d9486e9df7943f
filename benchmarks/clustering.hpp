#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// The clustering of the logit gradients of LeNet on random images: {"examples"} -> the largest
/// resident memory of this process while it was computed [bytes], what it held before, q_SL,
/// seconds.
[[nodiscard]] Json clustering_memory(const Json& request);

}  // namespace thermoscape::bench
