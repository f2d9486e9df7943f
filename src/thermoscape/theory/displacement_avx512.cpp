#include "thermoscape/theory/displacement_loops.hpp"

namespace thermoscape::theory {
const DisplacementKernels kDisplacementAvx512 = kDisplacementHere;
}  // namespace thermoscape::theory
