#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace thermoscape {

/// A job of a queue: how long it takes in any unit, and the jobs that must end before it starts.
struct Job {
  double cost = 0;
  std::optional<std::size_t> parent;
  std::vector<std::size_t> more_parents = {};
};

/// Runs work(i) for all jobs on `threads` threads, parents first and otherwise the costliest first,
/// so that a long job does not start last. When work returns false, or throws, nothing new is
/// started; the first exception is thrown again once all threads are idle. Returns true if every
/// job ran and returned true.
bool run_queue(const std::vector<Job>& jobs,
               int threads,
               const std::function<bool(std::size_t)>& work);

}  // namespace thermoscape
