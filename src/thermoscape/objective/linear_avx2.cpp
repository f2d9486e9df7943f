#include "thermoscape/objective/linear_loops.hpp"

namespace thermoscape::linear {
const LinearKernelSet kLinearAvx2 = kLinearHere;
}  // namespace thermoscape::linear
