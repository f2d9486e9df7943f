#pragma once
#include <algorithm>
#include <cmath>
#include <optional>

namespace thermoscape {

/// A point of f along a line: f(α) and f'(α).
struct LinePoint {
  double step = 0;
  double loss = 0;
  double slope = 0;
};

/// The conditions under which a step is long enough and not too long.
struct Wolfe {
  double decrease = 1e-4;  ///< c1: f(α) <= f(0) + c1 α f'(0)
  double curvature = 0.9;  ///< c2: |f'(α)| <= c2 |f'(0)|
  int most = 25;           ///< evaluations
  /// Share of |f(0)| below which differences of the loss are rounding: there the slope decides,
  /// f'(α) <= (2 c1 - 1) f'(0), which is the first condition on a parabola.
  double rounding = 1e-6;
};

struct LineResult {
  LinePoint point;        ///< where the search ended
  bool accepted = false;  ///< both conditions hold there; else it is the lowest point seen, if any
};

namespace detail {

/// The minimum of the cubic through two points with their slopes, kept off the ends of the interval
/// so that every evaluation shrinks it.
inline double between(const LinePoint& a, const LinePoint& b) {
  const double width = b.step - a.step;
  const double d1 = a.slope + b.slope - 3 * (b.loss - a.loss) / width;
  const double square = d1 * d1 - a.slope * b.slope;
  const double d2 = std::copysign(std::sqrt(std::max(0.0, square)), width);
  double share = 1 - (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  if (square < 0 || !std::isfinite(share)) share = 0.5;
  return a.step + std::clamp(share, 0.1, 0.9) * width;
}

}  // namespace detail

/// A step along a descending direction by the strong Wolfe conditions: bracketing by expansion,
/// then cubic interpolation between the lower end and the one above it. `start` is the point at α =
/// 0 with slope < 0, `first` > 0 the first step tried, `evaluate(α)` gives a LinePoint; a loss that
/// is not finite is a step too long. Cost: at most `most` evaluations. References: nocedal-2006,
/// Algorithms 3.5 and 3.6; hager-2005 for the condition near rounding.
template <class Evaluate>
[[nodiscard]] LineResult wolfe_search(const LinePoint& start,
                                      double first,
                                      const Wolfe& wolfe,
                                      Evaluate&& evaluate) {
  LinePoint low = start;
  std::optional<LinePoint> high;
  double ceiling = 0;  // a step at which the loss is not finite, 0 if none was seen
  double step = first;
  for (int i = 0; i < wolfe.most; ++i) {
    const LinePoint point = evaluate(step);
    if (!std::isfinite(point.loss) || !std::isfinite(point.slope)) {
      ceiling = step;
      step = low.step + 0.1 * (step - low.step);
      continue;
    }
    const bool lower = point.loss <= start.loss + wolfe.decrease * step * start.slope;
    const bool level = point.loss <= start.loss + wolfe.rounding * std::abs(start.loss) &&
                       point.slope <= (2 * wolfe.decrease - 1) * start.slope;
    if ((lower || level) && std::abs(point.slope) <= -wolfe.curvature * start.slope)
      return {point, true};
    const bool above = !(lower || level) || (point.loss >= low.loss && !level);
    if (above) {
      high = point;
    } else {
      const double ahead = high ? high->step - low.step : 1.0;
      if (point.slope * ahead >= 0) high = low;
      low = point;
    }
    if (high) {
      step = detail::between(low, *high);
    } else {
      step = ceiling > 0 ? (low.step + ceiling) / 2 : 4 * step;
    }
  }
  return {low, false};
}

}  // namespace thermoscape
