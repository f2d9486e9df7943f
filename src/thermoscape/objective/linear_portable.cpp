#include "thermoscape/objective/linear_loops.hpp"

namespace thermoscape::linear {
const LinearKernelSet kLinearPortable = kLinearHere;
}  // namespace thermoscape::linear
