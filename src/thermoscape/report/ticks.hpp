#pragma once
#include <string>
#include <vector>

namespace thermoscape::report {

struct Tick {
  double value = 0;
  std::string label;  ///< empty for a minor tick
};

/// A drawn axis: the range of the data with a margin, and its ticks.
struct Scale {
  bool logarithmic = false;
  double low = 0;   ///< value at the start of the axis
  double high = 1;  ///< value at its end; > low
  std::vector<Tick> ticks;
  std::string factor;  ///< "×10⁻⁵" when the labels of a linear axis are divided by a power of ten

  /// 0 at low, 1 at high; NaN where the axis cannot show the value (non-finite, or <= 0 on a
  /// logarithmic axis).
  [[nodiscard]] double fraction(double value) const;
};

/// A scale over [low, high] (finite; > 0 if logarithmic; equal ends are widened) with labelled
/// ticks at 1, 2 or 5 times powers of ten, about `wanted` of them, or at decades with minor ticks
/// between.
[[nodiscard]] Scale make_scale(double low, double high, bool logarithmic, int wanted);

/// "10⁻⁵"
[[nodiscard]] std::string power_of_ten(int exponent);

}  // namespace thermoscape::report
