#include "thermoscape/core/noise_loops.hpp"

namespace thermoscape {
const NoiseKernels kNoiseAvx2 = kNoiseHere;
}  // namespace thermoscape
