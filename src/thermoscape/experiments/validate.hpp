#pragma once
#include "thermoscape/experiments/experiment.hpp"

namespace thermoscape {

/// The parts of a recipe's validation that no single table can do by itself; each throws Error in
/// one line. What the [[measure]] tables say by themselves: the kind, its options, the phase.
void validate_measures(const Recipe& recipe);
/// An [[expect]] names a finding of one of the recipe's measures.
void validate_expectations(const Recipe& recipe);
/// What the measures ask of the phases: windows that end in time, probes that are recorded.
void check_measures_against_plan(const Recipe& recipe, const Plan& plan);
/// `parameters` of a measure names parameters of the objective; of those that its phase records, at
/// equal distances, if it reads a trajectory.
void validate_trajectories(const Prepared& prepared);
/// Builds every probe once, since only the objective knows what it can answer.
void validate_probes(const Prepared& prepared);

}  // namespace thermoscape
