#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/limiting_dynamics/regression_planes.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"

namespace thermoscape {

namespace {

constexpr double kBand = 1.959963984540054;  ///< of 95%

/// Mean square of (x - mean)/deviation over the steps of one plane, from the second step on.
struct Misfit {
  double position = 0;
  double velocity = 0;
  double inside = 0;  ///< share of positions inside the 95% band
};

Misfit misfit(const PlanePath& path,
              const std::vector<theory::PhasePoint>& mean,
              const std::vector<theory::PhaseCovariance>& spread) {
  Misfit m;
  const auto steps = static_cast<double>(path.position.size() - 2);
  for (std::size_t k = 2; k < path.position.size(); ++k) {
    const double a = path.position[k] - mean[k].position;
    const double b = path.velocity[k] - mean[k].velocity;
    m.position += a * a / spread[k].position / steps;
    m.velocity += b * b / spread[k].velocity / steps;
    m.inside += std::abs(a) <= kBand * std::sqrt(spread[k].position) ? 1 / steps : 0;
  }
  return m;
}

/// Largest distance of a mean from the exact one, in units of the start.
double distance(const PlanePath& path, const std::vector<theory::PhasePoint>& mean, double start) {
  double worst = 0;
  for (std::size_t k = 0; k < mean.size(); ++k)
    worst = std::max(worst, std::abs(mean[k].position - path.exact[k].position) / start);
  return worst;
}

Figure path_figure(const TaskPlanes& task, std::size_t plane, bool velocity) {
  const PlanePath& path = task.paths[plane];
  const std::string quantity = velocity ? "velocity" : "position";
  Figure figure{
      fmt::format("{}_beta_{}_q{}", quantity, std::llround(1000 * task.momentum), plane + 1),
      fmt::format(
          "{} along q{}, β = {:g}", velocity ? "Velocity" : "Position", plane + 1, task.momentum),
      fmt::format(
          "ηh = {:.3g}, from the minimum. Line: the run. Shade: exact mean of the steps and "
          "one standard deviation of their noise as measured. Dashed: continuous time, {}.",
          task.learning_rate * task.planes[plane].curvature,
          velocity ? "v_k at ηk" : "θ_k at η(k+½)"),
      {"step k", "linear"},
      {velocity ? "q·v [loss/θ]" : "q·(θ-μ) [θ]", "linear"},
      {}};
  Series run{"run", {}, velocity ? path.velocity : path.position, {}, "line", "run"};
  Series band{"exact", {}, {}, {}, "band", "exact"};
  Series continuous{"continuous time", {}, {}, {}, "dashed", "continuous time"};
  for (std::size_t k = 0; k < run.y.size(); ++k) {
    const auto step = static_cast<double>(k);
    run.x.push_back(step);
    band.x.push_back(step);
    continuous.x.push_back(step);
    const auto& p = path.exact[k];
    const auto& c = path.spread[k];
    band.y.push_back(velocity ? p.velocity : p.position);
    band.y_error.push_back(std::sqrt(velocity ? c.velocity : c.position));
    continuous.y.push_back(velocity ? path.shifted[k].velocity : path.shifted[k].position);
  }
  figure.series = {std::move(band), std::move(continuous), std::move(run)};
  return figure;
}

Figure phase_figure(const TaskPlanes& task) {
  Figure figure{
      fmt::format("phase_space_beta_{}", std::llround(1000 * task.momentum)),
      fmt::format("Phase space, β = {:g}", task.momentum),
      "Position and velocity of the run in its first and last eigenplanes (lines) and the "
      "exact mean (dashed), each over its start.",
      {"q·(θ-μ) over its start", "linear"},
      {"q·v η/(start √(ηh))", "linear"},
      {}};
  for (const std::size_t i : {std::size_t{0}, task.paths.size() - 1}) {
    const PlanePath& path = task.paths[i];
    const double start = task.planes[i].start;
    const double scale =
        task.learning_rate / (start * std::sqrt(task.learning_rate * task.planes[i].curvature));
    const std::string label = fmt::format("q{}", i + 1);
    Series run{label, {}, {}, {}, "line", label};
    Series mean{label + ", exact mean", {}, {}, {}, "dashed", label};
    for (std::size_t k = 0; k < path.position.size(); ++k) {
      run.x.push_back(path.position[k] / start);
      run.y.push_back(path.velocity[k] * scale);
      mean.x.push_back(path.exact[k].position / start);
      mean.y.push_back(path.exact[k].velocity * scale);
    }
    figure.series.push_back(std::move(run));
    figure.series.push_back(std::move(mean));
  }
  return figure;
}

Figure noise_figure(const TaskPlanes& task) {
  Figure figure{
      "gradient_noise",
      "Gradient noise along each eigenvector over σ²h",
      "q·Σq measured on all examples over the assumption Σ = σ²H with the residuals along "
      "the same output direction, at the last θ and at the start.",
      {"i", "linear"},
      {"q·Σq/(σ²h)", "linear"},
      {}};
  Series end{"at the end", {}, {}, {}, "line+points", "at the end"};
  Series start{"at the start", {}, {}, {}, "line+points", "at the start"};
  for (std::size_t i = 0; i < task.planes.size(); ++i) {
    const RegressionPlane& p = task.planes[i];
    end.x.push_back(static_cast<double>(i + 1));
    end.y.push_back(p.noise_at_end / p.assumed_noise);
    start.x.push_back(static_cast<double>(i + 1));
    start.y.push_back(p.noise_at_start / p.assumed_noise);
  }
  figure.series = {std::move(end), std::move(start)};
  return figure;
}

Table plane_table(const std::vector<TaskPlanes>& tasks) {
  Table table{"planes",
              "Eigenplanes",
              "Mean squares of (x - mean)/deviation over the steps: 1 where theory holds. Batch "
              "variances are those of gradients of drawn batches over Σ/S, without replacement "
              "over Σ/S (N-S)/(N-1).",
              {"",
               "i",
               "h",
               "ηh",
               "qΣq/(σ²h)",
               "batch variance, with",
               "batch variance, without",
               "position, exact",
               "velocity, exact",
               "position, σ²H in continuous time"},
              {}};
  for (const TaskPlanes& t : tasks) {
    for (std::size_t i = 0; i < t.planes.size(); ++i) {
      const RegressionPlane& p = t.planes[i];
      const Misfit exact = misfit(t.paths[i], t.paths[i].exact, t.paths[i].spread);
      const Misfit paper = misfit(t.paths[i], t.paths[i].plain, t.paths[i].paper);
      table.rows.push_back(
          {t.label,
           fmt::format("{}", i + 1),
           fmt::format("{:.4g}", p.curvature),
           fmt::format("{:.3g}", t.learning_rate * p.curvature),
           fmt::format("{:.3f}", p.noise_at_end / p.assumed_noise),
           with_error(p.with_replacement.value, p.with_replacement.standard_error),
           with_error(p.without_replacement.value, p.without_replacement.standard_error),
           fmt::format("{:.2f}", exact.position),
           fmt::format("{:.2f}", exact.velocity),
           fmt::format("{:.2f}", paper.position)});
    }
  }
  return table;
}

/// One value a task, from a value a plane; replicas and planes are taken as independent.
template <class F>
Estimate over_planes(const std::vector<const TaskPlanes*>& tasks, F&& of) {
  std::vector<double> values;
  for (const TaskPlanes* t : tasks) {
    for (std::size_t i = 0; i < t->planes.size(); ++i) values.push_back(of(*t, i));
  }
  return over_draws(values);
}

void add_findings(const std::vector<const TaskPlanes*>& tasks,
                  const Coordinates& where,
                  Measured& measured) {
  const auto add = [&](const char* name, const Estimate& value) {
    measured.findings.push_back({name, where, value, "1"});
  };
  using T = TaskPlanes;
  add("position_misfit", over_planes(tasks, [](const T& t, std::size_t i) {
        return misfit(t.paths[i], t.paths[i].exact, t.paths[i].spread).position;
      }));
  add("velocity_misfit", over_planes(tasks, [](const T& t, std::size_t i) {
        return misfit(t.paths[i], t.paths[i].exact, t.paths[i].spread).velocity;
      }));
  add("paper_position_misfit", over_planes(tasks, [](const T& t, std::size_t i) {
        return misfit(t.paths[i], t.paths[i].plain, t.paths[i].paper).position;
      }));
  add("share_inside_band", over_planes(tasks, [](const T& t, std::size_t i) {
        return misfit(t.paths[i], t.paths[i].exact, t.paths[i].spread).inside;
      }));
  add("noise_over_assumption", over_planes(tasks, [](const T& t, std::size_t i) {
        return t.planes[i].noise_at_end / t.planes[i].assumed_noise;
      }));
  std::vector<Estimate> with;
  std::vector<Estimate> without;
  double plain = 0;
  double shifted = 0;
  double correlation = 0;
  for (const T* t : tasks) {
    correlation = std::max(correlation, t->noise_correlation);
    for (std::size_t i = 0; i < t->planes.size(); ++i) {
      with.push_back(t->planes[i].with_replacement);
      without.push_back(t->planes[i].without_replacement);
      plain = std::max(plain, distance(t->paths[i], t->paths[i].plain, t->planes[i].start));
      shifted = std::max(shifted, distance(t->paths[i], t->paths[i].shifted, t->planes[i].start));
    }
  }
  add("batch_variance_with_replacement", analysis::combine(with).estimate);
  add("batch_variance_without_replacement", analysis::combine(without).estimate);
  add("mean_error_continuous", {plain, 0, Status::ok});
  add("mean_error_half_step", {shifted, 0, Status::ok});
  add("noise_correlation", {correlation, 0, Status::ok});
}

}  // namespace

Measured measure_regression_planes(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader) {
  const auto options = read_options<RegressionPlanesOptions>(reader);
  if (view == nullptr) return {};
  const std::vector<std::size_t> indices = view->tasks_of(settings.phase);
  std::vector<TaskPlanes> tasks(indices.size());
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  view->in_parallel(indices.size(), [&](std::size_t i) {
    tasks[i] = task_planes(*view, indices[i], options, noise.fork("task", i));
  });
  Measured measured;
  std::vector<const TaskPlanes*> all;
  std::vector<Coordinates> points;
  for (const TaskPlanes& t : tasks) {
    all.push_back(&t);
    if (std::find(points.begin(), points.end(), t.where) == points.end()) points.push_back(t.where);
  }
  for (const Coordinates& where : points) {
    std::vector<const TaskPlanes*> own;
    for (const TaskPlanes* t : all) {
      if (t->where == where) own.push_back(t);
    }
    if (!where.empty()) add_findings(own, where, measured);
    for (const std::size_t plane : {std::size_t{0}, own.front()->planes.size() - 1}) {
      measured.figures.push_back(path_figure(*own.front(), plane, false));
      measured.figures.push_back(path_figure(*own.front(), plane, true));
    }
    measured.figures.push_back(phase_figure(*own.front()));
  }
  add_findings(all, {}, measured);
  measured.figures.push_back(noise_figure(tasks.front()));
  measured.tables = {plane_table(tasks)};
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    Dataset& group = measured.data.make_group(fmt::format("task_{}", i));
    for (const auto& [key, value] : tasks[i].where) group.attributes[key] = value;
    std::vector<double> curvature;
    std::vector<double> gradient_variance;
    for (const RegressionPlane& p : tasks[i].planes) {
      curvature.push_back(p.curvature);
      gradient_variance.push_back(p.noise_at_end);
    }
    group.put_vector("curvature", "plane", curvature, "loss/θ²", "curvature along q");
    group.put_vector("gradient_variance",
                     "plane",
                     gradient_variance,
                     "loss²/θ²",
                     "variance of the gradients of examples along q");
    for (std::size_t k = 0; k < tasks[i].paths.size(); ++k) {
      group.put_vector(fmt::format("position_{}", k + 1),
                       "step",
                       tasks[i].paths[k].position,
                       "θ",
                       "position along q from the minimum");
      group.put_vector(fmt::format("velocity_{}", k + 1),
                       "step",
                       tasks[i].paths[k].velocity,
                       "loss/θ",
                       "velocity along q");
    }
  }
  return measured;
}

}  // namespace thermoscape
