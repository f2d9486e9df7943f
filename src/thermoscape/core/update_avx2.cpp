#include "thermoscape/core/update_loops.hpp"

namespace thermoscape {
const UpdateKernelSet kUpdateAvx2 = kUpdateHere;
}  // namespace thermoscape
