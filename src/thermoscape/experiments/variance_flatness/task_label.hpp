#pragma once
#include <string>

#include <fmt/format.h>

#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/plan.hpp"

namespace thermoscape {

/// "learning_rate = 0.1, batch.size = 50": a place of a sweep as figures and tables name it.
[[nodiscard]] inline std::string label_of(const Coordinates& where) {
  std::string label;
  for (const auto& [key, value] : where)
    label += fmt::format("{}{} = {:.3g}", label.empty() ? "" : ", ", key, value);
  return label;
}

/// "3.5 ± 0.2" as a cell of a table; why not where it is not known.
[[nodiscard]] inline std::string text(const Estimate& estimate) {
  return estimate.ok() ? with_error(estimate.value, estimate.standard_error)
                       : std::string(name(estimate.status));
}

}  // namespace thermoscape
