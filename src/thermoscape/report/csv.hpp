#pragma once
#include <string>

#include "thermoscape/core/figure.hpp"

namespace thermoscape {

/// All points of a figure as RFC 4180 text (CRLF line ends, quotes where needed), never decimated,
/// one row a point:
///   series, group, style, <x label [unit]>, <y label [unit]>, standard error of <y label [unit]>
/// Numbers have the fewest digits that read back to the same double; NaN, inf and -inf are written
/// so; a series without error bars leaves the last cell empty. Throws Error if x, y and y_error of
/// a series differ in length.
[[nodiscard]] std::string export_figure_csv(const Figure& figure);

}  // namespace thermoscape
