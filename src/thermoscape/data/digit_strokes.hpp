#pragma once
#include <span>
#include <vector>

namespace thermoscape::data {

/// A point of the unit square; x to the right, y down.
struct Point {
  double x = 0;
  double y = 0;
};

using Stroke =
    std::vector<Point>;  ///< control points of a smooth curve; two points make a straight line
using Skeleton = std::vector<Stroke>;  ///< one way to write a digit

/// The ways to write a digit 0 ... 9.
[[nodiscard]] std::span<const Skeleton> skeletons(int digit);

/// A Catmull-Rom curve through the control points as a polyline; its ends are control points.
[[nodiscard]] Stroke smooth(const Stroke& control, int steps_per_segment);

}  // namespace thermoscape::data
