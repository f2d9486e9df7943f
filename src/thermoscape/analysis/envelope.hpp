#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace thermoscape::analysis {

struct Curve {
  std::vector<double> x;
  std::vector<double> y;
};

/// At most `points` points of the curve x, y [n] that look the same when drawn: the smallest and
/// the largest y of each of points/2 stretches of equal count, in their order, first and last point
/// kept. Shorter curves come back whole. Points whose y is not finite are dropped.
/// Throws Error if lengths differ or points < 4.
/// Cost: O(n).
[[nodiscard]] Curve envelope(std::span<const double> x,
                             std::span<const double> y,
                             std::size_t points = 5000);

}  // namespace thermoscape::analysis
