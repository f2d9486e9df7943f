#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/steady_windows.hpp"

namespace thermoscape {

/// One task leaving its start: how far it was at each recorded θ, and what it found there.
struct Departure {
  std::size_t task = 0;
  std::int64_t minimum = 0;
  double temperature = 0;
  std::vector<double> time;      ///< since the start of the phase [time]
  std::vector<double> distance;  ///< |θ - θ_start| [θ]; 0 at the first look
  std::vector<double> loss;      ///< on all training examples
};

/// The departures of the tasks of a phase that, like those they continue, ended ok. A schedule
/// `per_decade` spreads the looks evenly in ln t.  Throws Error if the phase does not record
/// `theta` or its rule has no temperature.  Cost: one loss a recorded θ.
[[nodiscard]] std::vector<Departure> departures(const RunView& view, const std::string& phase);

/// y at x on a curve through (x_i, y_i), linear in ln x; not ok outside [x_1, x_n].  x > 0,
/// increasing not required: the first crossing counts.
[[nodiscard]] Estimate value_at(const std::vector<double>& x,
                                const std::vector<double>& y,
                                double at);
/// The first x at which y reaches `level` from below, linear in ln x; not_converged if never.
[[nodiscard]] Estimate first_reach(const std::vector<double>& x,
                                   const std::vector<double>& y,
                                   double level);

/// Quantiles of y in bins of ln x, all curves together; bins with fewer than `least` values are
/// left out.
struct Binned {
  std::vector<double> x, low, median, high;  ///< 10%, 50% and 90%
};
[[nodiscard]] Binned binned(const std::vector<double>& x,
                            const std::vector<double>& y,
                            std::int64_t bins_per_decade,
                            std::size_t least = 1);

/// Mean over minima of one number of each departure, the larger of the spreads of tasks and minima
/// quoted.  Numbers that are not ok are left out.
[[nodiscard]] Estimate over_departures(const std::vector<Departure>& departures,
                                       const std::vector<Estimate>& numbers);

/// L = √(T τ½) of one window, its relative error half that of τ½.
[[nodiscard]] Estimate diffusion_length(const SweepPoint& window);
/// L² = T τ½ averaged over the healthy windows, as a length.
[[nodiscard]] Estimate diffusion_length(const std::vector<SweepPoint>& windows);

}  // namespace thermoscape
