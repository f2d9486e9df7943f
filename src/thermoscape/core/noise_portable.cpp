#include "thermoscape/core/noise_loops.hpp"

namespace thermoscape {
const NoiseKernels kNoisePortable = kNoiseHere;
}  // namespace thermoscape
