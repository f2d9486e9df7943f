#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The parameters first ... first + count - 1 of θ.
struct ParameterRange {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// The parameters that `text` names among `groups` (Objective::parameter_groups) of P parameters:
/// "all", globs over names as objective/globs.hpp reads them (which must choose neighbours), or
/// numbers "first:end" with the end excluded. Throws Error "WHERE = text: must be ..." naming the
/// groups there are.
[[nodiscard]] ParameterRange parameter_range(const std::string& text,
                                             std::span<const ParameterGroup> groups,
                                             std::int64_t parameters,
                                             const std::string& where);
template <class Real>
[[nodiscard]] ParameterRange parameter_range(const std::string& text,
                                             const Objective<Real>& objective,
                                             const std::string& where) {
  return parameter_range(text, objective.parameter_groups(), objective.parameters(), where);
}

}  // namespace thermoscape
