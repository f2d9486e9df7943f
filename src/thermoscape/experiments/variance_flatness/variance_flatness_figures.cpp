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

void add_condition(Figure& figure, const std::string& label, const Condition& one) {
  Series series = cloud(label, one.modes, [](const MeasuredMode& m) { return m.variance; });
  Series line = fitted(series, one.law);
  figure.series.push_back(std::move(series));
  if (!line.x.empty()) figure.series.push_back(std::move(line));
}

/// The controls of one study, and its single steps as the walk that they would make.
void add_controls(Figure& figure, const VarianceFlatnessStudy& study) {
  for (const Condition& one : study.controls) add_condition(figure, one.name, one);
  const auto n = static_cast<double>(study.looks);
  Series steps = cloud("single_steps", study.data.modes, [n](const MeasuredMode& m) {
    return m.step_square * (n * n - 1) / (6 * n);
  });
  Series line = fitted(steps, study.step_law);
  figure.series.push_back(std::move(steps));
  if (!line.x.empty()) figure.series.push_back(std::move(line));
}

std::string name_of(const StudiedTask& one) {
  const std::string label = label_of(one.task.where);
  return label.empty() ? one.study.data.name : label;
}

Figure empty_law_figure(const std::string& id, const std::string& title) {
  return {
      id,
      title,
      "σ_i² in the window over the width F_i of L ≤ e L0, one point a principal component. Each "
      "control has its own components: the increments shuffled in time, with random signs, and "
      "an isotropic random walk. The variance of single steps along the components of the data "
      "is drawn as the random walk of uncorrelated steps it would make, D_i (n²-1)/(6n). Lines: "
      "σ² ∝ F^-ψ over the fitted ranks, errors in both axes.",
      {"flatness F_i [θ]", "log"},
      {"variance σ_i² [θ]²", "log"},
      {}};
}

/// The branches of the sweep together, beside the controls if there is one branch alone; else each
/// with its own controls in a figure of its own.
std::vector<Figure> law_figures(const std::vector<StudiedTask>& studies,
                                const std::vector<Condition>& beside) {
  const bool single = studies.size() == 1;
  std::vector<Figure> figures{empty_law_figure("variance_flatness",
                                               single
                                                   ? "Variance against flatness, with its controls"
                                                   : "Variance against flatness over the sweep")};
  for (const StudiedTask& one : studies) add_condition(figures[0], name_of(one), one.study.data);
  for (std::size_t k = 0; k < studies.size(); ++k) {
    if (!single) {
      figures.push_back(
          empty_law_figure(fmt::format("variance_flatness_{}", k + 1),
                           "Variance against flatness, with its controls: " + name_of(studies[k])));
      add_condition(figures.back(), name_of(studies[k]), studies[k].study.data);
    }
    add_controls(figures.back(), studies[k].study);
  }
  for (const Condition& one : beside) {
    add_condition(figures[0], one.name, one);
    if (one.temperature > 0) figures[0].series.push_back(equilibrium_line(one));
  }
  return figures;
}

/// L itself, each component over its own stretch.
Figure loss_figure(const VarianceFlatnessStudy& study) {
  Figure figure{"losses",
                "Loss along principal components",
                "L on all training examples over the displacement along single components, as far "
                "as L = e L0 on both sides: F_i is how far that is from side to side.",
                {"δ [θ]", "linear"},
                {"L [loss]", "linear"},
                {}};
  for (const MeasuredMode& mode : study.shown) {
    const std::string label = fmt::format("i = {}", mode.rank);
    figure.series.push_back(
        {label, mode.profile.delta, mode.profile.loss, {}, "line+points", label});
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
  for (const MeasuredMode& mode : study.shown) {
    const Profile& profile = mode.profile;
    if (!profile.flatness.width.ok()) continue;
    const double width = profile.flatness.width.value;
    const std::string label = fmt::format("i = {}", mode.rank);
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
      "T_window/τ_i with τ_i = 1/(α L0 M_ii) steps, with momentum α/(1-β) for α; Adam has no such "
      "time. Where it is well below 1 the variance "
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
      const double tau = relaxation_steps(mode, one.study.drift_rate, one.study.loss);
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
  std::vector<Figure> figures = law_figures(studies, beside);
  figures.push_back(loss_figure(studies.front().study));
  figures.push_back(profile_figure(studies.front().study));
  figures.push_back(flatness_figure(studies));
  figures.push_back(relaxation_figure(studies));
  std::erase_if(figures, [](const Figure& one) { return one.series.empty(); });
  return figures;
}

}  // namespace thermoscape
