#pragma once
#include "thermoscape/experiments/experiment.hpp"

namespace thermoscape {

/// The root of a run's results: title, description, reference, choices and notes as attributes, no
/// groups yet.
[[nodiscard]] Dataset head_dataset(const Prepared& prepared);

/// Takes all measures of `recipe` in order into `results` and judges its expectations: a group a
/// measure, and the groups figures, tables, findings and claims. Ids of figures and tables begin
/// with the name of their measure; those of a measure `beside` another follow theirs, and a table
/// compares what the two say of the whole sweep.
void take_measures(const RunView& view,
                   const Recipe& recipe,
                   Dataset& results,
                   const Progress& progress);

}  // namespace thermoscape
