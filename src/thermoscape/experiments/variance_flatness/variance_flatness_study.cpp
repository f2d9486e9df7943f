#include "thermoscape/experiments/variance_flatness/variance_flatness_study.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "thermoscape/experiments/variance_flatness/trajectory_controls.hpp"

namespace thermoscape {

namespace {

/// θ [P] through which the profiles go.
std::vector<double> centre_of(const RunView& view, std::size_t task, const std::string& centre) {
  if (centre == "end") return view.last_theta(task);
  const Recorded theta = view.recorded(task, "theta");
  std::vector<double> mean(theta.width, 0.0);
  for (std::size_t row = 0; row < theta.rows; ++row) {
    for (std::size_t i = 0; i < theta.width; ++i)
      mean[i] += theta.values[row * theta.width + i] / static_cast<double>(theta.rows);
  }
  return mean;
}

/// The last part of the looks.
analysis::Rows last_part(const Trajectory& trajectory, double part) {
  const auto count = static_cast<std::int64_t>(
      std::ceil(part * static_cast<double>(trajectory.rows()) * (1 - 1e-12)));
  return trajectory.rows(trajectory.rows() - std::max<std::int64_t>(2, count), trajectory.rows());
}

/// Those of the paper's profiles that there are.
std::vector<std::int64_t> shown_ranks(std::int64_t most) {
  std::vector<std::int64_t> ranks{1, 10, 20, 50, 100};
  std::erase_if(ranks, [most](std::int64_t rank) { return rank > most; });
  return ranks;
}

/// A part of the window, or a control of the whole.
struct Aspect {
  std::string name;
  std::optional<Control> control;
  double part = 1;
};

/// The whole window first, then its controls, then its parts.
std::vector<Aspect> aspects_of(const VarianceFlatnessOptions& options) {
  std::vector<Aspect> aspects{{"sgd", {}, 1}};
  if (options.controls) {
    for (const Control one : {Control::shuffled, Control::random_signs, Control::isotropic_walk})
      aspects.push_back({std::string(name(one)), one, 1});
  }
  for (const double part : options.windows) {
    if (part != 1) aspects.push_back({fmt::format("{:.3g}", part), {}, part});
  }
  return aspects;
}

/// The components of `rows` and the landscape along them.
Condition measure_condition(const RunView& view,
                            std::size_t task,
                            const Trajectory& trajectory,
                            const analysis::Rows& rows,
                            const VarianceFlatnessOptions& options,
                            analysis::Pca& pca) {
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork(view.task(task).id, 4);
  pca = components_of(rows, options.modes, options.method, noise);
  Condition out;
  out.variances.assign(pca.variances.begin(), pca.variances.end());
  // A window of n looks has n - 1 modes; rounding makes the rest.
  const std::int64_t most = std::min({options.modes, std::ssize(out.variances), rows.rows - 1});
  const std::vector<std::int64_t> ranks = spaced_ranks(most, options.profiles);
  out.modes = measure_modes(view.ground(task),
                            centre_of(view, task, options.centre),
                            trajectory.subset(),
                            pca,
                            ranks,
                            options.profile);
  out.law = flatness_law(out.modes, options.fit[0], options.fit[1]);
  out.gamma = rank_exponent(out.variances, options.fit[0], options.fit[1]);
  return out;
}

/// The components of the modes alone.
analysis::Pca chosen_components(const analysis::Pca& pca, const std::vector<MeasuredMode>& modes) {
  analysis::Pca chosen;
  chosen.mean = pca.mean;
  chosen.components.resize(pca.components.rows(), std::ssize(modes));
  for (std::size_t m = 0; m < modes.size(); ++m)
    chosen.components.col(static_cast<Eigen::Index>(m)) = pca.components.col(modes[m].rank - 1);
  return chosen;
}

/// D_i = ⟨Δθ_i²⟩ of single looks along the modes.
void add_step_squares(const analysis::Rows& rows, const analysis::Pca& pca, Condition& condition) {
  const Eigen::MatrixXd at = chosen_components(pca, condition.modes).project(rows);
  const Eigen::Index n = at.rows() - 1;
  for (std::size_t m = 0; m < condition.modes.size(); ++m) {
    const auto column = at.col(static_cast<Eigen::Index>(m));
    condition.modes[m].step_square = (column.tail(n) - column.head(n)).array().square().mean();
  }
}

/// The conditions of one task, in the order of `aspects_of`, as a study.
void gather(const RunView& view,
            std::size_t task,
            const VarianceFlatnessOptions& options,
            std::span<Condition> conditions,
            VarianceFlatnessStudy& study) {
  const AnyRule& rule = view.branch(task).rule;
  auto next = conditions.begin();
  study.data = std::move(*next++);
  study.data.name = std::string(name(rule));
  study.drift_rate = drift_rate(rule);
  study.step_law =
      flatness_law(study.data.modes, options.fit[0], options.fit[1], Spread::step_square);
  study.loss = study.data.modes.front().profile.loss_at_zero;
  if (options.controls) {
    for (int i = 0; i < 3; ++i) study.controls.push_back(std::move(*next++));
  }
  for (const double part : options.windows)
    study.of_windows.push_back(part == 1 ? study.data : std::move(*next++));
}

}  // namespace

std::vector<VarianceFlatnessStudy> study_variance_flatness(const RunView& view,
                                                           std::span<const std::size_t> tasks,
                                                           const VarianceFlatnessOptions& options) {
  const std::vector<Aspect> aspects = aspects_of(options);
  std::vector<VarianceFlatnessStudy> studies(tasks.size());
  std::vector<Condition> found(tasks.size() * aspects.size());
  view.in_parallel(found.size(), [&](std::size_t i) {
    const std::size_t task = tasks[i / aspects.size()];
    const Aspect& aspect = aspects[i % aspects.size()];
    const Trajectory trajectory(view, task, options.parameters);
    const analysis::Rows whole = trajectory.rows(0, trajectory.rows());
    analysis::Pca pca;
    if (aspect.control) {
      const Noise noise =
          Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork(view.task(task).id, 5);
      const analysis::Rows rows = control_rows(whole, *aspect.control, noise);
      found[i] = measure_condition(view, task, trajectory, rows, options, pca);
    } else {
      const analysis::Rows rows = last_part(trajectory, aspect.part);
      found[i] = measure_condition(view, task, trajectory, rows, options, pca);
    }
    found[i].name = aspect.name;
    if (i % aspects.size() != 0) return;
    add_step_squares(whole, pca, found[i]);
    VarianceFlatnessStudy& study = studies[i / aspects.size()];
    study.looks = trajectory.rows();
    study.every = trajectory.every();
    const std::int64_t most = std::ssize(found[i].variances);
    study.shown = measure_modes(view.ground(task),
                                centre_of(view, task, options.centre),
                                trajectory.subset(),
                                pca,
                                shown_ranks(std::min({options.modes, most, whole.rows - 1})),
                                options.profile);
    study.pca = std::move(pca);
  });
  for (std::size_t t = 0; t < tasks.size(); ++t)
    gather(view,
           tasks[t],
           options,
           std::span(found).subspan(t * aspects.size(), aspects.size()),
           studies[t]);
  return studies;
}

Condition study_equilibrium(const RunView& view,
                            std::size_t task,
                            const VarianceFlatnessStudy& study,
                            const VarianceFlatnessOptions& options) {
  const Trajectory trajectory(view, task, options.parameters);
  if (trajectory.subset().count() != study.pca.mean.size()) {
    reject({"variance-flatness, equilibrium",
            fmt::format("{} parameters", trajectory.subset().count()),
            fmt::format("must record the {} parameters of the phase", study.pca.mean.size()),
            ""});
  }
  const analysis::Rows rows = trajectory.rows(0, trajectory.rows());
  Condition out;
  out.name = "equilibrium";
  out.temperature = rule_parameter(view.branch(task).rule, "temperature").value_or(0);
  std::vector<std::int64_t> ranks;
  for (const MeasuredMode& one : study.data.modes) ranks.push_back(one.rank);
  out.modes = measure_modes(view.ground(task),
                            centre_of(view, task, options.centre),
                            trajectory.subset(),
                            study.pca,
                            ranks,
                            options.profile);
  out.loss = out.modes.front().profile.loss_at_zero;
  const Eigen::MatrixXd at = chosen_components(study.pca, out.modes).project(rows);
  for (std::size_t m = 0; m < out.modes.size(); ++m) {
    const auto column = at.col(static_cast<Eigen::Index>(m));
    out.modes[m].variance = (column.array() - column.mean()).square().mean();
  }
  out.law = flatness_law(out.modes, options.fit[0], options.fit[1]);
  return out;
}

double relaxation_steps(const MeasuredMode& mode, double drift_rate, double loss) {
  const Estimate& curvature = mode.profile.curvature;
  if (!curvature.ok() || !(curvature.value > 0)) return kInfinity;
  return 1 / (drift_rate * loss * curvature.value);
}

double drift_rate(const AnyRule& rule) {
  if (name(rule) == "adam") return std::numeric_limits<double>::quiet_NaN();
  return time_step(rule) / (1 - rule_parameter(rule, "momentum").value_or(0));
}

}  // namespace thermoscape
