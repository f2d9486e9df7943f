#pragma once
#include <string>
#include <vector>

#include "thermoscape/experiments/recipe.hpp"

namespace thermoscape {

/// Where a phase runs, as "NAME/train" or "NAME/test"; empty for the training part of the
/// objective's own set, where phases run by default.
[[nodiscard]] std::string place_of(const Recipe& recipe, const PhaseSettings& settings);

/// The places other than the default one that phases or probes of the recipe need. Throws Error for
/// a set that the recipe does not have, or a test part that it does not ask for.
[[nodiscard]] std::vector<std::string> places_of(const Recipe& recipe);

}  // namespace thermoscape
