#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/dataset.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/core/json_forward.hpp"
#include "thermoscape/report/decimate.hpp"

namespace thermoscape::report {

/// The parts of the page, each as HTML with all text escaped; empty when there is nothing to show.

/// A figure ready for the page: its curves short enough to draw.
struct PageFigure {
  Figure figure;                    ///< without its curves
  std::vector<DrawnSeries> curves;  ///< one a series
};

/// Title, status, what was done, notes that must be read first.
[[nodiscard]] std::string header_section(const Dataset& run, const Json& manifest);
/// How many claims hold, fail and are undecided.
[[nodiscard]] std::string verdict_section(const std::vector<Claim>& claims);
[[nodiscard]] std::string claims_section(const std::vector<Claim>& claims);
[[nodiscard]] std::string findings_section(const std::vector<Finding>& findings);
[[nodiscard]] std::string tables_section(const std::vector<Table>& tables);
[[nodiscard]] std::string figures_section(const std::vector<PageFigure>& figures);
[[nodiscard]] std::string choices_section(const Dataset& run);
[[nodiscard]] std::string provenance_section(const Json& manifest);
[[nodiscard]] std::string recipe_section(std::string_view recipe);

/// The sentences behind a caption: envelope, gaps, missing error bars, points a logarithmic axis
/// cannot show.
[[nodiscard]] std::string drawing_note(const PageFigure& figure);
/// What report.js draws from: [{id, title, x, y, series: [{label, x, y, error, style, colour,
/// ...}]}] as JSON text that is safe inside a script element; a number that is not finite is null.
[[nodiscard]] std::string figure_data(const std::vector<PageFigure>& figures);

/// A JSON list of strings kept in a text attribute; text that is no such list is one sentence, an
/// absent one none.
[[nodiscard]] std::vector<std::string> sentences(const Dataset& run, std::string_view attribute);
/// "(1.2 ± 0.3)e-5" with the power of ten set as a superscript; escapes the rest.
[[nodiscard]] std::string number_markup(std::string_view number);

}  // namespace thermoscape::report
