#pragma once
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/thermal_probe/many_walls_compare.hpp"

namespace thermoscape {

/// α, βT, φ, σ/T and τ½T against T, measured, by walls and by a quadratic minimum; χ² against Λ.
[[nodiscard]] std::vector<Figure> many_walls_figures(const std::vector<ComparedWalls>& rows,
                                                     const WallsFit& fit);

}  // namespace thermoscape
