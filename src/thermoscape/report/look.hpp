#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/figure.hpp"

namespace thermoscape::report {

/// How one series is drawn, the same in the page and in the exported picture.
struct Look {
  std::string colour;      ///< "#rrggbb", or "ink" for the colour of the text
  std::string symbol;      ///< circle, square, diamond, triangle-up, triangle-down, cross
  std::string dash;        ///< SVG dash lengths "6,4"; empty for a solid line
  bool in_legend = false;  ///< the first labelled series of its group, a curve before a shade
  std::size_t group = 0;   ///< number of the group, or of the series that has none
};

/// One look a series. Series of one `group` share colour, symbol and legend entry; a dashed series
/// without a group is a theory curve and takes the ink colour with a dash pattern of its own. Up to
/// eight groups take colours that stay apart under colour blindness and have contrast of at least 3
/// with white and with black; more take steps of one ramp.
[[nodiscard]] std::vector<Look> looks(const Figure& figure);

}  // namespace thermoscape::report
