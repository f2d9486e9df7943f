#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/displacement.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/limiting_dynamics/eigenplane_study.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

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

/// The path in the plane of the first and the last eigenvector, and the level curve of the modified
/// loss that holds its mean: isotropic in position, stretched by √ρ in velocity.
Figure plane_figure(const TaskEigenplanes& t, bool velocity) {
  const Eigenplane& a = t.planes.front();
  const Eigenplane& b = t.planes.back();
  const std::string last = fmt::format("q{}", t.planes.size());
  Figure figure{
      velocity ? "velocity_plane" : "position_plane",
      fmt::format(
          "{} in the plane of q1 and {}, {}", velocity ? "Velocity" : "Position", last, t.label),
      velocity ? "Line: the run. Dashed: where Ψ_v = vᵀH^{-1}v/(2σ²) is 1/κ, 4/κ."
               : "Line: the run, from its start. Dashed: where the modified loss Ψ_θ is "
                 "1/κ, 4/κ, about the mean of the run; the training loss would be an "
                 "ellipse √(ρ_1/ρ_k) times longer than wide.",
      {velocity ? "q1·v" : "q1·(θ-θ_0)", "linear"},
      {velocity ? last + "·v" : last + "·(θ-θ_0)", "linear"},
      {}};
  const std::vector<double>& x = velocity ? a.velocity : a.position;
  const std::vector<double>& y = velocity ? b.velocity : b.position;
  Series run{"run", {}, {}, {}, "line", "run"};
  double centre_x = 0;
  double centre_y = 0;
  const std::size_t every = std::max<std::size_t>(1, x.size() / 4000);
  for (std::size_t k = 0; k < x.size(); ++k) {
    centre_x += x[k] / static_cast<double>(x.size());
    centre_y += y[k] / static_cast<double>(y.size());
    if (k % every != 0) continue;
    run.x.push_back(x[k]);
    run.y.push_back(y[k]);
  }
  figure.series.push_back(std::move(run));
  const auto width = [&](const Eigenplane& p) {
    theory::SgdNoise mode = t.sgd;
    mode.curvature = p.curvature + t.weight_decay;
    mode.gradient_variance = p.noise;
    if (!(mode.curvature > 0)) return 0.0;
    const theory::PhaseCovariance c = theory::underdamped_stationary(mode);
    return std::sqrt(velocity ? c.velocity : c.position);
  };
  for (const double level : {1.0, 2.0}) {
    Series curve{"modified loss", {}, {}, {}, "dashed", "modified loss"};
    for (int i = 0; i <= 90; ++i) {
      const double angle = 2 * 3.14159265358979 * i / 90;
      curve.x.push_back(centre_x + level * width(a) * std::cos(angle));
      curve.y.push_back(centre_y + level * width(b) * std::sin(angle));
    }
    figure.series.push_back(std::move(curve));
  }
  return figure;
}

Figure phase_figure(const TaskEigenplanes& t, std::size_t index) {
  const Eigenplane& p = t.planes[index];
  const std::size_t shown = std::min<std::size_t>(p.position.size(), 1000);
  return {fmt::format("phase_space_q{}", index + 1),
          fmt::format("Phase space along q{}, {}", index + 1, t.label),
          fmt::format("Last {} steps. Sine of the angle of a step {:.3g} (clockwise if negative); "
                      "frequency {:.3g}, expected {:.3g} radians a step.",
                      shown,
                      p.turning,
                      p.frequency,
                      p.expected_frequency),
          {"q·(θ-θ_0)", "linear"},
          {"q·v", "linear"},
          {{"run",
            {p.position.end() - static_cast<std::ptrdiff_t>(shown), p.position.end()},
            {p.velocity.end() - static_cast<std::ptrdiff_t>(shown), p.velocity.end()},
            {},
            "line",
            "run"}}};
}

template <class F>
Series over_curvature(const TaskEigenplanes& t, std::string label, const char* style, F&& f) {
  Series series{label, {}, {}, {}, style, label};
  for (const Eigenplane& p : t.planes) {
    if (!(p.curvature > 0)) continue;
    const Estimate value = f(p);
    if (!std::isfinite(value.value) || !(value.value > 0)) continue;
    series.x.push_back(p.curvature);
    series.y.push_back(value.value);
    series.y_error.push_back(std::isfinite(value.standard_error) ? value.standard_error : 0);
  }
  return series;
}

Estimate exact(double x) {
  return {x, 0, Status::ok};
}

Figure variance_figure(const TaskEigenplanes& t) {
  Figure figure{"variances",
                "Variance of position and velocity along the eigenvectors, " + t.label,
                "Points: over the run, error bars from blocking. Lines: theory from the noise "
                "measured along each eigenvector. The same in every direction for θ, as ρ for v, "
                "where Σ ∝ H.",
                {"ρ [loss/θ²]", "log"},
                {"variance", "log"},
                {}};
  const auto stationary = [&](const Eigenplane& p, bool velocity) {
    theory::SgdNoise mode = t.sgd;
    mode.curvature = p.curvature + t.weight_decay;
    mode.gradient_variance = p.noise;
    const theory::PhaseCovariance c = theory::underdamped_stationary(mode);
    return exact(velocity ? c.velocity : c.position);
  };
  using E = Eigenplane;
  figure.series = {
      over_curvature(t, "position", "points", [](const E& p) { return p.position_variance; }),
      over_curvature(t, "velocity", "points", [](const E& p) { return p.velocity_variance; }),
      over_curvature(
          t, "position, theory", "line", [&](const E& p) { return stationary(p, false); }),
      over_curvature(
          t, "velocity, theory", "line", [&](const E& p) { return stationary(p, true); })};
  return figure;
}

Figure frequency_figure(const TaskEigenplanes& t) {
  using E = Eigenplane;
  return {
      "frequency",
      "Frequency of the oscillation along each eigenvector, " + t.label,
      "Fitted recursion of the position; peak of the periodogram of the velocity; mean of that "
      "of the position by amplitude, as the paper's code takes it. Lines: the steps of SGD and "
      "√(ω²-γ²) at the eigenvalue.",
      {"ρ [loss/θ²]", "log"},
      {"radians a step", "log"},
      {over_curvature(t, "recursion", "points", [](const E& p) { return exact(p.frequency); }),
       over_curvature(t, "peak", "points", [](const E& p) { return exact(p.peak_frequency); }),
       over_curvature(t, "mean", "points", [](const E& p) { return exact(p.mean_frequency); }),
       over_curvature(t, "steps", "line", [](const E& p) { return exact(p.expected_frequency); }),
       over_curvature(t, "continuous time", "dashed", [](const E& p) {
         return exact(p.continuous_frequency);
       })}};
}

Figure noise_figure(const TaskEigenplanes& t) {
  Series ratio{"q·Σq/ρ", {}, {}, {}, "line+points", "q·Σq/ρ"};
  double mean = 0;
  for (const Eigenplane& p : t.planes)
    mean += p.noise / p.curvature / static_cast<double>(t.planes.size());
  for (std::size_t i = 0; i < t.planes.size(); ++i) {
    ratio.x.push_back(static_cast<double>(i + 1));
    ratio.y.push_back(t.planes[i].noise / t.planes[i].curvature / mean);
  }
  return {"gradient_noise",
          "Gradient noise over curvature, " + t.label,
          "q·Σq/ρ along each eigenvector over its mean: level if Σ ∝ H.",
          {"i", "linear"},
          {"q·Σq/ρ over its mean", "linear"},
          {std::move(ratio)}};
}

Table speed_table(const Tasks& tasks) {
  const TaskEigenplanes& reference = tasks.front();
  const double constant = reference.step_square.value / reference.expected_step_square;
  Table table{
      "speed",
      "Instantaneous speed",
      "⟨|θ_{k+1} - θ_k|²⟩ against η² tr Σ/(S(1-β²)): tr Σ measured at the start, and as one "
      "constant fitted to the first row.",
      {"", "speed [θ²]", "over prediction", "over calibrated prediction", "tr Σ"},
      {}};
  for (const TaskEigenplanes& t : tasks) {
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

Numbers numbers_of(const TaskEigenplanes& t) {
  Numbers numbers;
  std::vector<double> turns;
  std::vector<double> frequencies;
  std::vector<double> ratios;
  std::vector<double> kurtoses;
  double converged = 0;
  double mean = 0;
  for (const Eigenplane& p : t.planes)
    mean += p.noise / p.curvature / static_cast<double>(t.planes.size());
  for (const Eigenplane& p : t.planes) {
    converged += p.converged ? 1 : 0;
    kurtoses.push_back(p.kurtosis);
    ratios.push_back(p.noise / p.curvature / mean);
    if (p.expected_frequency <= 0) continue;
    turns.push_back(p.turning < 0 ? 1 : 0);
    if (p.frequency > 0) frequencies.push_back(p.frequency / p.expected_frequency);
  }
  double spread = 0;
  for (const double r : ratios) spread += (r - 1) * (r - 1) / static_cast<double>(ratios.size());
  const Estimate& first = t.planes.front().position_variance;
  const Estimate& last = t.planes.back().position_variance;
  const double relative =
      std::hypot(first.standard_error / first.value, last.standard_error / last.value);
  numbers.emplace_back("converged_share", exact(converged / static_cast<double>(t.planes.size())));
  numbers.emplace_back("position_variance_ratio",
                       Estimate{first.value / last.value,
                                first.value / last.value * relative,
                                analysis::worse(first.status, last.status)});
  numbers.emplace_back("position_variance_slope", variance_slope(t, false));
  numbers.emplace_back("velocity_variance_slope", variance_slope(t, true));
  if (turns.size() > 1) numbers.emplace_back("clockwise_share", over_draws(turns));
  if (frequencies.size() > 1)
    numbers.emplace_back("frequency_over_expected", over_draws(frequencies));
  numbers.emplace_back("batch_kurtosis", over_draws(kurtoses));
  numbers.emplace_back("noise_over_curvature_spread", exact(std::sqrt(spread)));
  numbers.emplace_back("noise_correlation", exact(t.noise_correlation));
  numbers.emplace_back("tail_index", exact(t.tail_index));
  numbers.emplace_back("step_square_over_predicted",
                       Estimate{t.step_square.value / t.expected_step_square,
                                t.step_square.standard_error / t.expected_step_square,
                                t.step_square.status});
  Estimate c = analysis::displacement_exponent(
      t.displacement_square, 1, static_cast<std::int64_t>(t.displacement_square.size()) - 1);
  numbers.emplace_back("displacement_exponent", c);
  return numbers;
}

void add_findings(const Tasks& tasks, Measured& measured) {
  for (const TaskEigenplanes* point : firsts(tasks)) {
    std::vector<std::pair<std::string, std::vector<Estimate>>> members;
    for (const TaskEigenplanes& t : tasks) {
      if (t.where != point->where) continue;
      for (const auto& [name, value] : numbers_of(t)) {
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

}  // namespace

Measured measure_eigenplanes(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader) {
  const auto options = read_options<EigenplaneOptions>(reader);
  if (view == nullptr) return {};
  const std::vector<std::size_t> indices = view->tasks_of(settings.phase);
  Tasks tasks(indices.size());
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  view->in_parallel(indices.size(), [&](std::size_t i) {
    tasks[i] = task_eigenplanes(*view, indices[i], options, noise.fork("task", i));
  });
  Measured measured;
  add_findings(tasks, measured);
  const TaskEigenplanes& shown = tasks.front();
  measured.figures = {plane_figure(shown, false),
                      plane_figure(shown, true),
                      phase_figure(shown, 0),
                      phase_figure(shown, shown.planes.size() - 1),
                      variance_figure(shown),
                      frequency_figure(shown),
                      noise_figure(shown)};
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
