#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/limiting_dynamics/displacement_study.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

namespace {

using Tasks = std::vector<TaskDisplacement>;

void add_estimates(Series& series, const std::vector<double>& x, const std::vector<Estimate>& y) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(y[i].value) || !std::isfinite(y[i].standard_error)) continue;
    series.x.push_back(x[i]);
    series.y.push_back(y[i].value);
    series.y_error.push_back(y[i].standard_error);
  }
}

/// The first task of each point of the sweep.
std::vector<const TaskDisplacement*> firsts(const Tasks& tasks) {
  std::vector<const TaskDisplacement*> list;
  for (const TaskDisplacement& t : tasks) {
    const auto same = [&](const TaskDisplacement* other) { return other->where == t.where; };
    if (std::none_of(list.begin(), list.end(), same)) list.push_back(&t);
  }
  return list;
}

Figure displacement_figure(const Tasks& tasks) {
  Figure figure{"displacement",
                "Mean square displacement",
                "Points: over all origins, one standard error by bootstrap over stretches of the "
                "run. Thin line: |θ_k - θ_0|² from the start alone. Lines: the exact theory of the "
                "steps from the modes at the last θ; dashed: in continuous time. First replica.",
                {"k [steps]", "log"},
                {"⟨|Δθ|²⟩ [θ²]", "log"},
                {}};
  for (const TaskDisplacement* t : firsts(tasks)) {
    Series points{t->label, {}, {}, {}, "points", t->label};
    add_estimates(points, t->lags, t->origins.displacement);
    Series start{t->label + ", from the start", {}, {}, {}, "line", t->label + ", from the start"};
    for (const std::int64_t look :
         analysis::log_lags(static_cast<std::int64_t>(t->from_start.size()) - 1, 100)) {
      if (!(t->from_start[static_cast<std::size_t>(look)] > 0)) continue;
      start.x.push_back(static_cast<double>(look) * t->every);
      start.y.push_back(t->from_start[static_cast<std::size_t>(look)]);
    }
    figure.series.push_back(std::move(points));
    figure.series.push_back(std::move(start));
    if (t->exact.empty()) continue;
    figure.series.push_back({t->label + ", exact", t->lags, t->exact, {}, "line", t->label});
    figure.series.push_back(
        {t->label + ", continuous", t->lags, t->continuous, {}, "dashed", t->label});
  }
  return figure;
}

Figure exponent_figure(const Tasks& tasks) {
  Figure figure{"local_exponent",
                "Local exponent of the displacement",
                "α = d ln⟨|Δθ|²⟩/d ln k between neighbouring lags, over all origins: 2 straight "
                "motion, 1 diffusion, 0 at rest. Lines: exact theory; dashed: continuous time.",
                {"k [steps]", "log"},
                {"α", "linear"},
                {}};
  for (const TaskDisplacement* t : firsts(tasks)) {
    Series points{t->label, {}, {}, {}, "points", t->label};
    add_estimates(points, t->lags, t->origins.exponent);
    figure.series.push_back(std::move(points));
    if (t->exact.empty()) continue;
    figure.series.push_back(
        {t->label + ", exact", t->lags, t->exact_exponent, {}, "line", t->label});
    figure.series.push_back(
        {t->label + ", continuous", t->lags, t->continuous_exponent, {}, "dashed", t->label});
  }
  return figure;
}

Figure ballistic_figure(const Tasks& tasks) {
  Figure figure{"ballistic_share",
                "Share of the displacement that is drift",
                "|⟨Δθ⟩|²/⟨|Δθ|²⟩ over all origins. Dashed: what diffusion alone leaves by chance, "
                "k/(n-k), more than bounded motion does; what stands above it is drift. The "
                "finding drift_share, of products of stretches apart, has no such floor.",
                {"k [steps]", "log"},
                {"ballistic share", "linear"},
                {}};
  for (const TaskDisplacement* t : firsts(tasks)) {
    figure.series.push_back({t->label, t->lags, t->origins.ballistic, {}, "line+points", t->label});
    figure.series.push_back({t->label + ", by chance",
                             t->lags,
                             t->origins.ballistic_by_chance,
                             {},
                             "dashed",
                             t->label});
  }
  return figure;
}

Figure range_figure(const Tasks& tasks) {
  Figure figure{"exponent_by_range",
                "The exponent c depends on the range it is fitted over",
                "Least squares of ln|θ_k - θ_0|² on ln k over every step from the first to K, "
                "unweighted. Dashed: the same fit to the exact theory, which is no power law.",
                {"K [steps]", "log"},
                {"c", "linear"},
                {}};
  for (const TaskDisplacement* t : firsts(tasks)) {
    figure.series.push_back({t->label, t->range_end, t->range_exponent, {}, "line", t->label});
    if (!t->range_exact.empty())
      figure.series.push_back(
          {t->label + ", exact", t->range_end, t->range_exact, {}, "dashed", t->label});
  }
  return figure;
}

Table exponent_table(const Tasks& tasks) {
  Table table{"exponents",
              "Exponent c by the rules in use",
              "all: every step. last_two_thirds: without the first epoch, last two thirds of the "
              "points (Fig. 1). second_epoch: one octave (Fig. 6). last_half: Fig. 7.",
              {"", "rule", "steps", "c", "c of the exact theory"},
              {}};
  for (const TaskDisplacement& t : tasks) {
    for (const FittedExponent& one : t.exponents) {
      table.rows.push_back({t.label,
                            one.rule,
                            fmt::format("{:.0f} … {:.0f}", one.first, one.last),
                            fmt::format("{:.3f}", one.measured.value),
                            t.exact.empty() ? "—" : fmt::format("{:.3f}", one.exact)});
    }
  }
  return table;
}

/// All numbers of one task by name, to be combined over its replicas.
using Numbers = std::vector<std::pair<std::string, Estimate>>;

Numbers numbers_of(const TaskDisplacement& t) {
  Numbers numbers;
  const auto over = [](const Estimate& x, double divisor) {
    return Estimate{x.value / divisor, x.standard_error / divisor, x.status};
  };
  if (t.step_square.ok()) numbers.emplace_back("step_square", t.step_square);
  for (const FittedExponent& one : t.exponents) {
    numbers.emplace_back("exponent_" + one.rule, one.measured);
    if (t.exact.empty()) continue;
    numbers.emplace_back(
        "exponent_" + one.rule + "_less_exact",
        Estimate{one.measured.value - one.exact, one.measured.standard_error, one.measured.status});
  }
  numbers.emplace_back("drift_share", t.drift_share);
  if (t.exact.empty()) return numbers;
  if (t.step_square.ok()) {
    numbers.emplace_back("step_square_over_exact", over(t.step_square, t.step_square_exact));
    numbers.emplace_back("step_square_over_continuous",
                         over(t.step_square, t.step_square_continuous));
  }
  Estimate ratio{0, 0, Status::ok};
  Estimate slope{0, 0, Status::ok};
  double count = 0;
  for (std::size_t i = 0; i < t.lags.size(); ++i) {
    const Estimate& d = t.origins.displacement[i];
    if (!d.ok()) continue;
    // Lags share their path, so their errors do not average out.
    ratio.value += d.value / t.exact[i];
    ratio.standard_error += d.standard_error / t.exact[i];
    slope.value += t.origins.exponent[i].value - t.exact_exponent[i];
    slope.standard_error += t.origins.exponent[i].standard_error;
    count += 1;
  }
  numbers.emplace_back("displacement_over_exact",
                       Estimate{ratio.value / count, ratio.standard_error / count, Status::ok});
  numbers.emplace_back("local_exponent_less_exact",
                       Estimate{slope.value / count, slope.standard_error / count, Status::ok});
  return numbers;
}

void add_findings(const Tasks& tasks, Measured& measured) {
  const auto unit = [](const std::string& name) { return name == "step_square" ? "θ²" : "1"; };
  std::vector<std::pair<std::string, std::vector<Estimate>>> pooled;
  const auto points = firsts(tasks);
  for (const TaskDisplacement* point : points) {
    std::vector<std::pair<std::string, std::vector<Estimate>>> members;
    for (const TaskDisplacement& t : tasks) {
      if (t.where != point->where) continue;
      for (const auto& [name, value] : numbers_of(t)) {
        const auto same = [&key = name](const auto& one) { return one.first == key; };
        auto at = std::find_if(members.begin(), members.end(), same);
        if (at == members.end()) at = members.insert(at, {name, {}});
        at->second.push_back(value);
      }
    }
    for (const auto& [name, values] : members) {
      Estimate value = analysis::combine(values).estimate;
      // Points of one path are not independent: only other paths tell how well an exponent is
      // known.
      if (values.size() == 1 && name.starts_with("exponent_")) value.status = Status::too_short;
      measured.findings.push_back({name, point->where, value, unit(name)});
      const auto same = [&key = name](const auto& one) { return one.first == key; };
      auto at = std::find_if(pooled.begin(), pooled.end(), same);
      if (at == pooled.end()) at = pooled.insert(at, {name, {}});
      at->second.push_back(value);
    }
  }
  if (points.size() == 1 && points.front()->where.empty()) return;
  for (const auto& [name, values] : pooled)
    measured.findings.push_back({name, {}, analysis::combine(values).estimate, unit(name)});
}

void keep(const Tasks& tasks, Dataset& data) {
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const TaskDisplacement& t = tasks[i];
    Dataset& group = data.make_group(fmt::format("task_{}", i));
    for (const auto& [key, value] : t.where) group.attributes[key] = value;
    const auto split = [](const std::vector<Estimate>& list, bool error) {
      std::vector<double> values;
      for (const Estimate& one : list) values.push_back(error ? one.standard_error : one.value);
      return values;
    };
    group.put_vector("lag", "lag", t.lags, "steps", "lag k");
    group.put_vector("displacement",
                     "lag",
                     split(t.origins.displacement, false),
                     "θ²",
                     "mean square displacement over all origins");
    group.put_vector("displacement_error",
                     "lag",
                     split(t.origins.displacement, true),
                     "θ²",
                     "its standard error");
    group.put_vector("ballistic_share", "lag", t.origins.ballistic, "1", "share of drift");
    group.put_vector("from_start",
                     "look",
                     t.from_start,
                     "θ²",
                     "square of the displacement from the start at each look");
    if (t.exact.empty()) continue;
    group.put_vector("exact", "lag", t.exact, "θ²", "exact theory of the steps");
    group.put_vector("continuous", "lag", t.continuous, "θ²", "theory in continuous time");
  }
}

}  // namespace

Measured measure_displacement(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader) {
  DisplacementStudyOptions options;
  reader.read(options.displacement);
  reader.read(options);
  reader.finish();
  if (view == nullptr) return {};
  const std::vector<std::size_t> indices = view->tasks_of(settings.phase);
  Tasks tasks(indices.size());
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  view->in_parallel(indices.size(), [&](std::size_t i) {
    tasks[i] = task_displacement(*view, indices[i], options, noise.fork("task", i));
  });
  Measured measured;
  add_findings(tasks, measured);
  measured.figures = {displacement_figure(tasks),
                      exponent_figure(tasks),
                      ballistic_figure(tasks),
                      range_figure(tasks)};
  measured.tables = {exponent_table(tasks)};
  keep(tasks, measured.data);
  for (const TaskDisplacement* t : firsts(tasks)) {
    if (!t->reason.empty())
      measured.notes.push_back(fmt::format("{}: no theory, {}", t->label, t->reason));
    if (t->negative_modes > 0)
      measured.notes.push_back(
          fmt::format("{}: {} directions bend downwards; the theory takes them as flat",
                      t->label,
                      t->negative_modes));
  }
  return measured;
}

}  // namespace thermoscape
