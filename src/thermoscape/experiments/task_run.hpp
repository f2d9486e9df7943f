#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "thermoscape/experiments/task.hpp"
#include "thermoscape/store/checkpoint.hpp"

namespace thermoscape {

/// The end of a task as its checkpoint tells it.
template <class Real>
[[nodiscard]] TaskEnd end_of(const store::Checkpoint<Real>& checkpoint);

/// The streams of a task: one a probe, created anew or resumed at the marks of a checkpoint.
template <class Real>
class Recorder {
 public:
  Recorder(const Workshop& workshop,
           const Task& task,
           const std::vector<Probe<Real>>& probes,
           const std::map<std::string, store::StreamMark>* marks);

  void append(std::size_t probe, std::span<const double> numbers) {
    writers_[probe].append(numbers);
  }
  [[nodiscard]] std::map<std::string, store::StreamMark> marks();

 private:
  const std::vector<Probe<Real>>* probes_;
  std::vector<store::StreamWriter> writers_;
};

/// What a running task has: where it is, what it looks at, and where both go. Made from the task's
/// checkpoint, or from its parent's last state; everything that a run loop asks for. What it is
/// made from must outlive it.
template <class Real>
class TaskRun {
 public:
  TaskRun(const Workshop& workshop,
          const Objective<Real>& prototype,
          const Task& task,
          const TaskSignals& signals);
  TaskRun(const TaskRun&) = delete;
  TaskRun& operator=(const TaskRun&) = delete;
  ~TaskRun() = default;

  /// As the checkpoint says; if finished, nothing but this may be asked for.
  [[nodiscard]] TaskEnd end() const { return end_of(checkpoint_); }
  [[nodiscard]] Objective<Real>& objective() { return *objective_; }
  [[nodiscard]] const Noise& noise() const { return noise_; }
  [[nodiscard]] Sampler& sampler() { return *sampler_; }
  [[nodiscard]] State<Real>& state() { return checkpoint_.state; }
  [[nodiscard]] std::span<const Real> origin() const { return start_.theta; }
  [[nodiscard]] std::span<const Probe<Real>> probes() const { return probes_; }
  /// Hooks that append to the streams, report steps and write checkpoints.
  [[nodiscard]] Hooks hooks();
  /// Writes the last checkpoint.
  TaskEnd finish(const Outcome& outcome);

 private:
  using Clock = std::chrono::steady_clock;

  void begin(const Objective<Real>& prototype);
  [[nodiscard]] bool pulse(std::int64_t step);
  void report(std::int64_t step);
  void save();

  const Workshop* workshop_;
  const Task* task_;
  const TaskSignals* signals_;
  const Branch* branch_;
  std::filesystem::path path_;
  bool resumed_;
  store::Checkpoint<Real> checkpoint_;
  std::unique_ptr<Objective<Real>> objective_;
  State<Real> start_;
  Noise noise_;
  std::optional<Sampler> sampler_;
  std::vector<Probe<Real>> probes_;
  std::optional<Recorder<Real>> recorder_;
  Clock::time_point saved_;
  std::int64_t reported_ = 0;
};

}  // namespace thermoscape
