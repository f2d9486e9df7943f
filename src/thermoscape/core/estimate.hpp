#pragma once
#include <limits>

#include "thermoscape/core/status.hpp"

namespace thermoscape {

/// A number with its standard error and its health. A default one is undefined.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double standard_error = std::numeric_limits<double>::quiet_NaN();
  Status status = Status::undefined;

  [[nodiscard]] bool ok() const { return status == Status::ok; }
};

}  // namespace thermoscape
