#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/experiments/variance_flatness/components.hpp"
#include "thermoscape/experiments/variance_flatness/mode_motion.hpp"
#include "thermoscape/experiments/variance_flatness/of_tasks.hpp"
#include "thermoscape/experiments/variance_flatness/task_label.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"

namespace thermoscape {

namespace {

struct TrajectoryPcaOptions {
  std::string parameters;
  std::int64_t modes = 500;
  std::vector<std::int64_t> fit = {20, 200};
  double share = 0.9;
  std::string method = "auto";

  static constexpr auto fields() {
    using O = TrajectoryPcaOptions;
    return std::tuple{
        field("parameters",
              &O::parameters,
              "",
              "those of the recorded ones that are looked at: a layer, a glob; empty for all"),
        field("modes", &O::modes, "1", "modes whose motion is looked at", Range{2, 1e6}),
        field("fit", &O::fit, "1", "ranks from and to of the power law σ² ∝ i^-γ", kAtLeastOne),
        field("share",
              &O::share,
              "1",
              "of the variance without the first mode: how many modes hold it",
              Range{0, 1, true, true}),
        field("method",
              &O::method,
              "",
              "auto, exact, or randomised: the first where the others do not fit into 4 GiB",
              Range{.choices = kComponentMethods})};
  }
};

/// What one task gives.
struct TaskPca {
  analysis::Pca pca;
  Eigen::MatrixXd projections;
  std::vector<ModeMotion> motion;
  std::vector<double> time;
  double epoch_time = 1;
};

TaskPca analyse(const RunView& view,
                std::size_t index,
                const WindowSettings& window,
                const TrajectoryPcaOptions& options) {
  const Trajectory trajectory(view, index, options.parameters);
  const Recorded recorded = view.recorded(index, "trajectory");
  const Branch& branch = view.branch(index);
  const double duration = time_step(branch.rule) * static_cast<double>(view.end(index).steps);
  const auto [from, to] =
      window.resolve(rule_parameter(branch.rule, "temperature").value_or(0), duration);
  const auto [first, last] = window_of(recorded, from, to);
  const analysis::Rows rows =
      trajectory.rows(static_cast<std::int64_t>(first), static_cast<std::int64_t>(last));
  TaskPca out;
  const Noise noise(static_cast<std::uint64_t>(view.recipe().head.seed));
  out.pca = components_of(rows, options.modes, options.method, noise.fork(view.task(index).id, 4));
  analysis::Pca leading = out.pca;
  const auto k = std::min<Eigen::Index>(options.modes, out.pca.components.cols());
  leading.components = out.pca.components.leftCols(k);
  out.projections = leading.project(rows);
  const std::int64_t epoch =
      std::max<std::int64_t>(1, trajectory.steps_per_epoch() / trajectory.every());
  out.motion = mode_motions(out.projections, epoch);
  out.time.assign(recorded.time.begin() + static_cast<std::ptrdiff_t>(first),
                  recorded.time.begin() + static_cast<std::ptrdiff_t>(last));
  out.epoch_time = time_step(branch.rule) * static_cast<double>(trajectory.steps_per_epoch());
  return out;
}

/// The number of modes after the first that hold `share` of the variance without it.
Estimate modes_holding(const analysis::Pca& pca, double share) {
  const double rest = pca.total_variance - pca.variances(0);
  double sum = 0;
  for (Eigen::Index i = 1; i < pca.variances.size(); ++i) {
    sum += pca.variances(i);
    if (sum >= share * rest) return {static_cast<double>(i), 0, Status::ok};
  }
  return {static_cast<double>(pca.variances.size()), 0, Status::too_short};
}

/// The ranks round the fitted ones over which σ² stays within a fifth of the power law fitted
/// there.
std::optional<std::pair<std::int64_t, std::int64_t>> power_law_range(
    const std::vector<double>& variances, const std::vector<std::int64_t>& fit) {
  constexpr double kFifth = 0.2;
  std::vector<double> rank, value;
  for (std::int64_t i = fit[0]; i <= std::min<std::int64_t>(fit[1], std::ssize(variances)); ++i) {
    rank.push_back(static_cast<double>(i));
    value.push_back(variances[static_cast<std::size_t>(i - 1)]);
  }
  const analysis::PowerLaw law = analysis::power_law(rank, value);
  if (!law.exponent.ok()) return std::nullopt;
  const auto follows = [&](std::int64_t i) {
    const double at = variances[static_cast<std::size_t>(i - 1)];
    const double line = law.prefactor.value * std::pow(static_cast<double>(i), law.exponent.value);
    return at > 0 && std::abs(std::log(at / line)) < std::log1p(kFifth);
  };
  auto first = static_cast<std::int64_t>(std::sqrt(rank.front() * rank.back()));
  std::int64_t last = first;
  if (!follows(first)) return std::nullopt;
  while (first > 1 && follows(first - 1)) --first;
  while (last < std::ssize(variances) && follows(last + 1)) ++last;
  return std::pair{first, last};
}

void add_findings(PooledFindings& pooled,
                  const Task& task,
                  const TaskPca& one,
                  const TrajectoryPcaOptions& options) {
  const std::vector<double> variances(one.pca.variances.begin(), one.pca.variances.end());
  pooled.add(task, "gamma", rank_exponent(variances, options.fit[0], options.fit[1]), "1");
  if (const auto range = power_law_range(variances, options.fit)) {
    pooled.add(task, "power_law_from", {static_cast<double>(range->first), 0, Status::ok}, "rank");
    pooled.add(task, "power_law_to", {static_cast<double>(range->second), 0, Status::ok}, "rank");
  }
  pooled.add(task, "modes_holding_share", modes_holding(one.pca, options.share), "1");
  pooled.add(
      task, "first_over_second", {one.pca.variances(0) / one.pca.variances(1), 0, Status::ok}, "1");
  const ModeMotion& drift = one.motion.front();
  Estimate speed = drift.drift;
  speed.value = std::abs(speed.value);
  pooled.add(task, "drift_speed", speed, "θ per look");
  pooled.add(task, "drift_persistence", {drift.persistence, 0, Status::ok}, "1");
  std::vector<double> others;
  for (std::size_t i = 1; i < one.motion.size(); ++i) others.push_back(one.motion[i].persistence);
  std::nth_element(others.begin(), others.begin() + std::ssize(others) / 2, others.end());
  pooled.add(task, "median_persistence", {others[others.size() / 2], 0, Status::ok}, "1");
}

std::string name_of(const Task& task) {
  const std::string label = label_of(task.where);
  if (!label.empty()) return label;
  return fmt::format("minimum {}, replica {}", task.minimum, task.replica);
}

Series path(const TaskPca& one, Eigen::Index x, Eigen::Index y, const std::string& label) {
  Series series{label, {}, {}, {}, "line", label};
  const Eigen::Index stride = std::max<Eigen::Index>(1, one.projections.rows() / 4000);
  for (Eigen::Index t = 0; t < one.projections.rows(); t += stride) {
    series.x.push_back(one.projections(t, x));
    series.y.push_back(one.projections(t, y));
  }
  return series;
}

struct Figures {
  Figure spectrum{"spectrum",
                  "Variance of the principal components",
                  "σ_i² of the recorded parameters about the mean of the window, in double, over "
                  "the rank. The dashed line is the power law over the fitted ranks.",
                  {"rank i", "log"},
                  {"σ_i² [θ²]", "log"},
                  {}};
  Figure cumulative{"cumulative",
                    "Cumulative variance without the first component",
                    "Share of Σ σ_i², i ≥ 2, in the components 2 ... n.",
                    {"rank n", "log"},
                    {"share", "linear"},
                    {}};
  Figure drift{"path_1_2",
               "Path in the plane of components 1 and 2",
               "θ_1 drifts, θ_2 wanders; every look or a few thousand of them.",
               {"θ_1 [θ]", "linear"},
               {"θ_2 [θ]", "linear"},
               {}};
  Figure diffusion{"path_49_50",
                   "Path in the plane of components 49 and 50",
                   "As the plane of 1 and 2.",
                   {"θ_49 [θ]", "linear"},
                   {"θ_50 [θ]", "linear"},
                   {}};
  Figure memory{"velocity_time",
                "Correlation time of the velocity",
                "Integrated correlation time of the steps along each mode, in looks: ½ without "
                "memory, long for a drift; modes whose sum does not close are left out.",
                {"rank i", "log"},
                {"τ_v [looks]", "linear"},
                {}};
  Figure persistence{"persistence",
                     "Memory of the velocity",
                     "⟨(θ_i(t+ℓ) - θ_i(t))²⟩ / (ℓ D_i) with ℓ an epoch and D_i the mean square of "
                     "one step: 1 for a random walk, ℓ for a straight drift, below 1 where a mode "
                     "relaxes within an epoch.",
                     {"rank i", "log"},
                     {"⟨Δθ_i²⟩ over an epoch / (ℓ D_i)", "log"},
                     {}};
};

void draw(Figures& figures,
          const Task& task,
          const TaskPca& one,
          const TrajectoryPcaOptions& options) {
  const std::string label = name_of(task);
  Series spectrum{label, {}, {}, {}, "points", label};
  Series cumulative{label, {}, {}, {}, "line", label};
  Series persistence{label, {}, {}, {}, "points", label};
  Series memory{label, {}, {}, {}, "points", label};
  const double rest = one.pca.total_variance - one.pca.variances(0);
  double sum = 0;
  for (Eigen::Index i = 0; i < one.pca.variances.size(); ++i) {
    const auto rank = static_cast<double>(i + 1);
    if (one.pca.variances(i) > 0) {
      spectrum.x.push_back(rank);
      spectrum.y.push_back(one.pca.variances(i));
    }
    if (i == 0) continue;
    sum += one.pca.variances(i);
    cumulative.x.push_back(rank);
    cumulative.y.push_back(sum / rest);
  }
  for (std::size_t i = 0; i < one.motion.size(); ++i) {
    if (one.motion[i].velocity_time.ok()) {
      memory.x.push_back(static_cast<double>(i + 1));
      memory.y.push_back(one.motion[i].velocity_time.value);
    }
    if (!(one.motion[i].persistence > 0)) continue;
    persistence.x.push_back(static_cast<double>(i + 1));
    persistence.y.push_back(one.motion[i].persistence);
  }
  const std::vector<double> all(one.pca.variances.begin(), one.pca.variances.end());
  const Estimate gamma = rank_exponent(all, options.fit[0], options.fit[1]);
  figures.spectrum.series.push_back(std::move(spectrum));
  if (gamma.ok()) {
    const double low = static_cast<double>(options.fit[0]);
    const double high =
        static_cast<double>(std::min<std::int64_t>(options.fit[1], std::ssize(all)));
    const double middle = std::sqrt(low * high);
    const double level = all[static_cast<std::size_t>(middle) - 1];
    Series law{fmt::format("γ = {}", with_error(gamma.value, gamma.standard_error)),
               {low, high},
               {level * std::pow(low / middle, -gamma.value),
                level * std::pow(high / middle, -gamma.value)},
               {},
               "dashed",
               label};
    figures.spectrum.series.push_back(std::move(law));
  }
  figures.cumulative.series.push_back(std::move(cumulative));
  figures.persistence.series.push_back(std::move(persistence));
  if (!memory.x.empty()) figures.memory.series.push_back(std::move(memory));
  if (!figures.drift.series.empty()) return;  // one path is enough to see
  figures.drift.series.push_back(path(one, 0, 1, label));
  if (one.projections.cols() >= 50) figures.diffusion.series.push_back(path(one, 48, 49, label));
}

void store_arrays(Dataset& data, const Task& task, const TaskPca& one) {
  Dataset& group = data.make_group(task.id);
  for (const auto& [key, value] : task.where) group.attributes[key] = value;
  group.put_vector("variance",
                   "rank",
                   {one.pca.variances.begin(), one.pca.variances.end()},
                   "1",
                   "σ_i² of the principal components");
  const auto vector = [&](const char* name, const char* unit, const char* text, auto&& of) {
    std::vector<double> values;
    for (const ModeMotion& motion : one.motion) values.push_back(of(motion));
    group.put_vector(name, "mode", values, unit, text);
  };
  vector("drift", "1", "mean step along the mode", [](auto& m) { return m.drift.value; });
  vector("drift_error", "1", "standard error", [](auto& m) { return m.drift.standard_error; });
  vector("step_square", "1", "D_i, mean square of a step", [](auto& m) { return m.step_square; });
  vector("reversal", "1", "⟨Δθ(t) Δθ(t+1)⟩/D_i", [](auto& m) { return m.reversal; });
  vector("velocity_time", "looks", "integrated correlation time of the velocity", [](auto& m) {
    return m.velocity_time.value;
  });
  vector("velocity_time_closed", "1", "1 where the sum closes within the window", [](auto& m) {
    return m.velocity_time.ok() ? 1.0 : 0.0;
  });
  vector(
      "persistence", "1", "⟨Δθ_i²⟩ over an epoch / (ℓ D_i)", [](auto& m) { return m.persistence; });
}

}  // namespace

Measured measure_trajectory_pca(const RunView* view,
                                const MeasureSettings& settings,
                                TomlReader& reader) {
  TrajectoryPcaOptions options;
  WindowSettings window;
  reader.read(options);
  reader.read(window);
  reader.finish();
  check_fit(options.fit, reader.where());
  if (view == nullptr) return {};
  Measured measured;
  PooledFindings pooled;
  Figures figures;
  Table table{"drift",
              "Drift and diffusion",
              "Mode 1 against the median of the others: how much further an epoch carries it than "
              "its single steps would as a random walk.",
              {"task", "σ_1²/σ_2²", "modes for the share", "persistence of 1", "median of others"},
              {}};
  for (const std::size_t index : view->tasks_of(settings.phase)) {
    if (view->end(index).status == Status::diverged) continue;
    const Task& task = view->task(index);
    const TaskPca one = analyse(*view, index, window, options);
    add_findings(pooled, task, one, options);
    store_arrays(measured.data, task, one);
    if (task.minimum == 0 && task.replica == 0) draw(figures, task, one, options);
  }
  measured.findings = pooled.findings();
  std::vector<Coordinates> places;
  for (const Finding& one : measured.findings) {
    if (one.quantity != "gamma") continue;
    const std::string place = label_of(one.where);
    const auto found = [&](const char* quantity) { return cell(pooled.at(quantity, one.where)); };
    table.rows.push_back({place.empty() ? "all" : place,
                          found("first_over_second"),
                          found("modes_holding_share"),
                          found("drift_persistence"),
                          found("median_persistence")});
  }
  measured.figures = {figures.spectrum,
                      figures.cumulative,
                      figures.drift,
                      figures.diffusion,
                      figures.persistence,
                      figures.memory};
  std::erase_if(measured.figures, [](const Figure& one) { return one.series.empty(); });
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
