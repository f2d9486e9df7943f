#pragma once
#include <vector>

#include "thermoscape/core/field.hpp"

namespace thermoscape::theory {

/// Throws Error "WHERE = x: must be RULE" for a number (or one of a list) out of range or not
/// finite.
inline void require_positive(double x, const char* where) {
  check_range(x, kPositive, "", where);
}
inline void require_non_negative(double x, const char* where) {
  check_range(x, kNonNegative, "", where);
}
inline void require_stiffness(const std::vector<double>& stiffness) {
  if (stiffness.empty()) {
    reject({"stiffness", "", "must list at least one stiffness", "stiffness=0.5,1,2"});
  }
  check_range(stiffness, kPositive, "", "stiffness");
}

}  // namespace thermoscape::theory
