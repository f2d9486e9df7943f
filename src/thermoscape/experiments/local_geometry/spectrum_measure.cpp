#include <map>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/local_geometry/curvature_report.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/landscape/curvature_cost.hpp"

namespace thermoscape {

namespace {

struct SpectrumOptions {
  bool replicas = false;
  std::int64_t shown = 3;

  static constexpr auto fields() {
    using O = SpectrumOptions;
    return std::tuple{field("replicas", &O::replicas, "", "every replica, not the first alone"),
                      field("shown",
                            &O::shown,
                            "",
                            "points of the sweep that get figures and tables",
                            kAtLeastOne)};
  }
};

/// "temperature = 1e-05, momentum = 0.9"; empty for a phase without a sweep.
std::string label_of(const Coordinates& where) {
  std::string label;
  for (const auto& [key, value] : where) {
    label += fmt::format("{}{} = {:.3g}", label.empty() ? "" : ", ", key, value);
  }
  return label;
}

/// The tasks of a phase that are looked at, by point of the sweep, in order.
struct Points {
  std::vector<Coordinates> where;
  std::vector<std::vector<std::size_t>> tasks;

  Points(const RunView& view, const std::string& phase, bool replicas) {
    for (const std::size_t index : view.tasks_of(phase)) {
      const Task& task = view.task(index);
      if (!replicas && task.replica > 0) continue;
      std::size_t at = 0;
      while (at < where.size() && where[at] != task.where) ++at;
      if (at == where.size()) {
        where.push_back(task.where);
        tasks.emplace_back();
      }
      tasks[at].push_back(index);
    }
  }
};

/// Mean of each finding over the tasks of a point, errors from their spread where that is larger.
void pool(const Coordinates& where, const std::vector<Curvature>& of, Measured& measured) {
  std::vector<std::string> order;
  std::map<std::string, std::pair<std::vector<Estimate>, std::string>> all;
  for (const Curvature& one : of) {
    for (const Finding& finding : curvature_findings(one)) {
      auto& [members, unit] = all[finding.quantity];
      if (members.empty()) order.push_back(finding.quantity);
      members.push_back(finding.estimate);
      unit = finding.unit;
    }
  }
  for (const std::string& quantity : order) {
    const auto& [members, unit] = all[quantity];
    const Estimate mean = members.size() == 1
                              ? members[0]
                              : analysis::combine(members, {.exclude_not_ok = false}).estimate;
    measured.findings.push_back({quantity, where, mean, unit});
  }
}

}  // namespace

Measured measure_spectrum(const RunView* view,
                          const MeasureSettings& settings,
                          TomlReader& reader) {
  CurvatureOptions options;
  SpectrumOptions own;
  reader.read(options);
  reader.read(own);
  reader.finish();
  if (view == nullptr) return {};
  const Points points(*view, settings.phase, own.replicas);
  std::vector<std::size_t> tasks;
  for (const auto& list : points.tasks) tasks.insert(tasks.end(), list.begin(), list.end());
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  options.memory = memory_for(options) / kGiB / std::max(1, view->workshop().threads);
  std::vector<Curvature> found(tasks.size());
  const Noise noise(static_cast<std::uint64_t>(view->recipe().head.seed));
  view->in_parallel(tasks.size(), [&](std::size_t i) {
    const std::unique_ptr<Objective<double>> objective = view->objective(tasks[i]);
    found[i] = measure_curvature(
        *objective, view->last_theta(tasks[i]), options, noise.fork("spectrum", i));
  });

  Measured measured;
  std::size_t first = 0;
  for (std::size_t p = 0; p < points.where.size(); ++p) {
    const std::size_t count = points.tasks[p].size();
    const std::vector<Curvature> of(found.begin() + static_cast<std::ptrdiff_t>(first),
                                    found.begin() + static_cast<std::ptrdiff_t>(first + count));
    pool(points.where[p], of, measured);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string& id = view->task(points.tasks[p][i]).id;
      if (of[i].status() != Status::ok) {
        measured.notes.push_back(fmt::format("task {}: {} of {} eigenpairs converged ({})",
                                             id,
                                             of[i].hessian().pairs.converged_count(),
                                             of[i].hessian().pairs.count(),
                                             name(of[i].status())));
      }
      measured.data.make_group(id) = curvature_dataset(of[i]);
    }
    first += count;
    if (p >= static_cast<std::size_t>(own.shown)) continue;
    const std::string label = label_of(points.where[p]);
    const std::string suffix = points.where.size() > 1 ? fmt::format("_{}", p + 1) : "";
    for (Figure& figure : curvature_figures(of[0])) {
      figure.id += suffix;
      if (!label.empty()) figure.title += ", " + label;
      measured.figures.push_back(std::move(figure));
    }
    for (Table& table : curvature_tables(of[0])) {
      table.id += suffix;
      if (!label.empty()) table.title += ", " + label;
      measured.tables.push_back(std::move(table));
    }
  }
  return measured;
}

}  // namespace thermoscape
