#pragma once
#include <string>
#include <string_view>

#include "thermoscape/core/dataset.hpp"
#include "thermoscape/core/json_forward.hpp"
#include "thermoscape/report/csv.hpp"
#include "thermoscape/report/svg.hpp"
#include "thermoscape/store/run_directory.hpp"

namespace thermoscape::report {

/// A run as one self-contained HTML page that makes no request to anything outside itself. From
/// stored data only:
///   run       root attributes title, description, reference, scale, choices and notes (JSON lists
///   of sentences);
///             groups figures/ID, tables/ID, findings, claims. Everything is optional. Attributes
///             figure_order and table_order (JSON lists of ids) order figures and tables; those not
///             named follow by id.
///   manifest  provenance, any JSON object; `status` and `version` are also shown in the header and
///   footer recipe    the resolved recipe's text
/// Curves are drawn as their min/max envelope in at most 5,000 points; the caption says so, and
/// names gaps (points that are not finite) and missing error bars. Equal input gives equal bytes:
/// no clock is read. Throws Error if a stored group is malformed. Cost: one pass over the
/// figures, 1.5 MB of script per page.
[[nodiscard]] std::string render_report(const Dataset& run,
                                        const Json& manifest,
                                        std::string_view recipe);

/// Renders the run in `directory` again from results.nc, manifest.json and recipe.toml and writes
/// report.html, whole or not at all. Throws Error for a missing or damaged file, MachineError when
/// the machine fails.
void write_report(const store::RunDirectory& directory);

/// The figure called `id` of a run; throws Error naming the figures there are.
[[nodiscard]] Figure find_figure(const Dataset& run, std::string_view id);

}  // namespace thermoscape::report
