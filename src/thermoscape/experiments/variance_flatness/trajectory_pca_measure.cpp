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
#include "thermoscape/experiments/variance_flatness/trajectory_pca.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"

namespace thermoscape {

namespace {

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
  out.randomised = is_randomised(rows, options.method);
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
  // A drift's sum does not close within the window, and what it comes to is a lower bound.
  pooled.add(task, "drift_velocity_time", {drift.velocity_time.value, 0, Status::ok}, "looks");
  std::vector<double> others;
  for (std::size_t i = 1; i < one.motion.size(); ++i) others.push_back(one.motion[i].persistence);
  std::nth_element(others.begin(), others.begin() + std::ssize(others) / 2, others.end());
  pooled.add(task, "median_persistence", {others[others.size() / 2], 0, Status::ok}, "1");
}

void store_arrays(Dataset& data, const Task& task, const TaskPca& one) {
  Dataset& group = data.make_group(task.id);
  for (const auto& [key, value] : task.where) group.attributes[key] = value;
  group.put_vector("variance",
                   "rank",
                   {one.pca.variances.begin(), one.pca.variances.end()},
                   "θ²",
                   "σ_i² of the principal components");
  const auto vector = [&](const char* name, const char* unit, const char* text, auto&& of) {
    std::vector<double> values;
    for (const ModeMotion& motion : one.motion) values.push_back(of(motion));
    group.put_vector(name, "mode", values, unit, text);
  };
  vector("drift", "θ per look", "mean step along the mode", [](auto& m) { return m.drift.value; });
  vector("drift_error", "θ per look", "standard error", [](auto& m) {
    return m.drift.standard_error;
  });
  vector("step_square", "θ²", "D_i, mean square of a step", [](auto& m) { return m.step_square; });
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
  std::vector<Figure> figures = trajectory_figures();
  Table table{"drift",
              "Drift and diffusion",
              "Mode 1 against the median of the others: how much further an epoch carries it than "
              "its single steps would as a random walk. The velocity of 1 stays correlated for "
              "the looks given, or longer: of a drift the sum does not close within the window.",
              {"task",
               "σ_1²/σ_2²",
               "modes for the share",
               "drift of 1 [θ per look]",
               "velocity time of 1 [looks]",
               "persistence of 1",
               "median of others"},
              {}};
  for (const std::size_t index : view->tasks_of(settings.phase)) {
    if (view->end(index).status == Status::diverged) continue;
    const Task& task = view->task(index);
    const TaskPca one = analyse(*view, index, window, options);
    add_findings(pooled, task, one, options);
    store_arrays(measured.data, task, one);
    if (one.randomised && measured.notes.empty()) {
      measured.notes.push_back(fmt::format(
          "{}: the covariance does not fit into 4 GiB, or was not asked for: randomised PCA, whose "
          "highest ranks of {} are known to per mille",
          settings.name,
          one.pca.variances.size()));
    }
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
                          found("drift_speed"),
                          found("drift_velocity_time"),
                          found("drift_persistence"),
                          found("median_persistence")});
  }
  measured.figures = std::move(figures);
  std::erase_if(measured.figures, [](const Figure& one) { return one.series.empty(); });
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
