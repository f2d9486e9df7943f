#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// Loss and accuracy of a network of `sizes` on `examples` at `points` points of a line, in blocks
/// of examples that pass through all points: {"seconds_per_scan", "blocks"}. Median of processor
/// time.
[[nodiscard]] Json line_scan(const Json& request);

}  // namespace thermoscape::bench
