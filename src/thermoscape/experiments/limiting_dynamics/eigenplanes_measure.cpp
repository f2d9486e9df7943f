#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/limiting_dynamics/eigenplane_figures.hpp"
#include "thermoscape/experiments/limiting_dynamics/eigenplane_study.hpp"
#include "thermoscape/experiments/limiting_dynamics/phase_start.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"

namespace thermoscape {

namespace {

using Tasks = std::vector<TaskEigenplanes>;

std::vector<const TaskEigenplanes*> firsts(const Tasks& tasks) {
  std::vector<const TaskEigenplanes*> list;
  for (const TaskEigenplanes& t : tasks) {
    const auto same = [&t](const TaskEigenplanes* other) { return other->where == t.where; };
    if (std::none_of(list.begin(), list.end(), same)) list.push_back(&t);
  }
  return list;
}

/// The first task on the data and the network of `t`.
const TaskEigenplanes& first_of_ground(const Tasks& tasks, const TaskEigenplanes& t) {
  return *std::find_if(tasks.begin(), tasks.end(), [&](const TaskEigenplanes& other) {
    return other.ground == t.ground;
  });
}

Estimate exact(double x) {
  return {x, 0, Status::ok};
}

Estimate ratio_of(const Estimate& a, const Estimate& b, double divisor = 1) {
  const double relative = std::hypot(a.standard_error / a.value, b.standard_error / b.value);
  const double ratio = a.value / b.value / divisor;
  return {ratio, std::abs(ratio) * relative, analysis::worse(a.status, b.status)};
}

Table speed_table(const Tasks& tasks) {
  Table table{
      "speed",
      "Instantaneous speed",
      "⟨|θ_{k+1} - θ_k|²⟩ against η² tr Σ/(S(1-β²)): tr Σ measured at the start, and as one "
      "constant fitted to the first row of a network.",
      {"", "speed [θ²]", "over prediction", "over calibrated prediction", "tr Σ"},
      {}};
  for (const TaskEigenplanes& t : tasks) {
    const TaskEigenplanes& reference = first_of_ground(tasks, t);
    const double constant = reference.step_square.value / reference.expected_step_square;
    const double ratio = t.step_square.value / t.expected_step_square;
    const double calibrated = ratio / constant * t.noise_trace / reference.noise_trace;
    table.rows.push_back({t.label,
                          with_error(t.step_square.value, t.step_square.standard_error),
                          fmt::format("{:.3f}", ratio),
                          fmt::format("{:.3f}", calibrated),
                          fmt::format("{:.4g}", t.noise_trace)});
  }
  return table;
}

/// Slope of ln variance on ln ρ over the eigenvectors whose pair converged.
Estimate variance_slope(const TaskEigenplanes& t, bool velocity) {
  std::vector<double> x;
  std::vector<Estimate> y;
  for (const Eigenplane& p : t.planes) {
    const Estimate& one = velocity ? p.velocity_variance : p.position_variance;
    if (!(p.curvature > 0) || !p.converged || !std::isfinite(one.standard_error)) continue;
    x.push_back(p.curvature);
    y.push_back({one.value, one.standard_error, Status::ok});
  }
  return analysis::power_law(x, y).exponent;
}

using Numbers = std::vector<std::pair<std::string, Estimate>>;

/// `speed_scale` turns the prediction from tr Σ into the one that is held against the speed.
Numbers numbers_of(const TaskEigenplanes& t, const std::string& definitions, double speed_scale) {
  Numbers numbers;
  std::vector<double> turns;
  std::vector<double> frequencies;
  std::vector<double> ratios;
  std::vector<double> kurtoses;
  std::vector<double> after_turn;
  std::vector<double> after_turn_excess;
  std::vector<double> fill;
  std::vector<double> changes;
  std::vector<double> at_mean;
  double converged = 0;
  double mean = 0;
  for (const Eigenplane& p : t.planes)
    mean += p.noise / p.curvature / static_cast<double>(t.planes.size());
  for (const Eigenplane& p : t.planes) {
    converged += p.converged ? 1 : 0;
    kurtoses.push_back(p.kurtosis);
    changes.push_back(p.curvature_after / p.curvature);
    if (p.frequency > 0 && p.mean_curvature_frequency > 0)
      at_mean.push_back(p.frequency / p.mean_curvature_frequency);
    ratios.push_back(p.noise / p.curvature / mean);
    if (p.expected_frequency <= 0) continue;
    turns.push_back(p.turning < 0 ? 1 : 0);
    after_turn.push_back(p.orbit.after_turn);
    after_turn_excess.push_back(p.orbit.after_turn - p.orbit_expected);
    fill.push_back(p.orbit.fill);
    if (of_paper(definitions)) {
      if (p.continuous_frequency > 0)
        frequencies.push_back(p.mean_frequency / p.continuous_frequency);
    } else if (p.frequency > 0) {
      frequencies.push_back(p.frequency / p.expected_frequency);
    }
  }
  double spread = 0;
  for (const double r : ratios) spread += (r - 1) * (r - 1) / static_cast<double>(ratios.size());
  const Eigenplane& first = t.planes.front();
  const Eigenplane& last = t.planes.back();
  numbers.emplace_back("converged_share", exact(converged / static_cast<double>(t.planes.size())));
  numbers.emplace_back("curvature_ratio", exact(first.curvature / last.curvature));
  numbers.emplace_back("position_variance_ratio",
                       ratio_of(first.position_variance, last.position_variance));
  numbers.emplace_back(
      "velocity_variance_ratio_over_curvature",
      ratio_of(first.velocity_variance, last.velocity_variance, first.curvature / last.curvature));
  if (!t.plane.train.empty())
    numbers.emplace_back("plane_train_curvature_ratio", curvature_ratio(t.plane, t.plane.train));
  if (!t.plane.test.empty())
    numbers.emplace_back("plane_test_curvature_ratio", curvature_ratio(t.plane, t.plane.test));
  if (!t.plane.modified.empty())
    numbers.emplace_back("plane_modified_curvature_ratio",
                         curvature_ratio(t.plane, t.plane.modified));
  numbers.emplace_back("position_variance_slope", variance_slope(t, false));
  numbers.emplace_back("velocity_variance_slope", variance_slope(t, true));
  if (!turns.empty()) {
    const auto count = static_cast<double>(turns.size());
    const double share = std::accumulate(turns.begin(), turns.end(), 0.0) / count;
    numbers.emplace_back("clockwise_share",
                         Estimate{share, std::sqrt(share * (1 - share) / count), Status::ok});
  }
  if (frequencies.size() > 1)
    numbers.emplace_back("frequency_over_expected", over_draws(frequencies));
  numbers.emplace_back("curvature_after_over_before", over_draws(changes));
  if (at_mean.size() > 1)
    numbers.emplace_back("frequency_over_mean_curvature", over_draws(at_mean));
  if (after_turn.size() > 1) {
    numbers.emplace_back("orbit_after_turn", over_draws(after_turn));
    numbers.emplace_back("orbit_after_turn_less_expected", over_draws(after_turn_excess));
    numbers.emplace_back("orbit_fill", over_draws(fill));
  }
  numbers.emplace_back("batch_kurtosis", over_draws(kurtoses));
  numbers.emplace_back("noise_over_curvature_spread", exact(std::sqrt(spread)));
  numbers.emplace_back("noise_correlation", exact(t.noise_correlation));
  numbers.emplace_back("noise_commutator", exact(t.noise_commutator));
  numbers.emplace_back("tail_index", exact(t.tail_index));
  numbers.emplace_back("step_square_over_predicted",
                       ratio_of(t.step_square, exact(t.expected_step_square * speed_scale)));
  if (t.expected_along)
    numbers.emplace_back("step_square_over_noise_along",
                         ratio_of(t.step_square, *t.expected_along));
  const auto looks = static_cast<std::int64_t>(t.displacement_square.size());
  const FitRange range =
      of_paper(definitions) ? last_two_thirds(looks, t.steps_per_epoch) : FitRange{1, looks - 1};
  numbers.emplace_back("displacement_exponent",
                       exponent_over(t.displacement_square, range, definitions));
  return numbers;
}

void add_findings(const Tasks& tasks, const std::string& definitions, Measured& measured) {
  for (const TaskEigenplanes* point : firsts(tasks)) {
    std::vector<std::pair<std::string, std::vector<Estimate>>> members;
    for (const TaskEigenplanes& t : tasks) {
      if (t.where != point->where) continue;
      // One constant for all points, in place of the trace measured at each.
      const TaskEigenplanes& reference = first_of_ground(tasks, t);
      const double constant = reference.step_square.value / reference.expected_step_square;
      const double scale =
          of_paper(definitions) ? constant * reference.noise_trace / t.noise_trace : 1;
      for (const auto& [name, value] : numbers_of(t, definitions, scale)) {
        const auto same = [&key = name](const auto& one) { return one.first == key; };
        auto at = std::find_if(members.begin(), members.end(), same);
        if (at == members.end()) at = members.insert(at, {name, {}});
        at->second.push_back(value);
      }
    }
    for (const auto& [name, values] : members) {
      Estimate value = analysis::combine(values, {.exclude_not_ok = false}).estimate;
      // Points of one path are not independent: only other paths tell how well c is known.
      if (values.size() == 1 && name == "displacement_exponent") value.status = Status::too_short;
      measured.findings.push_back({name, point->where, value, "1"});
    }
  }
}

void put_plane(const PlaneLosses& plane, Dataset& group) {
  group.put_vector("x", "x", plane.x, "θ", "along the first eigenvector, from the start");
  group.put_vector("y", "y", plane.y, "θ", "along the last eigenvector, from the start");
  const auto put = [&](const char* name,
                       const std::vector<double>& values,
                       const char* unit,
                       const char* description) {
    if (values.empty()) return;
    group.put({name,
               {"y", "x"},
               {plane.y.size(), plane.x.size()},
               values,
               unit,
               description,
               "eigenplanes",
               {}});
  };
  put("train_loss", plane.train, "loss", "training loss on the plane");
  put("test_loss", plane.test, "loss", "test loss on the plane");
  put("modified_loss", plane.modified, "1/time", "modified loss of the two directions, σ = 1");
}

}  // namespace

Measured measure_eigenplanes(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader) {
  const auto options = read_options<EigenplaneOptions>(reader);
  if (view == nullptr) return {};
  Measured measured;
  const std::vector<std::size_t> indices = tasks_that_went_on(*view, settings.phase, measured);
  if (indices.empty()) return measured;
  Tasks tasks(indices.size());
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  view->in_parallel(indices.size(), [&](std::size_t i) {
    const std::size_t ground = view->task(indices[i]).ground;
    const bool first = i == 0 || ground != view->task(indices[i - 1]).ground;
    tasks[i] = task_eigenplanes(*view, indices[i], options, first, noise.fork("task", i));
    tasks[i].ground = ground;
  });
  add_findings(tasks, options.definitions, measured);
  for (const TaskEigenplanes& t : tasks) {
    if (&first_of_ground(tasks, t) != &t) continue;
    const std::string suffix = t.ground == 0 ? "" : fmt::format("_{}", t.ground);
    for (Figure& one : eigenplane_figures(t)) {
      one.id += suffix;
      measured.figures.push_back(std::move(one));
    }
    if (!t.plane.train.empty()) put_plane(t.plane, measured.data.make_group("plane" + suffix));
  }
  measured.tables = {speed_table(tasks)};
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    Dataset& group = measured.data.make_group(fmt::format("task_{}", i));
    for (const auto& [key, value] : tasks[i].where) group.attributes[key] = value;
    const auto put = [&](const char* name, const char* unit, const char* description, auto of) {
      std::vector<double> values;
      for (const Eigenplane& p : tasks[i].planes) values.push_back(of(p));
      group.put_vector(name, "plane", std::move(values), unit, description);
    };
    using E = Eigenplane;
    put("curvature", "loss/θ²", "eigenvalue of the Hessian", [](const E& p) {
      return p.curvature;
    });
    put("residual", "loss/θ²", "of the eigenpair", [](const E& p) { return p.residual; });
    put("noise", "loss²/θ²", "variance of gradients along q", [](const E& p) { return p.noise; });
    put("centre", "θ", "minimum of the parabola", [](const E& p) { return p.centre; });
    put("frequency", "1/step", "radians a step", [](const E& p) { return p.frequency; });
    put("kurtosis", "1", "of gradients of batches along q", [](const E& p) { return p.kurtosis; });
  }
  return measured;
}

}  // namespace thermoscape
