#include "thermoscape/experiments/variance_flatness/variance_flatness_study.hpp"

#include <algorithm>
#include <cmath>

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

struct Place {
  const RunView& view;
  std::size_t task;
  const Trajectory& trajectory;
  std::vector<double> theta;
  const VarianceFlatnessOptions& options;
};

Condition measure_condition(const Place& place,
                            const std::string& name,
                            const analysis::Rows& rows,
                            analysis::Pca* kept) {
  const Noise noise = Noise(static_cast<std::uint64_t>(place.view.recipe().head.seed))
                          .fork(place.view.task(place.task).id, 4);
  analysis::Pca pca = components_of(rows, place.options.modes, place.options.method, noise);
  Condition out;
  out.name = name;
  out.variances.assign(pca.variances.begin(), pca.variances.end());
  // A window of n looks has n - 1 modes; rounding makes the rest.
  const std::int64_t most =
      std::min({place.options.modes, std::ssize(out.variances), rows.rows - 1});
  const std::vector<std::int64_t> ranks = spaced_ranks(most, place.options.profiles);
  out.modes = measure_modes(place.view.ground(place.task),
                            place.theta,
                            place.trajectory.subset(),
                            pca,
                            ranks,
                            place.options.profile);
  out.law = flatness_law(out.modes, place.options.fit[0], place.options.fit[1]);
  out.gamma = rank_exponent(out.variances, place.options.fit[0], place.options.fit[1]);
  if (kept != nullptr) *kept = std::move(pca);
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

}  // namespace

VarianceFlatnessStudy study_variance_flatness(const RunView& view,
                                              std::size_t task,
                                              const VarianceFlatnessOptions& options) {
  const Trajectory trajectory(view, task, options.parameters);
  const Place place{view, task, trajectory, centre_of(view, task, options.centre), options};
  const AnyRule& rule = view.branch(task).rule;
  VarianceFlatnessStudy study;
  study.learning_rate = time_step(rule);
  study.looks = trajectory.rows();
  study.every = trajectory.every();
  const analysis::Rows whole = trajectory.rows(0, trajectory.rows());
  study.data = measure_condition(place, "sgd", whole, &study.pca);
  study.data.name = std::string(name(rule));
  add_step_squares(whole, study.pca, study.data);
  study.step_law =
      flatness_law(study.data.modes, options.fit[0], options.fit[1], Spread::step_square);
  study.loss = study.data.modes.front().profile.loss_at_zero;
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork(view.task(task).id, 5);
  if (options.controls) {
    for (const Control one : {Control::shuffled, Control::random_signs, Control::isotropic_walk}) {
      study.controls.push_back(measure_condition(
          place, std::string(name(one)), control_rows(whole, one, noise), nullptr));
    }
  }
  for (const double part : options.windows) {
    study.of_windows.push_back(
        part == 1 ? study.data
                  : measure_condition(
                        place, fmt::format("{:.3g}", part), last_part(trajectory, part), nullptr));
  }
  return study;
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

double relaxation_steps(const MeasuredMode& mode, double learning_rate, double loss) {
  const Estimate& curvature = mode.profile.curvature;
  if (!curvature.ok() || !(curvature.value > 0)) return kInfinity;
  return 1 / (learning_rate * loss * curvature.value);
}

}  // namespace thermoscape
