#pragma once
#include <toml++/toml.h>

namespace thermoscape {

/// Gives every [[phase]] of the rule sgd that draws batches the probes virial and
/// gradient_norm_squared, and a [[measure]] `PHASE-light` of the analysis sgd-stationarity: whether
/// |θ|² stood still, by 2⟨θ·g⟩ = λ⟨|g|²⟩, which is exact for SGD in a steady state. Both probes
/// read the gradient of the step itself, so they cost no evaluation; where one is recorded already,
/// the other is at the same looks. A phase that such a measure names already is left as it is;
/// applying it again changes nothing. Malformed tables are left to those who read them. Reference:
/// yaida-2019.
void add_sgd_lights(toml::table& recipe);

}  // namespace thermoscape
