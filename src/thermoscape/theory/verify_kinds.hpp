#pragma once
#include "thermoscape/theory/verify.hpp"

namespace thermoscape::theory {

/// The rows of each source file; theory_kinds() is their union.
[[nodiscard]] KindTable thermal_probe_kinds();

}  // namespace thermoscape::theory
