#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning_repeat.hpp"
#include "thermoscape/experiments/variance_flatness/of_tasks.hpp"
#include "thermoscape/experiments/variance_flatness/task_label.hpp"

namespace thermoscape {

namespace {

void add_errors(PooledFindings& pooled,
                const Task& task,
                const std::string& method,
                const TwoErrors& one,
                const Coordinates& where) {
  const auto add = [&](const char* what, double value) {
    pooled.add(task, method + what, {value, 0, Status::ok}, "1", where);
  };
  add("_first_error", one.first.over_all);
  add("_second_error", one.second.over_all);
  add("_first_error_within", one.first.within);
  add("_second_error_within", one.second.within);
}

/// How many tasks in sequence a method holds before the mean error over them passes the bound.
double capacity(const std::vector<TaskError>& means, double kept_error) {
  const auto lost = std::find_if(
      means.begin(), means.end(), [&](const TaskError& x) { return x.over_all > kept_error; });
  return static_cast<double>(lost - means.begin());
}

void add_findings(PooledFindings& pooled,
                  const Task& task,
                  const Repeat& one,
                  const ContinualOptions& options) {
  const auto add = [&](const std::string& quantity, double value, const Coordinates& where = {}) {
    pooled.add(task, quantity, {value, 0, Status::ok}, "1", where);
  };
  std::map<std::string, double> totals;
  for (const auto& [method, swept] : one.trade_off) {
    for (const auto& [strength, errors] : swept)
      add_errors(pooled, task, method, errors, {{"strength", strength}});
    const Chosen best = choose(swept);
    totals[method] = best.errors.total();
    add(method + "_total", totals[method]);
    add(method + "_total_within", best.errors.total_within());
    add(method + "_first", best.errors.first.over_all);
    add(method + "_second", best.errors.second.over_all);
    if (best.strength > 0) add(method + "_log10_strength", std::log10(best.strength));
  }
  for (const auto& [method, of_count] : one.over_count) {
    for (const auto& [count, best] : of_count) {
      const Coordinates where{{"constrained", count}};
      add_errors(pooled, task, method + "_of", best.errors, where);
      add(method + "_of_total", best.errors.total(), where);
      if (best.strength > 0) add(method + "_of_log10_strength", std::log10(best.strength), where);
    }
  }
  for (const auto& [method, means] : one.in_sequence) {
    for (std::size_t t = 0; t < means.size(); ++t) {
      const Coordinates where{{"tasks", static_cast<double>(t + 1)}};
      add(method + "_sequence_error", means[t].over_all, where);
      add(method + "_sequence_error_within", means[t].within, where);
    }
  }
  for (const auto& [method, means] : one.in_sequence) {
    const double held = capacity(means, options.kept_error);
    pooled.add(task, method + "_capacity", {held, 0, Status::ok}, "tasks");
  }
  // Differences within a repeat: initialisation and batches are the same for every method.
  for (const char* rival : {"none", "random", "elastic", "variance"})
    add(std::string(rival) + "_less_landscape", totals[rival] - totals["landscape"]);
}

/// A line for each method, place and end of its list of λ at which the best one stood: a better one
/// may lie beyond. The N_c of which that is so share a line.
std::vector<std::string> ends_of_lists(const std::vector<OfTask<Repeat>>& repeats) {
  struct Ends {
    int starts = 0;
    std::map<double, int> of_count;  // 0: where N_c is not swept
  };
  std::vector<std::pair<std::string, Ends>> found;
  const auto ends_of = [&](const std::string& label) -> Ends& {
    for (auto& one : found) {
      if (one.first == label) return one.second;
    }
    return found.emplace_back(label, Ends{}).second;
  };
  for (const auto& [task, repeat] : repeats) {
    const std::string place = label_of(task.where);
    for (const char* method : {"landscape", "variance", "random", "elastic"}) {
      std::map<double, Chosen> all;
      if (const auto it = repeat.over_count.find(method); it != repeat.over_count.end())
        all = it->second;
      all[0] = choose(repeat.trade_off.at(method));
      const std::string label = method + (place.empty() ? "" : ", " + place);
      Ends& low = ends_of(label + ": best λ at the low end of its list");
      ++low.starts;
      for (const auto& [n, best] : all) low.of_count[n] += best.lowest;
      Ends& high = ends_of(label + ": best λ at the high end of its list");
      ++high.starts;
      for (const auto& [n, best] : all) high.of_count[n] += best.highest;
    }
  }
  std::vector<std::string> lines;
  for (const auto& [label, ends] : found) {
    std::string where;
    for (const auto& [n, times] : ends.of_count) {
      if (times == 0) continue;
      where += fmt::format("{} in {} of {} starts{}",
                           where.empty() ? "" : ",",
                           times,
                           ends.starts,
                           n > 0 ? fmt::format(" at N_c = {}", n) : "");
    }
    if (!where.empty()) lines.push_back(label + where);
  }
  return lines;
}

}  // namespace

Measured measure_continual_learning(const RunView* view,
                                    const MeasureSettings& settings,
                                    TomlReader& reader) {
  const auto options = read_options<ContinualOptions>(reader);
  if (options.strengths.empty() || options.elastic_strengths.empty() || options.counts.empty())
    reject({reader.where(), "", "needs strengths, elastic_strengths and counts", ""});
  if (view == nullptr) return {};
  const auto repeats = of_tasks(*view, settings.phase, [&](std::size_t index) {
    return study_continual_learning(*view, index, options);
  });
  PooledFindings pooled;
  for (const auto& [task, repeat] : repeats) add_findings(pooled, task, repeat, options);
  Measured measured;
  measured.findings = pooled.findings();
  measured.notes = ends_of_lists(repeats);
  if (repeats.empty()) return measured;
  // Courses are averaged over the repeats at the first place of a sweep alone.
  std::vector<Repeat> shown;
  for (const auto& [task, repeat] : repeats) {
    if (task.where == repeats.front().task.where) shown.push_back(repeat);
  }
  measured.figures = continual_learning_figures(measured.findings, shown);
  measured.tables = {continual_learning_table(measured.findings)};
  return measured;
}

}  // namespace thermoscape
