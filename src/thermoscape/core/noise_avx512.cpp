#include "thermoscape/core/noise_loops.hpp"

namespace thermoscape {
const NoiseKernels kNoiseAvx512 = kNoiseHere;
}  // namespace thermoscape
