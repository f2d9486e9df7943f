#include "thermoscape/core/noise_lanes_loops.hpp"

namespace thermoscape {
const LaneKickKernels kLaneKickAvx512 = kLaneKickHere;
}  // namespace thermoscape
