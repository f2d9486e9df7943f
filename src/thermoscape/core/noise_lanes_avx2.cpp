#include "thermoscape/core/noise_lanes_loops.hpp"

namespace thermoscape {
const LaneKickKernels kLaneKickAvx2 = kLaneKickHere;
}  // namespace thermoscape
