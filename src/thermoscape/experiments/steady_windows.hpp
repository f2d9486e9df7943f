#pragma once
#include <functional>
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"

namespace thermoscape {

/// The keys that every measure of a steady state shares: `window` and `health.*`.
[[nodiscard]] LossStatisticsOptions read_window_options(TomlReader& reader);

/// The loss statistics of the windows of a phase that sweeps temperature and nothing else, lowest
/// temperature first.  Throws Error if two points have one temperature.
[[nodiscard]] std::vector<SweepPoint> steady_windows(const RunView& view,
                                                     const std::string& phase,
                                                     const LossStatisticsOptions& options);

/// One number of each replica of each minimum, members[minimum][replica].
using Members = std::vector<std::vector<Estimate>>;

/// Mean over the minima of `point` whose chains are healthy, the largest of within-run, replica and
/// minimum errors quoted; if none is healthy the mean over all, with the gravest status; too_short
/// for a single value without an error.
[[nodiscard]] Estimate pooled(const SweepPoint& point, const Members& members);

/// A number of each minimum from values of its own at all points: of(minimum, healthy points).
/// Minima with fewer than `least` healthy points are left out; the mean of the rest quotes the
/// larger of their own errors and their spread; too_short for one minimum without an error.
[[nodiscard]] Estimate over_minima(
    const std::vector<SweepPoint>& points,
    std::size_t least,
    const std::function<Estimate(std::size_t, const std::vector<std::size_t>&)>& of);

/// A number of the whole sweep from members[window][minimum][replica]: the mean over the healthy
/// windows of every minimum, then over the minima.  A minimum is common to all its temperatures, so
/// that its windows are no independent samples of the landscape.
[[nodiscard]] Estimate pooled(const std::vector<SweepPoint>& points,
                              const std::vector<Members>& members);

/// "T = 1e-05".
[[nodiscard]] std::string temperature_label(double temperature);
/// A dashed vertical line at x from low to high, named in the legend.
[[nodiscard]] Series vertical_mark(const std::string& label, double x, double low, double high);
/// The points of `values` that are finite, with their errors.
[[nodiscard]] Series series_of(const std::string& label,
                               const std::vector<double>& x,
                               const std::vector<Estimate>& values,
                               const std::string& style = "points");

}  // namespace thermoscape
