#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "thermoscape/experiments/task.hpp"

namespace thermoscape {

/// What one probe of one task recorded.
struct Recorded {
  Values values;  ///< row-major [rows, width]
  std::size_t rows = 0;
  std::size_t width = 1;
  std::string axis;  ///< what the width counts
  std::string unit;
  std::string description;
  std::vector<double> time;  ///< [rows], time of each look since the start of the phase [time]
};

/// A finished run as measures see it: tasks, what they recorded, where they ended, and the
/// objective they lived on. Reads only the run directory, so a measure can be taken again without
/// simulating.
class RunView {
 public:
  explicit RunView(const Workshop& workshop) : workshop_(&workshop) {}

  [[nodiscard]] const Recipe& recipe() const { return *workshop_->recipe; }
  [[nodiscard]] const Plan& plan() const { return *workshop_->plan; }
  [[nodiscard]] const Workshop& workshop() const { return *workshop_; }
  /// Indices of the tasks of a phase, in order; throws Error for an unknown phase.
  [[nodiscard]] std::vector<std::size_t> tasks_of(const std::string& phase) const;
  [[nodiscard]] const Task& task(std::size_t index) const { return plan().tasks[index]; }
  [[nodiscard]] const Branch& branch(std::size_t index) const { return plan().branch(task(index)); }
  [[nodiscard]] TaskEnd end(std::size_t index) const { return task_end(*workshop_, task(index)); }
  [[nodiscard]] bool records(std::size_t index, const std::string& probe) const;
  /// Throws Error naming what the phase records if it does not record `probe`.
  [[nodiscard]] Recorded recorded(std::size_t index, const std::string& probe) const;
  [[nodiscard]] std::vector<double> last_theta(std::size_t index) const;
  /// The objective of a task in double precision, with the running statistics of its end, for
  /// measurements; one a thread.
  [[nodiscard]] std::unique_ptr<Objective<double>> objective(std::size_t index) const;
  /// What the task stands on.
  [[nodiscard]] const Ground& ground(std::size_t index) const {
    return workshop_->ground(task(index));
  }
  /// Calls work(i) for each i in [0, count) on the run's threads; results must go to places of
  /// their own.
  void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) const;
  /// The same view, whose in_parallel tells how many of how many are done, one call at a time.
  [[nodiscard]] RunView watched(std::function<void(std::size_t, std::size_t)> watcher) const;

 private:
  const Workshop* workshop_;
  std::function<void(std::size_t, std::size_t)> watcher_;
};

/// The stored arrays of a phase: a group a task with what its probes recorded over time, and the
/// table of tasks.
[[nodiscard]] Dataset phase_dataset(const RunView& view, std::size_t phase);

}  // namespace thermoscape
