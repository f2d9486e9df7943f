#pragma once
#include <vector>

#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/recipe.hpp"

namespace thermoscape {

/// Judges every [[expect]] against the findings: same quantity and, of the findings with that name,
/// the one whose coordinates are those asked for (none: the pooled one). A claim about a finding
/// that the run did not give is undecided, with Status::undefined.
[[nodiscard]] std::vector<Claim> judge_expectations(const std::vector<ExpectSettings>& expectations,
                                                    const std::vector<Finding>& findings);

}  // namespace thermoscape
