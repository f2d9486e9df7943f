#pragma once
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/shift_curvature/steady_state_study.hpp"

namespace thermoscape {

/// What is shown of a steady state at several temperatures.
[[nodiscard]] Figure landscape_figure(const SteadyGround& ground,
                                      const SteadyStateOptions& options,
                                      const std::vector<SteadyPoint>& points);
[[nodiscard]] Figure density_figure(const std::vector<SteadyPoint>& points);
[[nodiscard]] Figure probability_figure(const std::vector<SteadyPoint>& points);
[[nodiscard]] Figure loss_figure(const std::vector<SteadyPoint>& points);
[[nodiscard]] Table averages_table(const std::vector<SteadyPoint>& points);
[[nodiscard]] Table basins_table(const std::vector<SteadyPoint>& points);

}  // namespace thermoscape
