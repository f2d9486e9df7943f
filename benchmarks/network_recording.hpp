#pragma once
#include "thermoscape/core/json_forward.hpp"

namespace thermoscape::bench {

/// Training of a ResNet-10 of 16 channels with batches of 128, `steps` steps in all, in turn bare
/// and with 30 positions, 30 velocities and the displacement written to `path` at every step:
/// median processor time of a step of either, bytes written, growth of the resident memory over
/// the second half of the steps.
[[nodiscard]] Json network_recording(const Json& request);

}  // namespace thermoscape::bench
