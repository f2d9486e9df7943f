#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/variance_flatness/task_label.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness_study.hpp"
#include "thermoscape/theory/mini_loss_landscape.hpp"

namespace thermoscape {

namespace {

/// σ² (or what `of` gives) against F.
template <class Of>
Series cloud(const std::string& label, const std::vector<MeasuredMode>& modes, Of&& of) {
  Series series{label, {}, {}, {}, "points", label};
  for (const MeasuredMode& one : modes) {
    const Estimate& width = one.profile.flatness.width;
    if (!width.ok() || !(of(one) > 0)) continue;
    series.x.push_back(width.value);
    series.y.push_back(of(one));
  }
  return series;
}

/// σ² = A F^-ψ through the middle of a cloud.
Series fitted(const Series& of, const FlatnessLaw& law) {
  Series line{
      fmt::format("{}: ψ = {}", of.label, with_error(law.psi.value, law.psi.standard_error)),
      {},
      {},
      {},
      "dashed",
      of.label};
  if (!law.psi.ok() || of.x.empty()) return line;
  const double low = std::exp(law.quality.x_low);  // the fit is one of logarithms
  const double high = std::exp(law.quality.x_high);
  double log_x = 0, log_y = 0, count = 0;
  for (std::size_t i = 0; i < of.x.size(); ++i) {
    if (of.x[i] < 0.999 * low || of.x[i] > 1.001 * high) continue;
    log_x += std::log(of.x[i]);
    log_y += std::log(of.y[i]);
    ++count;
  }
  if (count == 0) return line;
  for (const double x : {low, high}) {
    line.x.push_back(x);
    line.y.push_back(std::exp(log_y / count - law.psi.value * (std::log(x) - log_x / count)));
  }
  return line;
}

/// σ² = T F²/(8 L0) over the widths of the modes.
Series equilibrium_line(const Condition& one) {
  Series line{"T F²/(8 L0)", {}, {}, {}, "dashed", "T F²/(8 L0)"};
  double low = kInfinity, high = 0;
  for (const MeasuredMode& mode : one.modes) {
    const Estimate& width = mode.profile.flatness.width;
    if (!width.ok()) continue;
    low = std::min(low, width.value);
    high = std::max(high, width.value);
  }
  for (const double width : {low, high}) {
    if (!(high > low)) break;
    line.x.push_back(width);
    line.y.push_back(theory::equilibrium_variance(one.temperature, width, one.loss));
  }
  return line;
}

Figure law_figure(const std::vector<StudiedTask>& studies, const std::vector<Condition>& beside) {
  Figure figure{
      "variance_flatness",
      "Variance against flatness, with its controls",
      "σ_i² in the window over the width F_i of L ≤ e L0, one point a principal component. Each "
      "control has its own components: the increments shuffled in time, with random signs, and an "
      "isotropic random walk. The variance of single steps along the components of the data is "
      "drawn as the random walk of uncorrelated steps it would make, D_i (n²-1)/(6n). Lines: "
      "σ² ∝ F^-ψ over the fitted ranks, errors in both axes.",
      {"flatness F_i [θ]", "log"},
      {"variance σ_i² [θ]²", "log"},
      {}};
  const auto add = [&](const std::string& label, const Condition& one) {
    Series series = cloud(label, one.modes, [](const MeasuredMode& m) { return m.variance; });
    Series line = fitted(series, one.law);
    figure.series.push_back(std::move(series));
    if (!line.x.empty()) figure.series.push_back(std::move(line));
  };
  for (const StudiedTask& one : studies) {
    const std::string label = label_of(one.task.where);
    add(label.empty() ? one.study.data.name : label, one.study.data);
  }
  const VarianceFlatnessStudy& first = studies.front().study;
  for (const Condition& one : first.controls) add(one.name, one);
  const auto n = static_cast<double>(first.looks);
  Series steps = cloud("single_steps", first.data.modes, [n](const MeasuredMode& m) {
    return m.step_square * (n * n - 1) / (6 * n);
  });
  Series line = fitted(steps, first.step_law);
  figure.series.push_back(std::move(steps));
  if (!line.x.empty()) figure.series.push_back(std::move(line));
  for (const Condition& one : beside) {
    add(one.name, one);
    if (one.temperature > 0) figure.series.push_back(equilibrium_line(one));
  }
  return figure;
}

Figure profile_figure(const VarianceFlatnessStudy& study) {
  Figure figure{"profiles",
                "The loss along principal components",
                "ln(L/L0) on all training examples over the displacement in units of F_i, with the "
                "fitted parabola dashed. The first component alone has a slope to speak of.",
                {"δ / F_i", "linear"},
                {"ln(L/L0)", "linear"},
                {}};
  for (const std::int64_t wanted : {1, 10, 20, 50, 100}) {
    const auto it = std::find_if(study.data.modes.begin(),
                                 study.data.modes.end(),
                                 [&](const MeasuredMode& m) { return m.rank >= wanted; });
    if (it == study.data.modes.end()) continue;
    const Profile& profile = it->profile;
    if (!profile.flatness.width.ok()) continue;
    const double width = profile.flatness.width.value;
    const std::string label = fmt::format("i = {}", it->rank);
    Series points{label, {}, {}, {}, "points", label};
    Series parabola{label + ", parabola", {}, {}, {}, "dashed", label};
    for (std::size_t k = 0; k < profile.delta.size(); ++k) {
      const double d = profile.delta[k];
      points.x.push_back(d / width);
      points.y.push_back(std::log(profile.loss[k] / profile.loss_at_zero));
      parabola.x.push_back(d / width);
      parabola.y.push_back(profile.slope.value * d + 0.5 * profile.curvature.value * d * d);
    }
    figure.series.push_back(std::move(points));
    figure.series.push_back(std::move(parabola));
  }
  return figure;
}

Figure flatness_figure(const std::vector<StudiedTask>& studies) {
  Figure figure{
      "flatness",
      "Flatness of the components",
      "The width F_i of L ≤ e L0, and √(8/M_ii) from the curvature of ln L, over the rank.",
      {"rank i", "log"},
      {"F_i [θ]", "log"},
      {}};
  for (const StudiedTask& one : studies) {
    const std::string label = label_of(one.task.where);
    Series width{label.empty() ? "width" : "width, " + label, {}, {}, {}, "points", label};
    Series curvature{
        label.empty() ? "from curvature" : "from curvature, " + label, {}, {}, {}, "line", label};
    for (const MeasuredMode& mode : one.study.data.modes) {
      const auto rank = static_cast<double>(mode.rank);
      const analysis::Flatness& flatness = mode.profile.flatness;
      if (flatness.width.ok()) {
        width.x.push_back(rank);
        width.y.push_back(flatness.width.value);
      }
      if (flatness.from_curvature.ok()) {
        curvature.x.push_back(rank);
        curvature.y.push_back(flatness.from_curvature.value);
      }
    }
    figure.series.push_back(std::move(width));
    figure.series.push_back(std::move(curvature));
  }
  return figure;
}

Figure relaxation_figure(const std::vector<StudiedTask>& studies) {
  Figure figure{
      "window_over_relaxation",
      "Length of the window in relaxation times",
      "T_window/τ_i with τ_i = 1/(α L0 M_ii) steps. Where it is well below 1 the variance "
      "in the window measures the noise, σ_i² ∝ D_i; well above 1 it measures noise over "
      "curvature, and no inverse relation follows.",
      {"rank i", "log"},
      {"T_window / τ_i", "log"},
      {}};
  for (const StudiedTask& one : studies) {
    const std::string label = label_of(one.task.where);
    Series series{label.empty() ? "T_window / τ_i" : label, {}, {}, {}, "points", label};
    const auto steps = static_cast<double>(one.study.looks * one.study.every);
    for (const MeasuredMode& mode : one.study.data.modes) {
      const double tau = relaxation_steps(mode, one.study.learning_rate, one.study.loss);
      if (!std::isfinite(tau)) continue;
      series.x.push_back(static_cast<double>(mode.rank));
      series.y.push_back(steps / tau);
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

}  // namespace

std::vector<Figure> variance_flatness_figures(const std::vector<StudiedTask>& studies,
                                              const std::vector<Condition>& beside) {
  if (studies.empty()) return {};
  std::vector<Figure> figures{law_figure(studies, beside),
                              profile_figure(studies.front().study),
                              flatness_figure(studies),
                              relaxation_figure(studies)};
  std::erase_if(figures, [](const Figure& one) { return one.series.empty(); });
  return figures;
}

}  // namespace thermoscape
