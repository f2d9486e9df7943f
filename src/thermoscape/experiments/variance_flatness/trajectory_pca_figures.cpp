#include <algorithm>
#include <cmath>
#include <utility>

#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/variance_flatness/task_label.hpp"
#include "thermoscape/experiments/variance_flatness/trajectory_pca.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"

namespace thermoscape {

namespace {

constexpr Eigen::Index kDrawnLooks = 4000;

Figure& called(std::vector<Figure>& figures, std::string_view id) {
  return *std::find_if(
      figures.begin(), figures.end(), [id](const Figure& one) { return one.id == id; });
}

std::string name_of(const Task& task) {
  std::string label = label_of(task.where);
  if (!label.empty()) return label;
  return fmt::format("minimum {}, replica {}", task.minimum, task.replica);
}

Series points(const std::string& label, const std::string& style = "points") {
  return {label, {}, {}, {}, style, label};
}

void add(Series& series, double x, double y) {
  series.x.push_back(x);
  series.y.push_back(y);
}

Series path(const TaskPca& one, Eigen::Index x, Eigen::Index y, const std::string& label) {
  Series series = points(label, "line");
  const Eigen::Index stride = std::max<Eigen::Index>(1, one.projections.rows() / kDrawnLooks);
  for (Eigen::Index t = 0; t < one.projections.rows(); t += stride)
    add(series, one.projections(t, x), one.projections(t, y));
  return series;
}

/// θ_i(t)/σ_i of some modes.
void add_projections(Figure& figure, const TaskPca& one) {
  const Eigen::Index stride = std::max<Eigen::Index>(1, one.projections.rows() / kDrawnLooks);
  for (const Eigen::Index rank : {1, 2, 10, 50}) {
    if (rank > one.projections.cols() || !(one.pca.variances(rank - 1) > 0)) continue;
    Series series = points(fmt::format("i = {}", rank), "line");
    const double deviation = std::sqrt(one.pca.variances(rank - 1));
    for (Eigen::Index t = 0; t < one.projections.rows(); t += stride) {
      add(series,
          (one.time[static_cast<std::size_t>(t)] - one.time.front()) / one.epoch_time,
          one.projections(t, rank - 1) / deviation);
    }
    figure.series.push_back(std::move(series));
  }
}

/// σ_i² ∝ i^-γ through the middle of the fitted ranks.
Series law_line(const std::vector<double>& variances,
                const Estimate& gamma,
                const std::vector<std::int64_t>& fit,
                const std::string& label) {
  const double low = static_cast<double>(fit[0]);
  const double high = static_cast<double>(std::min<std::int64_t>(fit[1], std::ssize(variances)));
  const double middle = std::sqrt(low * high);
  const double level = variances[static_cast<std::size_t>(middle) - 1];
  return {
      fmt::format("γ = {}", with_error(gamma.value, gamma.standard_error)),
      {low, high},
      {level * std::pow(low / middle, -gamma.value), level * std::pow(high / middle, -gamma.value)},
      {},
      "dashed",
      label};
}

void add_spectrum(std::vector<Figure>& figures,
                  const TaskPca& one,
                  const TrajectoryPcaOptions& options,
                  const std::string& label) {
  Series spectrum = points(label);
  Series cumulative = points(label, "line");
  const double rest = one.pca.total_variance - one.pca.variances(0);
  double sum = 0;
  for (Eigen::Index i = 0; i < one.pca.variances.size(); ++i) {
    const auto rank = static_cast<double>(i + 1);
    if (one.pca.variances(i) > 0) add(spectrum, rank, one.pca.variances(i));
    if (i == 0) continue;
    sum += one.pca.variances(i);
    add(cumulative, rank, sum / rest);
  }
  called(figures, "spectrum").series.push_back(std::move(spectrum));
  called(figures, "cumulative").series.push_back(std::move(cumulative));
  const std::vector<double> all(one.pca.variances.begin(), one.pca.variances.end());
  const Estimate gamma = rank_exponent(all, options.fit[0], options.fit[1]);
  if (gamma.ok())
    called(figures, "spectrum").series.push_back(law_line(all, gamma, options.fit, label));
}

void add_motion(std::vector<Figure>& figures, const TaskPca& one, const std::string& label) {
  Series persistence = points(label);
  Series memory = points(label);
  Series bound = points(label + ", lower bound");
  Series drift = points(label);
  Series error = points(label + ", standard error", "line");
  for (std::size_t i = 0; i < one.motion.size(); ++i) {
    const ModeMotion& mode = one.motion[i];
    const auto rank = static_cast<double>(i + 1);
    if (mode.velocity_time.value > 0)
      add(mode.velocity_time.ok() ? memory : bound, rank, mode.velocity_time.value);
    if (mode.persistence > 0) add(persistence, rank, mode.persistence);
    if (!mode.drift.ok() || mode.drift.value == 0) continue;
    add(drift, rank, std::abs(mode.drift.value));
    add(error, rank, mode.drift.standard_error);
  }
  called(figures, "persistence").series.push_back(std::move(persistence));
  for (Series* const series : {&memory, &bound}) {
    if (!series->x.empty()) called(figures, "velocity_time").series.push_back(std::move(*series));
  }
  if (drift.x.empty()) return;
  called(figures, "drift").series.push_back(std::move(drift));
  called(figures, "drift").series.push_back(std::move(error));
}

}  // namespace

std::vector<Figure> trajectory_figures() {
  return {
      {"spectrum",
       "Variance of the principal components",
       "σ_i² of the recorded parameters about the mean of the window, in double, over the rank. "
       "The dashed line is the power law over the fitted ranks.",
       {"rank i", "log"},
       {"σ_i² [θ²]", "log"},
       {}},
      {"cumulative",
       "Cumulative variance without the first component",
       "Share of Σ σ_i², i ≥ 2, in the components 2 ... n.",
       {"rank n", "log"},
       {"share", "linear"},
       {}},
      {"path_1_2",
       "Path in the plane of components 1 and 2",
       "θ_1 drifts, θ_2 wanders; every look or a few thousand of them.",
       {"θ_1 [θ]", "linear"},
       {"θ_2 [θ]", "linear"},
       {}},
      {"path_49_50",
       "Path in the plane of components 49 and 50",
       "As the plane of 1 and 2.",
       {"θ_49 [θ]", "linear"},
       {"θ_50 [θ]", "linear"},
       {}},
      {"projections",
       "Projections on the components over time",
       "θ_i(t) about the mean of the window, in units of its own σ_i.",
       {"time [epochs]", "linear"},
       {"θ_i / σ_i", "linear"},
       {}},
      {"drift",
       "Drift velocity of the components",
       "Size of the mean step along each component, and its standard error from blocks: where the "
       "points are not well above the line there is no drift to speak of.",
       {"rank i", "log"},
       {"|⟨Δθ_i⟩| [θ per look]", "log"},
       {}},
      {"persistence",
       "Memory of the velocity",
       "⟨(θ_i(t+ℓ) - θ_i(t))²⟩ / (ℓ D_i) with ℓ an epoch and D_i the mean square of one step: 1 "
       "for a random walk, ℓ for a straight drift, below 1 where a mode relaxes within an epoch.",
       {"rank i", "log"},
       {"⟨Δθ_i²⟩ over an epoch / (ℓ D_i)", "log"},
       {}},
      {"velocity_time",
       "Correlation time of the velocity",
       "Integrated correlation time of the steps along each mode, in looks: ½ without memory, "
       "long for a drift; towards 0, and by chance below it and not drawn, where the mode returns "
       "within the window, since its steps then undo each other. A lower bound where the sum "
       "does not close.",
       {"rank i", "log"},
       {"τ_v [looks]", "log"},
       {}}};
}

void draw(std::vector<Figure>& figures,
          const Task& task,
          const TaskPca& one,
          const TrajectoryPcaOptions& options) {
  const std::string label = name_of(task);
  add_spectrum(figures, one, options, label);
  add_motion(figures, one, label);
  Figure& plane = called(figures, "path_1_2");
  if (!plane.series.empty()) return;  // one path is enough to see
  plane.series.push_back(path(one, 0, 1, label));
  if (one.projections.cols() >= 50)
    called(figures, "path_49_50").series.push_back(path(one, 48, 49, label));
  add_projections(called(figures, "projections"), one);
}

}  // namespace thermoscape
