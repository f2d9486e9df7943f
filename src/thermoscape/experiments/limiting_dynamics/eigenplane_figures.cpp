#include "thermoscape/experiments/limiting_dynamics/eigenplane_figures.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/contour.hpp"
#include "thermoscape/analysis/displacement.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape {

namespace {

Series path_series(const std::vector<double>& x, const std::vector<double>& y) {
  Series run{"run", {}, {}, {}, "line", "run"};
  const std::size_t every = std::max<std::size_t>(1, x.size() / 4000);
  for (std::size_t k = 0; k < x.size(); k += every) {
    run.x.push_back(x[k]);
    run.y.push_back(y[k]);
  }
  return run;
}

/// Level curves of a loss on the plane of the first and the last eigenvector, and the run over
/// them.
Figure loss_figure(const TaskEigenplanes& t,
                   const char* id,
                   const std::string& title,
                   const std::string& caption,
                   const std::vector<double>& values) {
  const std::string last = fmt::format("q{}", t.planes.size());
  Figure figure{id,
                fmt::format("{} in the plane of q1 and {}, {}", title, last, t.label),
                caption + " Levels at equal distances of its square root.",
                {"q1·(θ-θ_0)", "linear"},
                {last + "·(θ-θ_0)", "linear"},
                {}};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  constexpr int kLevels = 8;
  for (int i = 1; i <= kLevels; ++i) {
    const double share = static_cast<double>(i) / (kLevels + 1);
    const double level = *low + share * share * (*high - *low);
    for (const analysis::ContourLine& line :
         analysis::contour(t.plane.x, t.plane.y, values, level)) {
      figure.series.push_back(
          {fmt::format("{:.4g}", level), line.x, line.y, {}, "dashed", "levels"});
    }
  }
  figure.series.push_back(path_series(t.planes.front().position, t.planes.back().position));
  return figure;
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
  double centre_x = 0;
  double centre_y = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    centre_x += x[k] / static_cast<double>(x.size());
    centre_y += y[k] / static_cast<double>(y.size());
  }
  figure.series.push_back(path_series(x, y));
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

/// Figure 1 of the text: how far a step goes, and how far all of them.
Figure movement_figure(const TaskEigenplanes& t) {
  const auto looks = static_cast<std::int64_t>(t.displacement_square.size());
  const FitRange range = last_two_thirds(looks, t.steps_per_epoch);
  const Estimate c = exponent_over(t.displacement_square, range, "corrected");
  const bool fitted = std::isfinite(c.value) && range.last > range.first;
  Figure figure{
      "movement",
      "Local and global displacement, " + t.label,
      std::string("Local: |θ_k - θ_{k-1}|², dashed: η² tr Σ/(S(1-β²)). Global: "
                  "|θ_k - θ_0|²") +
          (fitted ? fmt::format(", dashed: k^{:.2f}, fitted over the last two thirds.", c.value)
                  : "."),
      {"k [steps]", "log"},
      {"θ²", "log"},
      {}};
  Series local{"local", {}, {}, {}, "line", "local"};
  Series global{"global", {}, {}, {}, "line", "global"};
  for (const std::int64_t k : analysis::log_lags(looks - 1, 100)) {
    const auto at = static_cast<std::size_t>(k);
    if (!(t.step_squares[at] > 0) || !(t.displacement_square[at] > 0)) continue;
    local.x.push_back(static_cast<double>(k));
    local.y.push_back(t.step_squares[at]);
    global.x.push_back(static_cast<double>(k));
    global.y.push_back(t.displacement_square[at]);
  }
  const std::vector<double> ends{1, static_cast<double>(looks - 1)};
  const double speed = t.expected_step_square;
  figure.series = {std::move(local),
                   {"local, predicted", ends, {speed, speed}, {}, "dashed", "local"},
                   std::move(global)};
  if (!fitted) return figure;
  Series fit{"power law", {}, {}, {}, "dashed", "global"};
  double level = 0;
  for (std::int64_t k = range.first; k <= range.last; ++k) {
    level += std::log(t.displacement_square[static_cast<std::size_t>(k)]) -
             c.value * std::log(static_cast<double>(k));
  }
  level /= static_cast<double>(range.last - range.first + 1);
  for (const std::int64_t k : {range.first, range.last}) {
    fit.x.push_back(static_cast<double>(k));
    fit.y.push_back(std::exp(level + c.value * std::log(static_cast<double>(k))));
  }
  figure.series.push_back(std::move(fit));
  return figure;
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

}  // namespace

std::vector<Figure> eigenplane_figures(const TaskEigenplanes& t) {
  std::vector<Figure> figures;
  if (!t.plane.train.empty()) {
    figures.push_back(loss_figure(
        t, "plane_train_loss", "Training loss", "Without weight decay.", t.plane.train));
  }
  if (!t.plane.test.empty()) {
    figures.push_back(
        loss_figure(t, "plane_test_loss", "Test loss", "With the same parameters.", t.plane.test));
  }
  if (!t.plane.modified.empty()) {
    figures.push_back(loss_figure(t,
                                  "plane_modified_loss",
                                  "Modified loss",
                                  "Ψ of the two directions about the minimum of the parabola.",
                                  t.plane.modified));
  }
  for (const Figure& one : {movement_figure(t),
                            plane_figure(t, false),
                            plane_figure(t, true),
                            phase_figure(t, 0),
                            phase_figure(t, t.planes.size() - 1),
                            variance_figure(t),
                            frequency_figure(t),
                            noise_figure(t)})
    figures.push_back(one);
  return figures;
}

}  // namespace thermoscape
