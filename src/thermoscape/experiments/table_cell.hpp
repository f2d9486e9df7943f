#pragma once
#include <string>

#include <fmt/format.h>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/finding.hpp"

namespace thermoscape {

/// An estimate as a cell of a table: "1.02 ± 0.03", and its status where it is not ok.
[[nodiscard]] inline std::string cell(const Estimate& estimate) {
  const std::string text = with_error(estimate.value, estimate.standard_error);
  return estimate.ok() ? text : fmt::format("{} [{}]", text, name(estimate.status));
}

}  // namespace thermoscape
