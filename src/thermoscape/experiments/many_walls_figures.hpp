#pragma once
#include <vector>

#include "thermoscape/experiments/loss_statistics.hpp"
#include "thermoscape/experiments/many_walls_fit.hpp"

namespace thermoscape {

/// One temperature: what was measured, what the walls say, each with an error.
struct ComparedWalls {
  const SweepPoint* point = nullptr;
  Estimate steepness;  ///< a² = ⟨tr H⟩/⟨L⟩ [1/θ²]
  Estimate mean;       ///< predictions
  Estimate sparsity;
  Estimate deviation;
  Estimate shape;
  Estimate rate;
  Estimate half_time;  ///< τ½T [loss time]
  double slope = 0;
};

/// τ½T as measured [loss time].
[[nodiscard]] Estimate half_time_times_temperature(const SweepPoint& point);

/// α, βT, φ, σ/T and τ½T against T, measured, by walls and by a quadratic minimum; χ² against Λ.
[[nodiscard]] std::vector<Figure> many_walls_figures(const std::vector<ComparedWalls>& rows,
                                                     const WallsFit& fit);

}  // namespace thermoscape
