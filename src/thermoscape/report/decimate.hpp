#pragma once
#include <cstddef>

#include "thermoscape/core/figure.hpp"

namespace thermoscape::report {

/// A curve short enough to draw, with what was left out or cannot be drawn.
struct DrawnSeries {
  Series series;               ///< the points that are drawn, in their stored order
  std::size_t stored = 0;      ///< points before decimation
  std::size_t not_finite = 0;  ///< stored points with a non-finite x or y: they are gaps
  std::size_t no_error =
      0;  ///< stored finite points whose error bar is not finite or negative: drawn without one

  [[nodiscard]] bool decimated() const { return series.x.size() < stored; }
};

/// The min/max envelope of a series in at most `limit` points (limit >= 16; shorter series are
/// returned as they are). Where x does not decrease, x is cut into equal buckets, half of them
/// equal in x and, where x > 0 spans more than a decade, half equal in log x, so that the curve is
/// right on either axis; of each the points with the smallest y - y_error and the largest y +
/// y_error are kept. Otherwise (a path or cloud in the plane) buckets hold equally many successive
/// points and keep the extremes of x and of y. The first and last points, the extremes of the whole
/// and a gap in every bucket that has one always stay. Every kept point is a stored one. O(n).
[[nodiscard]] DrawnSeries decimate(const Series& series, std::size_t limit);

}  // namespace thermoscape::report
