#pragma once
#include "thermoscape/theory/verify.hpp"

namespace thermoscape::theory {

/// The rows of each source file; theory_kinds() is their union.
[[nodiscard]] KindTable thermal_probe_kinds();
[[nodiscard]] KindTable shift_curvature_kinds();
[[nodiscard]] KindTable variance_flatness_kinds();
[[nodiscard]] KindTable limiting_dynamics_kinds();
[[nodiscard]] KindTable local_geometry_kinds();

}  // namespace thermoscape::theory
