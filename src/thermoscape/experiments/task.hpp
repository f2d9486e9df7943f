#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "thermoscape/data/load.hpp"
#include "thermoscape/experiments/plan.hpp"
#include "thermoscape/objective/parameter_subset.hpp"
#include "thermoscape/store/run_directory.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape {

/// What a task stands on: the data and the objective of the recipe, or of one variant of it.
struct Ground {
  Coordinates where;  ///< of the variant; empty without variants
  AnyObjective settings;
  std::variant<std::shared_ptr<const Objective<float>>, std::shared_ptr<const Objective<double>>>
      objective;
  std::shared_ptr<const data::Labelled> train;  ///< what it averages over; null without data
  std::vector<std::string> notes;  ///< where the data came from, what stands in for what
  std::string digest;              ///< of the training data; empty without
  std::string place;               ///< place_of the phases that stand here
  std::vector<Ground> others;      ///< one a place other than the default one; these have none

  /// The ground at a place of places_of; this one for the empty name.
  [[nodiscard]] const Ground& at(const std::string& other) const {
    for (const Ground& one : others) {
      if (one.place == other) return one;
    }
    return *this;
  }
  [[nodiscard]] std::span<const std::int32_t> labels() const {
    return train ? std::span<const std::int32_t>(train->labels) : std::span<const std::int32_t>();
  }
  /// The same objective in double precision, for measures.
  [[nodiscard]] std::unique_ptr<Objective<double>> in_double() const {
    return make_objective<double>(settings, train.get());
  }
};

/// The test part of the set that phases at `place` of a ground run on; null unless it is loaded.
[[nodiscard]] const Ground* test_ground(const Recipe& recipe,
                                        const Ground& ground,
                                        const std::string& place);
/// As probes take it.
template <class Real>
[[nodiscard]] TestPart<Real> test_part(const Ground* test) {
  if (test == nullptr) return {};
  return {std::get<std::shared_ptr<const Objective<Real>>>(test->objective), test->labels()};
}

/// What the tasks of a run share and only read.
struct Workshop {
  const Recipe* recipe = nullptr;
  int threads = 1;
  const Plan* plan = nullptr;
  store::RunDirectory directory;
  const std::vector<Ground>* grounds = nullptr;

  [[nodiscard]] const Ground& ground(const Task& task) const {
    return (*grounds)[task.ground].at(plan->branch(task).place);
  }
};

/// How a task ended, as its last checkpoint says.
struct TaskEnd {
  bool finished = false;
  Status status = Status::undefined;
  std::int64_t steps = 0;
  double time = 0;
  double loss = 0;
};

/// What `text` names among the parameters of the ground (objective/parameter_subset.hpp). Throws
/// Error "WHERE = text: ..." if that is nothing.
[[nodiscard]] ParameterSubset named_parameters(const std::string& text,
                                               const Ground& ground,
                                               const std::string& where);

/// Signals between a running task and the outside.
struct TaskSignals {
  const std::atomic<bool>* interrupted = nullptr;    ///< true: write a checkpoint and return
  std::function<void(std::int64_t steps)> progress;  ///< steps done since the last call
  double seconds_between_checkpoints = 5;
};

/// Runs one task from its checkpoint, or from its parent's last state, to its end. Probes append to
/// stream files; a checkpoint holds the State and the marks of the streams, and going on truncates
/// the streams to them.
TaskEnd run_task(const Workshop& workshop, const Task& task, const TaskSignals& signals);

/// The end of a task as stored; not finished if there is no checkpoint yet.
[[nodiscard]] TaskEnd task_end(const Workshop& workshop, const Task& task);
/// How far each stream of the task reaches, as its last checkpoint vouches.
[[nodiscard]] std::map<std::string, store::StreamMark> stream_marks(const Workshop& workshop,
                                                                    const Task& task);
/// θ of the task's last checkpoint.
[[nodiscard]] std::vector<double> last_theta(const Workshop& workshop, const Task& task);
/// The running statistics beside it; empty for objectives without.
[[nodiscard]] Buffers<double> last_buffers(const Workshop& workshop, const Task& task);

}  // namespace thermoscape
