#pragma once
#include <string>
#include <string_view>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/report/look.hpp"
#include "thermoscape/report/ticks.hpp"

namespace thermoscape::report {

/// The plotting rectangle in pixels; y runs downwards.
struct Frame {
  double left;
  double right;
  double top;
  double bottom;

  [[nodiscard]] double x_of(double fraction) const { return left + fraction * (right - left); }
  [[nodiscard]] double y_of(double fraction) const { return bottom - fraction * (bottom - top); }
};

/// The marks of one series as SVG elements: shade, curve, error bars, symbols, according to its
/// style.
[[nodiscard]] std::string draw_series(
    const Series& series, const Look& look, const Scale& x, const Scale& y, const Frame& frame);

/// A legend key 26 px wide that starts at (x, y).
[[nodiscard]] std::string draw_swatch(std::string_view style, const Look& look, double x, double y);

}  // namespace thermoscape::report
