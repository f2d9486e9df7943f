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
#include "thermoscape/store/run_directory.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape {

/// What a task stands on: the data and the objective of the recipe, or of one variant of it.
struct Ground {
  Coordinates where;  ///< of the variant; empty without variants
  AnyObjective settings;
  std::variant<std::shared_ptr<const Objective<float>>, std::shared_ptr<const Objective<double>>>
      objective;
  std::shared_ptr<const data::Labelled> train;  ///< null for an objective without data
  std::vector<std::string> notes;  ///< where the data came from, what stands in for what
  std::string digest;              ///< of the training data; empty without

  [[nodiscard]] std::span<const std::int32_t> labels() const {
    return train ? std::span<const std::int32_t>(train->labels) : std::span<const std::int32_t>();
  }
  /// The same objective in double precision, for measures.
  [[nodiscard]] std::unique_ptr<Objective<double>> in_double() const {
    return make_objective<double>(settings, train.get());
  }
};

/// What the tasks of a run share and only read.
struct Workshop {
  const Recipe* recipe = nullptr;
  int threads = 1;
  const Plan* plan = nullptr;
  store::RunDirectory directory;
  const std::vector<Ground>* grounds = nullptr;

  [[nodiscard]] const Ground& ground(const Task& task) const { return (*grounds)[task.ground]; }
};

/// How a task ended, as its last checkpoint says.
struct TaskEnd {
  bool finished = false;
  Status status = Status::undefined;
  std::int64_t steps = 0;
  double time = 0;
  double loss = 0;
};

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

}  // namespace thermoscape
