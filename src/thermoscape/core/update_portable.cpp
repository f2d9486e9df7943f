#include "thermoscape/core/update_loops.hpp"

namespace thermoscape {
const UpdateKernelSet kUpdatePortable = kUpdateHere;
}  // namespace thermoscape
