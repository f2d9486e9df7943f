#pragma once
#include <cmath>
#include <limits>

#include "thermoscape/core/status.hpp"

namespace thermoscape::theory {

/// A number a formula gives, and whether the formula holds there.
///   ok: inside the range of validity;  out_of_range: outside it, the value is what the formula
///   says nevertheless; undefined: there is no such number, `value` carries no information.
struct Value {
  double value = std::numeric_limits<double>::quiet_NaN();
  Status status = Status::undefined;
};

/// `value` with ok if `valid`, else out_of_range; undefined if it is not finite.
[[nodiscard]] inline Value value_within(double value, bool valid) {
  if (!std::isfinite(value)) return {};
  return {value, valid ? Status::ok : Status::out_of_range};
}

}  // namespace thermoscape::theory
