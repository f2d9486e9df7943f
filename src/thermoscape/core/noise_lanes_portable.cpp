#include "thermoscape/core/noise_lanes_loops.hpp"

namespace thermoscape {
const LaneKickKernels kLaneKickPortable = kLaneKickHere;
}  // namespace thermoscape
