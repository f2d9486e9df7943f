#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// Steps of `paths` Euler-Maruyama paths in the double well U = (θ² - 1)²/4, one thread. Median
/// over chunks of processor time.
[[nodiscard]] Json sde_ensemble(const Json& request);
/// Time of a step of the Fokker-Planck equation of that well on `cells` cells. Median over chunks.
[[nodiscard]] Json fokker_planck(const Json& request);

}  // namespace thermoscape::bench
