#pragma once
#include <span>
#include <vector>

namespace thermoscape::analysis {

/// A stretch of a level curve.
struct ContourLine {
  std::vector<double> x;
  std::vector<double> y;
};

/// The curves f = level of a function known on a grid, values [y, x] row-major, linear between
/// grid points (marching squares); a saddle cell is split by the mean of its corners. A closed
/// curve ends where it begins. Cells with a corner that is not finite are left out. Throws Error
/// below 2 x 2 points or for sizes that do not fit.
[[nodiscard]] std::vector<ContourLine> contour(std::span<const double> x,
                                               std::span<const double> y,
                                               std::span<const double> values,
                                               double level);

}  // namespace thermoscape::analysis
