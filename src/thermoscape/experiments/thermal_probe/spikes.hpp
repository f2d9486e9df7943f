#pragma once
#include <string>
#include <vector>

#include "thermoscape/analysis/chain_health.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/measure.hpp"

namespace thermoscape {

struct SpikesOptions {
  WindowSettings window;
  double threshold = 100;

  static constexpr auto fields() {
    return std::tuple{field("threshold",
                            &SpikesOptions::threshold,
                            "T",
                            "a loss above this many T, and above twice its median, is a spike",
                            kPositive)};
  }
};

/// What one task did in its window.
struct TaskSpikes {
  std::size_t task = 0;
  analysis::Spikes spikes;
  double steps = 0;   ///< in the window
  double first = -1;  ///< s of the first spike; -1 without one
  double median = 0;  ///< of L/T
  Estimate mean;      ///< L/T
  Estimate drift;     ///< of medians: second half less first, over their mean
  bool diverged = false;
};

/// All tasks at one point of the sweep.
struct SpikePoint {
  Coordinates where;
  double temperature = 0;
  double step = 0;
  std::vector<TaskSpikes> tasks;
};

/// The numbers of a point over its tasks.
struct SpikeSummary {
  double count = 0;
  double steps = 0;
  double diverged = 0;
  double first = -1;
  double largest = 0;
  Estimate rate;    ///< spikes in a million steps; the error is Poisson's, that of one spike where
                    ///< none was seen
  Estimate mean;    ///< L/T
  Estimate median;  ///< of L/T
  Estimate drift;
  Estimate spiked_share;    ///< of the runs
  Estimate drifting_share;  ///< of the runs: drift above 10% and 3 of its errors
};

/// Spikes, drift and medians of the loss in the window of every task of a phase, in order of the
/// sweep. A run that diverged counts until its loss is no longer finite.  Throws Error for a rule
/// without a temperature.
[[nodiscard]] std::vector<SpikePoint> spike_points(const RunView& view,
                                                   const std::string& phase,
                                                   const SpikesOptions& options);
[[nodiscard]] SpikeSummary summary_of(const SpikePoint& point);

}  // namespace thermoscape
