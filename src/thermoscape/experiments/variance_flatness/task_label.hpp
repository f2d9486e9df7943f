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

}  // namespace thermoscape
