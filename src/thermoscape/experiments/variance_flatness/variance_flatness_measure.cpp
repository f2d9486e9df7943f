#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/variance_flatness/of_tasks.hpp"
#include "thermoscape/experiments/variance_flatness/task_label.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness_study.hpp"
#include "thermoscape/theory/mini_loss_landscape.hpp"

namespace thermoscape {

namespace {

void check(const VarianceFlatnessOptions& options, const std::string& where) {
  check_fit(options.fit, where);
  if (!std::is_sorted(options.fit_edges.begin(), options.fit_edges.end()) ||
      options.fit_edges.size() < 2) {
    reject({where + ", fit_edges", "", "must be two or more ranks in increasing order", ""});
  }
}

/// The pairs of edges that the map fits between.
std::vector<std::pair<std::int64_t, std::int64_t>> ranges_of(
    const std::vector<std::int64_t>& edges) {
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
  for (std::size_t a = 0; a < edges.size(); ++a) {
    for (std::size_t b = a + 1; b < edges.size(); ++b) ranges.emplace_back(edges[a], edges[b]);
  }
  return ranges;
}

Coordinates place_in_map(double window, const std::pair<std::int64_t, std::int64_t>& range) {
  return {{"window", window},
          {"rank_from", static_cast<double>(range.first)},
          {"rank_to", static_cast<double>(range.second)}};
}

void add_law(PooledFindings& pooled,
             const Task& task,
             const std::string& suffix,
             const Condition& one) {
  pooled.add(task, "psi" + suffix, one.law.psi, "1");
  pooled.add(task, "gamma" + suffix, one.gamma, "1");
  pooled.add(task, "rank_correlation" + suffix, one.law.rank_correlation, "1");
}

void add_findings(PooledFindings& pooled,
                  const StudiedTask& one,
                  const VarianceFlatnessOptions& options) {
  const VarianceFlatnessStudy& study = one.study;
  add_law(pooled, one.task, "", study.data);
  pooled.add(one.task, "psi_direct", {study.data.law.direct, 0, study.data.law.psi.status}, "1");
  pooled.add(one.task, "psi_inverse", {study.data.law.inverse, 0, study.data.law.psi.status}, "1");
  pooled.add(one.task, "psi_single_steps", study.step_law.psi, "1");
  for (const Condition& control : study.controls)
    add_law(pooled, one.task, "_" + control.name, control);
  for (const Condition& control : study.controls) {
    if (control.name != "shuffled") continue;
    Estimate excess = study.data.law.psi;
    excess.value -= control.law.psi.value;
    excess.standard_error = std::hypot(excess.standard_error, control.law.psi.standard_error);
    pooled.add(one.task, "psi_less_shuffled", excess, "1");
  }
  double curvature_over_width = 0, squares = 0, count = 0, quality = 0;
  std::vector<double> windows;
  for (const MeasuredMode& mode : study.data.modes) {
    if (mode.rank < options.fit[0] || mode.rank > options.fit[1]) continue;
    const auto steps = static_cast<double>(study.looks * study.every);
    const double window = steps / relaxation_steps(mode, study.drift_rate, study.loss);
    if (std::isfinite(window)) windows.push_back(window);
    const analysis::Flatness& flatness = mode.profile.flatness;
    if (!flatness.width.ok() || !flatness.from_curvature.ok()) continue;
    const double ratio = flatness.from_curvature.value / flatness.width.value;
    curvature_over_width += ratio;
    squares += ratio * ratio;
    quality += mode.profile.r_squared;
    ++count;
  }
  if (count > 1) {
    const double mean = curvature_over_width / count;
    const double error = std::sqrt(std::max(0.0, squares / count - mean * mean) / (count - 1));
    pooled.add(one.task, "curvature_over_width", {mean, error, Status::ok}, "1");
    pooled.add(one.task, "parabola_r_squared", {quality / count, 0, Status::ok}, "1");
  }
  if (!windows.empty()) {
    std::nth_element(windows.begin(), windows.begin() + std::ssize(windows) / 2, windows.end());
    pooled.add(
        one.task, "window_over_relaxation", {windows[windows.size() / 2], 0, Status::ok}, "1");
  }
  const Profile& first = study.data.modes.front().profile;
  if (first.flatness.from_curvature.ok()) {
    // The slope over a quarter of the width, where the parabola itself has risen by 1/4.
    Estimate slope = first.slope;
    const double unit = first.flatness.from_curvature.value / 4;
    slope.value = std::abs(slope.value) * unit;
    slope.standard_error *= unit;
    pooled.add(one.task, "first_mode_slope", slope, "1");
  }
  pooled.add(one.task, "loss", {study.loss, 0, Status::ok}, "loss");
}

void add_map(PooledFindings& pooled,
             const StudiedTask& one,
             const VarianceFlatnessOptions& options) {
  for (const Condition& control : one.study.controls) {
    for (const auto& range : ranges_of(options.fit_edges)) {
      pooled.add(one.task,
                 "map_psi_" + control.name,
                 flatness_law(control.modes, range.first, range.second).psi,
                 "1",
                 place_in_map(1, range));
      pooled.add(one.task,
                 "map_gamma_" + control.name,
                 rank_exponent(control.variances, range.first, range.second),
                 "1",
                 place_in_map(1, range));
    }
  }
  for (std::size_t w = 0; w < options.windows.size(); ++w) {
    const Condition& window = one.study.of_windows[w];
    for (const auto& range : ranges_of(options.fit_edges)) {
      const Coordinates where = place_in_map(options.windows[w], range);
      pooled.add(one.task,
                 "map_psi",
                 flatness_law(window.modes, range.first, range.second).psi,
                 "1",
                 where);
      pooled.add(one.task,
                 "map_gamma",
                 rank_exponent(window.variances, range.first, range.second),
                 "1",
                 where);
    }
  }
}

Coordinates within(const Task& task, const Coordinates& more) {
  Coordinates where = task.where;
  where.insert(where.end(), more.begin(), more.end());
  return where;
}

/// ψ, or γ, over the fitted ranks: a series a window, and one a control in the whole window.
Figure map_figure(const PooledFindings& pooled,
                  const StudiedTask& one,
                  const std::string& quantity,
                  const std::string& symbol,
                  const VarianceFlatnessOptions& options) {
  Figure figure{
      quantity,
      symbol + " over fit range and window",
      "Fitted between every two of the ranks " +
          fmt::format("{}", fmt::join(options.fit_edges, ", ")) +
          ", over the geometric middle of the two, in windows that end with the phase and "
          "take this part of it; the controls in the whole. Of the first branch of the "
          "sweep.",
      {"middle of the fitted ranks", "log"},
      {symbol, "linear"},
      {}};
  const auto add = [&](const std::string& label, const std::string& from, double window) {
    Series series{label, {}, {}, {}, "line+points", label};
    std::map<double, Estimate> ordered;
    for (const auto& range : ranges_of(options.fit_edges)) {
      const double middle =
          std::sqrt(static_cast<double>(range.first) * static_cast<double>(range.second));
      const Estimate found = pooled.at(from, within(one.task, place_in_map(window, range)));
      if (found.ok()) ordered[middle] = found;
    }
    for (const auto& [middle, found] : ordered) {
      series.x.push_back(middle);
      series.y.push_back(found.value);
      series.y_error.push_back(found.standard_error);
    }
    if (!series.x.empty()) figure.series.push_back(std::move(series));
  };
  for (const double window : options.windows)
    add(fmt::format("window {:.3g}", window), quantity, window);
  for (const Condition& control : one.study.controls)
    add(control.name, quantity + "_" + control.name, 1);
  return figure;
}

Table map_table(const PooledFindings& pooled,
                const Task& task,
                const VarianceFlatnessOptions& options) {
  Table table{"map",
              "ψ and γ over fit range and window",
              "σ² ∝ F^-ψ and σ² ∝ i^-γ, fitted between the two ranks, in windows that end with the "
              "phase and take this part of it. Of the first branch of the sweep.",
              {"window", "ranks", "ψ", "γ"},
              {}};
  for (const double window : options.windows) {
    for (const auto& range : ranges_of(options.fit_edges)) {
      const Coordinates where = within(task, place_in_map(window, range));
      table.rows.push_back({fmt::format("{:.3g}", window),
                            fmt::format("{} – {}", range.first, range.second),
                            cell(pooled.at("map_psi", where)),
                            cell(pooled.at("map_gamma", where))});
    }
  }
  return table;
}

Table law_table(const PooledFindings& pooled, const std::vector<StudiedTask>& studies) {
  Table table{"laws",
              "The relation and its controls",
              "ψ with errors in both axes over the fitted ranks, the rank correlation of σ² and F, "
              "and γ. What a control shows, the relation of the data owes to no dynamics.",
              {"", "ψ", "rank correlation", "γ"},
              {}};
  std::vector<Coordinates> seen;
  for (const StudiedTask& one : studies) {
    if (std::find(seen.begin(), seen.end(), one.task.where) != seen.end()) continue;
    seen.push_back(one.task.where);
    std::string place;
    for (const auto& [key, value] : one.task.where)
      place += fmt::format(", {} = {:.3g}", key, value);
    const auto row = [&](const std::string& label, const std::string& suffix) {
      table.rows.push_back({label + place,
                            cell(pooled.at("psi" + suffix, one.task.where)),
                            cell(pooled.at("rank_correlation" + suffix, one.task.where)),
                            cell(pooled.at("gamma" + suffix, one.task.where))});
    };
    row(one.study.data.name, "");
    for (const Condition& control : one.study.controls) row(control.name, "_" + control.name);
    table.rows.push_back(
        {"single steps" + place, cell(pooled.at("psi_single_steps", one.task.where)), "", ""});
  }
  return table;
}

void store_arrays(Dataset& data, const std::string& id, const Condition& one) {
  Dataset& group = data.make_group(id + "/" + one.name);
  const auto vector = [&](const char* name, const char* unit, const char* meaning, auto&& of) {
    std::vector<double> values;
    for (const MeasuredMode& mode : one.modes) values.push_back(of(mode));
    group.put_vector(name, "mode", values, unit, meaning);
  };
  using M = const MeasuredMode&;
  vector("rank", "1", "rank", [](M m) { return static_cast<double>(m.rank); });
  vector("variance", "θ²", "σ² in the window", [](M m) { return m.variance; });
  vector("step_square", "θ²", "mean square of a step", [](M m) { return m.step_square; });
  vector("width", "θ", "F, width of L <= e L0", [](M m) { return m.profile.flatness.width.value; });
  vector("flatness_from_curvature", "θ", "F = √(8/M)", [](M m) {
    return m.profile.flatness.from_curvature.value;
  });
  vector("slope", "1/θ", "slope of ln L", [](M m) { return m.profile.slope.value; });
  vector("curvature", "1/θ²", "curvature of ln L", [](M m) { return m.profile.curvature.value; });
  vector("r_squared", "1", "of the parabola in ln L", [](M m) { return m.profile.r_squared; });
}

/// Median over the fitted ranks of σ² over T F²/(8 L0).
Estimate over_theory(const Condition& one, const VarianceFlatnessOptions& options) {
  std::vector<double> ratios;
  for (const MeasuredMode& mode : one.modes) {
    const Estimate& flatness = mode.profile.flatness.from_curvature;
    if (mode.rank < options.fit[0] || mode.rank > options.fit[1] || !flatness.ok()) continue;
    ratios.push_back(mode.variance /
                     theory::equilibrium_variance(one.temperature, flatness.value, one.loss));
  }
  if (ratios.empty()) return {0, 0, Status::too_short};
  std::nth_element(ratios.begin(), ratios.begin() + std::ssize(ratios) / 2, ratios.end());
  return {ratios[ratios.size() / 2], 0, Status::ok};
}

/// The equilibrium phase along the modes of the studied task of the same minimum; those to draw.
std::vector<Condition> equilibria(const RunView& view,
                                  const std::vector<StudiedTask>& studies,
                                  const VarianceFlatnessOptions& options,
                                  PooledFindings& pooled,
                                  Dataset& data) {
  const std::vector<std::size_t> list = view.tasks_of(options.equilibrium);
  std::vector<Condition> found(list.size());
  view.in_parallel(list.size(), [&](std::size_t i) {
    for (const StudiedTask& one : studies) {
      if (one.task.minimum != view.task(list[i]).minimum || !found[i].modes.empty()) continue;
      found[i] = study_equilibrium(view, list[i], one.study, options);
    }
  });
  std::vector<Condition> drawn;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Task& task = view.task(list[i]);
    if (found[i].modes.empty()) continue;
    pooled.add(task, "psi_equilibrium", found[i].law.psi, "1");
    pooled.add(task, "rank_correlation_equilibrium", found[i].law.rank_correlation, "1");
    pooled.add(task, "equilibrium_over_theory", over_theory(found[i], options), "1");
    store_arrays(data, task.id, found[i]);
    if (task.minimum == 0 && task.replica == 0) drawn.push_back(std::move(found[i]));
  }
  return drawn;
}

}  // namespace

Measured measure_variance_flatness(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader) {
  VarianceFlatnessOptions options;
  reader.read(options);
  reader.read(options.profile, "profile.");
  reader.finish();
  check(options, reader.where());
  if (view == nullptr) return {};
  Measured measured;
  std::vector<StudiedTask> studies;
  const std::vector<std::size_t> tasks = finished_tasks(*view, settings.phase);
  std::vector<VarianceFlatnessStudy> found = study_variance_flatness(*view, tasks, options);
  for (std::size_t i = 0; i < tasks.size(); ++i)
    studies.push_back({view->task(tasks[i]), std::move(found[i])});
  PooledFindings pooled;
  for (const StudiedTask& one : studies) {
    add_findings(pooled, one, options);
    add_map(pooled, one, options);
    store_arrays(measured.data, one.task.id, one.study.data);
    for (const Condition& control : one.study.controls)
      store_arrays(measured.data, one.task.id, control);
  }
  std::vector<Condition> beside;
  if (!options.equilibrium.empty()) {
    beside = equilibria(*view, studies, options, pooled, measured.data);
  }
  measured.findings = pooled.findings();
  if (!studies.empty()) {
    measured.tables.push_back(law_table(pooled, studies));
    measured.tables.push_back(map_table(pooled, studies.front().task, options));
  }
  std::vector<Figure> maps;
  if (!studies.empty()) {
    maps = {map_figure(pooled, studies.front(), "map_psi", "ψ", options),
            map_figure(pooled, studies.front(), "map_gamma", "γ", options)};
  }
  std::erase_if(studies, [](const StudiedTask& one) {
    return one.task.minimum != 0 || one.task.replica != 0;
  });
  measured.figures = variance_flatness_figures(studies, beside);
  for (Figure& one : maps) {
    if (!one.series.empty()) measured.figures.push_back(std::move(one));
  }
  return measured;
}

}  // namespace thermoscape
