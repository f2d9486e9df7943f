#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

/// One recorded θ of a training.
struct TrainingMoment {
  double step = 0;
  double loss = 0;  ///< over all examples
  std::vector<double> theta;
};

/// The recorded θ of one task and its last one.
struct TrainingRun {
  std::size_t task = 0;
  std::vector<TrainingMoment> moments;
  /// Stages by index: initial is the first moment, early the first whose loss is at most half of
  /// the initial one (the one before the last if none is), late the last.
  std::array<std::size_t, 3> stages{};
};
inline constexpr std::array<std::string_view, 3> kStages{"initial", "early", "late"};

/// All tasks of a phase that records θ, at most `most` moments each (evenly by number, the last one
/// always).  Throws Error if a task has no recorded θ.
[[nodiscard]] std::vector<TrainingRun> training_runs(const RunView& view,
                                                     const std::string& phase,
                                                     std::int64_t most);

/// Runs that differ in minimum or replica alone, by their place in the sweep; indices into `runs`.
struct RunGroup {
  Coordinates where;
  std::vector<std::size_t> runs;

  /// "activation = 1", empty without a sweep.
  [[nodiscard]] std::string label() const;
};
[[nodiscard]] std::vector<RunGroup> groups_of(const RunView& view,
                                              const std::vector<TrainingRun>& runs);

/// The mean over the runs of a group of one number of each, the larger of the numbers' own errors
/// and their scatter quoted; too_short for one run whose number has no error.
[[nodiscard]] Estimate over_runs(const RunGroup& group,
                                 const std::function<Estimate(std::size_t run)>& of);

/// The share of a group's runs for which `holds`, as analysis/share.hpp has it.
[[nodiscard]] Estimate share_of_runs(const RunGroup& group,
                                     const std::function<bool(std::size_t run)>& holds);

/// `count` examples drawn from all by a random ordering of the run's seed, in increasing order;
/// empty, which means all, if there are not more.
[[nodiscard]] std::vector<std::int32_t> chosen_examples(const RunView& view,
                                                        std::int64_t examples,
                                                        std::int64_t count);

}  // namespace thermoscape
