#include "thermoscape/objective/linear_loops.hpp"

namespace thermoscape::linear {
const LinearKernelSet kLinearAvx512 = kLinearHere;
}  // namespace thermoscape::linear
