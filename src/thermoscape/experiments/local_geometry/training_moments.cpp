#include "thermoscape/experiments/local_geometry/training_moments.hpp"

#include <algorithm>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/share.hpp"

namespace thermoscape {

namespace {

/// At most `most` of 0 ... count-1, spread evenly, first and last among them.
std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
  std::vector<std::size_t> chosen;
  const std::size_t used = std::min(count, std::max<std::size_t>(most, 2));
  for (std::size_t i = 0; i < used; ++i) {
    chosen.push_back(used == 1 ? 0 : i * (count - 1) / (used - 1));
  }
  return chosen;
}

TrainingRun training_run(const RunView& view, std::size_t task, std::int64_t most) {
  const Recorded theta = view.recorded(task, "theta");
  const double step = time_step(view.branch(task).rule);
  TrainingRun run{task, {}, {}};
  for (std::size_t row = 0; row < theta.rows; ++row) {
    const auto begin = theta.values.begin() + static_cast<std::ptrdiff_t>(row * theta.width);
    run.moments.push_back({std::round(theta.time[row] / step),
                           0,
                           {begin, begin + static_cast<std::ptrdiff_t>(theta.width)}});
  }
  const TaskEnd end = view.end(task);
  if (run.moments.empty() || run.moments.back().step < static_cast<double>(end.steps)) {
    run.moments.push_back({static_cast<double>(end.steps), 0, view.last_theta(task)});
  }
  std::vector<TrainingMoment> kept;
  for (const std::size_t i : spread(run.moments.size(), static_cast<std::size_t>(most))) {
    kept.push_back(std::move(run.moments[i]));
  }
  run.moments = std::move(kept);
  const auto objective = view.objective(task);
  for (TrainingMoment& one : run.moments) one.loss = objective->loss(one.theta, Batch{});
  const std::size_t last = run.moments.size() - 1;
  std::size_t early = 0;
  while (early < last && run.moments[early].loss > run.moments.front().loss / 2) ++early;
  if (early == last && last > 0) early = last - 1;
  run.stages = {0, early, last};
  return run;
}

}  // namespace

std::vector<TrainingRun> training_runs(const RunView& view,
                                       const std::string& phase,
                                       std::int64_t most) {
  const std::vector<std::size_t> tasks = view.tasks_of(phase);
  std::vector<TrainingRun> runs(tasks.size());
  view.in_parallel(tasks.size(),
                   [&](std::size_t i) { runs[i] = training_run(view, tasks[i], most); });
  return runs;
}

std::string RunGroup::label() const {
  std::string text;
  for (const auto& [key, value] : where) {
    text += fmt::format("{}{} = {:.3g}", text.empty() ? "" : ", ", key, value);
  }
  return text;
}

std::vector<RunGroup> groups_of(const RunView& view, const std::vector<TrainingRun>& runs) {
  std::vector<RunGroup> groups;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const Coordinates& where = view.task(runs[r].task).where;
    const auto it = std::find_if(
        groups.begin(), groups.end(), [&](const RunGroup& one) { return one.where == where; });
    RunGroup& group = it == groups.end() ? groups.emplace_back(RunGroup{where, {}}) : *it;
    group.runs.push_back(r);
  }
  return groups;
}

Estimate over_runs(const RunGroup& group, const std::function<Estimate(std::size_t run)>& of) {
  std::vector<Estimate> members;
  for (const std::size_t run : group.runs) members.push_back(of(run));
  analysis::CombineOptions options;
  options.exclude_not_ok = false;
  Estimate mean = analysis::combine(members, options).estimate;
  if (mean.ok() && members.size() == 1 && !(mean.standard_error > 0)) {
    mean.status = Status::too_short;
  }
  return mean;
}

Estimate share_of_runs(const RunGroup& group, const std::function<bool(std::size_t run)>& holds) {
  return analysis::share(static_cast<double>(std::ranges::count_if(group.runs, holds)),
                         static_cast<double>(group.runs.size()));
}

std::vector<std::int32_t> chosen_examples(const RunView& view,
                                          std::int64_t examples,
                                          std::int64_t count) {
  if (count == 0 || count >= examples) return {};
  const Noise noise(static_cast<std::uint64_t>(view.recipe().head.seed));
  std::vector<std::int32_t> order =
      noise.permutation("training_moments.examples", 0, static_cast<std::int32_t>(examples));
  order.resize(static_cast<std::size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace thermoscape
