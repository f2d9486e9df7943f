#pragma once
#include "thermoscape/theory/verify.hpp"

namespace thermoscape {

/// The kinds of reference entry that ensembles answer: small_model, monte_carlo_model.
[[nodiscard]] theory::KindTable model_kinds();

}  // namespace thermoscape
