#pragma once
#include <optional>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/experiments/queue.hpp"
#include "thermoscape/experiments/task.hpp"

namespace thermoscape {

/// The key of a [[phase]] whose tasks share their steps (record/run_together.hpp): branches,
/// replicas and minima that stand on the same data and network fill the lanes of the vectors. It is
/// a choice of the recipe, for losses agree with those of single tasks only to rounding; results do
/// not depend on how many tasks share a vector, on threads, or on where a run was killed.
struct BatchedSettings {
  bool batched = false;

  static constexpr auto fields() {
    return std::tuple{field("batched",
                            &BatchedSettings::batched,
                            "",
                            "advance tasks of this phase together, one a vector lane")};
  }
};

/// Whether the phase of a plan says so.
[[nodiscard]] bool is_batched(const Recipe& recipe, std::size_t phase);

/// Throws Error unless the tasks of a batched phase can share their steps: rule overdamped, all
/// examples in a batch, a length without stop conditions, a multilayer perceptron that
/// mlp::Replicas knows.
void check_batched(const Branch& branch, const AnyObjective& objective, const std::string& where);

/// A job of a run: the tasks that go on one thread, all of a kind, the longest first.
struct TaskGroup {
  std::vector<std::size_t> tasks;
  bool together = false;
};
/// Every task in one group: alone, or with those that it shares its steps with, in as many groups
/// as fill the lanes, at most one a thread.
[[nodiscard]] std::vector<TaskGroup> group_tasks(const Workshop& workshop);
/// The groups as jobs of a queue.
[[nodiscard]] std::vector<Job> jobs_of(const Plan& plan, const std::vector<TaskGroup>& groups);

/// Seconds of one step of as many replicas of the branch as share a vector, from timing a few here.
[[nodiscard]] double seconds_per_vector_step(const Ground& ground, const Branch& branch);
/// So many replicas.
[[nodiscard]] std::size_t lanes_of(const Ground& ground);

/// Runs tasks of one group together, each as run_task would; true if all are finished. `signals` is
/// asked once a task, when it begins; `ended` is called as each ends.
bool run_tasks_together(const Workshop& workshop,
                        const std::vector<std::size_t>& tasks,
                        const std::function<TaskSignals(std::size_t task)>& signals,
                        const std::function<void(std::size_t task, const TaskEnd&)>& ended);

}  // namespace thermoscape
