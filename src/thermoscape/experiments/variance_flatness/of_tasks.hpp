#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

/// What an analysis found of one task.
template <class Found>
struct OfTask {
  Task task;
  Found found;
};

/// The tasks of a phase that did not diverge, in order.
[[nodiscard]] inline std::vector<std::size_t> finished_tasks(const RunView& view,
                                                             const std::string& phase) {
  std::vector<std::size_t> tasks = view.tasks_of(phase);
  std::erase_if(tasks, [&](std::size_t i) { return view.end(i).status == Status::diverged; });
  return tasks;
}

/// analyse(index) for every task of a phase that did not diverge, in parallel and in their order.
template <class Analyse>
[[nodiscard]] auto of_tasks(const RunView& view, const std::string& phase, Analyse&& analyse) {
  using Found = std::invoke_result_t<Analyse&, std::size_t>;
  const std::vector<std::size_t> tasks = finished_tasks(view, phase);
  std::vector<OfTask<Found>> out(tasks.size());
  view.in_parallel(tasks.size(), [&](std::size_t i) {
    out[i] = {view.task(tasks[i]), analyse(tasks[i])};
  });
  return out;
}

/// The same with analyse(index, objective): the objective of the task in the precision of the run.
template <class Analyse>
[[nodiscard]] auto of_typed_tasks(const RunView& view,
                                  const std::string& phase,
                                  Analyse&& analyse) {
  return of_tasks(view, phase, [&](std::size_t index) {
    return std::visit([&](const auto& objective) { return analyse(index, *objective); },
                      view.ground(index).objective);
  });
}

/// Throws Error "WHERE, fit ..." unless `fit` is [from, to] with from < to.
inline void check_fit(const std::vector<std::int64_t>& fit, const std::string& where) {
  if (fit.size() == 2 && fit[0] < fit[1]) return;
  reject({where + ", fit",
          fmt::format("{} numbers", fit.size()),
          "must be [from, to] with from < to",
          ""});
}

}  // namespace thermoscape
