#pragma once
#include "thermoscape/core/json_forward.hpp"

namespace thermoscape::bench {

/// Training of a ResNet-10 of 16 channels with batches of 128, `steps` steps of either kind in
/// turn, bare and with 30 positions, 30 velocities and the displacement written to `path`: median
/// processor time of a step of either, bytes written and bytes of a look; over the second half of
/// the steps the bytes that a step of either kind leaves on the heap, and by how much the resident
/// memory of the process grew during steps of either kind.
[[nodiscard]] Json network_recording(const Json& request);

}  // namespace thermoscape::bench
