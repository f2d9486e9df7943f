#include "thermoscape/theory/displacement_loops.hpp"

namespace thermoscape::theory {
const DisplacementKernels kDisplacementPortable = kDisplacementHere;
}  // namespace thermoscape::theory
