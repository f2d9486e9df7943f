#include "thermoscape/theory/displacement_loops.hpp"

namespace thermoscape::theory {
const DisplacementKernels kDisplacementAvx2 = kDisplacementHere;
}  // namespace thermoscape::theory
