#pragma once
#include <string_view>

namespace thermoscape {

/// The outcome of a computation. A number that is not `ok` never travels without one of these
/// beside it.
enum class Status {
  ok,             ///< nothing to report
  diverged,       ///< a non-finite loss or parameter ended the run
  spiked,         ///< the loss left its window by orders of magnitude and came back
  relaxing,       ///< the window still rises: the memory of the start has not faded
  ageing,         ///< the window drifts downwards: soft directions diffuse away
  too_short,      ///< the window is too short for its own correlation time
  not_converged,  ///< an iteration reached its limit, or a stop condition was not met
  out_of_range,   ///< outside the range of validity of a formula
  undefined       ///< the quantity does not exist for this input; the value beside it carries no
                  ///< information
};

/// The snake_case name, as in JSON output and netCDF attributes.
[[nodiscard]] std::string_view name(Status status);
/// One plain sentence for reports.
[[nodiscard]] std::string_view explanation(Status status);
/// The status called `text`; throws Error naming the valid ones.
[[nodiscard]] Status status_from(std::string_view text);

}  // namespace thermoscape
