#pragma once
#include <string>

#include "thermoscape/core/figure.hpp"

namespace thermoscape {

struct SvgOptions {
  double width = 760;    ///< > 300 [px]
  double height = 460;   ///< > 200, grows with the legend [px]
  bool title = true;     ///< write the figure's title above it
  bool document = true;  ///< a file of its own, black on white; otherwise a fragment of a page in
                         ///< the page's text colour
};

/// A figure as one static SVG 1.1 picture: axes with linear or decade ticks, legend, error bars
/// (one standard error), bands, steps, theory dashes, gaps where a point is not finite (or not
/// positive on a logarithmic axis). Text stays text; the caption is its description for screen
/// readers. Curves are drawn as their min/max envelope in 1,600 points. An axis declared
/// logarithmic with no positive value is drawn linear. Throws Error if lengths disagree.
[[nodiscard]] std::string export_figure_svg(const Figure& figure, const SvgOptions& options = {});

}  // namespace thermoscape
