#include "thermoscape/core/update_loops.hpp"

namespace thermoscape {
const UpdateKernelSet kUpdateAvx512 = kUpdateHere;
}  // namespace thermoscape
