#include "thermoscape/experiments/limiting_dynamics/displacement_study.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/experiments/limiting_dynamics/sgd_modes.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/theory/displacement_curve.hpp"
#include "thermoscape/theory/regression_moments.hpp"

namespace thermoscape {

namespace {

analysis::Path read_path(const Trajectory& trajectory, std::int64_t first) {
  const std::int64_t rows = trajectory.rows() - first;
  const analysis::Rows source = trajectory.rows(first, trajectory.rows());
  analysis::Path path(rows, source.columns);
  analysis::for_each_block(source, [&](Eigen::Index at, const auto& block) {
    path.middleRows(at, block.rows()) = block.template cast<float>();
  });
  return path;
}

/// ⟨|θ_{k+1} - θ_k|²⟩ over the second epoch alone, as the code of the paper has it.
Estimate second_epoch_speed(const analysis::Path& path, std::int64_t epoch) {
  const std::int64_t last = std::min<std::int64_t>(2 * epoch, path.rows() - 1);
  std::vector<double> squares;
  for (std::int64_t k = epoch; k < last; ++k)
    squares.push_back((path.row(k + 1) - path.row(k)).cast<double>().squaredNorm());
  if (squares.empty()) return {};
  return analysis::blocking(squares).mean;
}

/// Learning rate, momentum and batch of a task whose rule is SGD, and the weight decay of the rule.
struct Descent {
  theory::SgdNoise noise;
  double weight_decay = 0;
};

std::optional<Descent> descent_of(const Branch& branch, std::int64_t examples) {
  Descent descent;
  if (const auto* momentum = std::get_if<Momentum>(&branch.rule)) {
    if (momentum->nesterov) return std::nullopt;
    descent.noise.learning_rate = momentum->learning_rate;
    descent.noise.momentum = momentum->momentum;
    descent.weight_decay = momentum->weight_decay;
  } else if (const auto* sgd = std::get_if<Sgd>(&branch.rule)) {
    descent.noise.learning_rate = sgd->learning_rate;
    descent.weight_decay = sgd->weight_decay;
  } else {
    return std::nullopt;
  }
  if (branch.batch.size == 0) return std::nullopt;
  const auto size = static_cast<double>(branch.batch.size);
  // Without replacement noise is smaller by (N-S)/(N-1): as from a larger batch.
  const double factor = branch.batch.replacement ? 1
                                                 : theory::without_replacement_factor(
                                                       static_cast<double>(examples), size);
  if (factor == 0) return std::nullopt;
  descent.noise.batch_size = size / factor;
  return descent;
}

/// ln E over ln k between points, for fits at every step of a theory known at some.
class LogCurve {
 public:
  LogCurve(const std::vector<double>& x, const std::vector<double>& y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      x_.push_back(std::log(x[i]));
      y_.push_back(std::log(y[i]));
    }
  }
  [[nodiscard]] double at(double x) const {
    const double u = std::log(x);
    const auto above = std::upper_bound(x_.begin() + 1, x_.end() - 1, u) - x_.begin();
    const auto i = static_cast<std::size_t>(above);
    const double share = (u - x_[i - 1]) / (x_[i] - x_[i - 1]);
    return std::exp(y_[i - 1] + share * (y_[i] - y_[i - 1]));
  }

 private:
  std::vector<double> x_;
  std::vector<double> y_;
};

void add_exponents(TaskDisplacement& t,
                   std::int64_t steps_per_epoch,
                   const LogCurve* theory,
                   const std::string& definitions) {
  const auto looks = static_cast<std::int64_t>(t.from_start.size());
  std::vector<double> exact;
  if (theory != nullptr) {
    exact.push_back(0);
    for (std::int64_t k = 1; k < looks; ++k)
      exact.push_back(theory->at(static_cast<double>(k) * t.every));
  }
  const auto fit = [&](const char* rule, const FitRange& range) {
    FittedExponent one{rule,
                       static_cast<double>(range.first) * t.every,
                       static_cast<double>(range.last) * t.every,
                       exponent_over(t.from_start, range, definitions)};
    if (!exact.empty()) one.exact = exponent_over(exact, range, definitions).value;
    t.exponents.push_back(one);
  };
  const auto epoch =
      std::max<std::int64_t>(1, std::llround(static_cast<double>(steps_per_epoch) / t.every));
  fit("all", {1, looks - 1});
  fit("last_two_thirds", last_two_thirds(looks, epoch));
  if (2 * epoch - 1 < looks && epoch > 4) fit("second_epoch", second_epoch(epoch));
  fit("last_half", {looks / 2, looks - 1});
  for (double end = 8; end <= static_cast<double>(looks - 1); end *= std::pow(10, 0.1)) {
    const auto last = static_cast<std::int64_t>(end);
    t.range_end.push_back(static_cast<double>(last) * t.every);
    t.range_exponent.push_back(analysis::displacement_exponent(t.from_start, 1, last).value);
    if (!exact.empty())
      t.range_exact.push_back(analysis::displacement_exponent(exact, 1, last).value);
  }
}

/// Steps from 1 to `longest` at which the exact theory is evaluated.
std::vector<double> theory_steps(double longest) {
  std::vector<double> steps;
  for (const std::int64_t k : analysis::log_lags(static_cast<std::int64_t>(longest), 12))
    steps.push_back(static_cast<double>(k));
  if (steps.back() < longest) steps.push_back(longest);
  return steps;
}

}  // namespace

TaskDisplacement task_displacement(const RunView& view,
                                   std::size_t task,
                                   const DisplacementStudyOptions& options,
                                   const Noise& noise) {
  const Branch& branch = view.branch(task);
  const Trajectory trajectory(view, task);
  TaskDisplacement t;
  t.where = view.task(task).where;
  for (const auto& [key, value] : t.where)
    t.label += fmt::format("{}{} = {:.4g}", t.label.empty() ? "" : ", ", key, value);
  if (t.label.empty()) t.label = view.task(task).id;
  t.every = static_cast<double>(trajectory.every());
  const auto first =
      static_cast<std::int64_t>(options.skip * static_cast<double>(trajectory.rows()));
  const analysis::Path path = read_path(trajectory, first);
  t.origins = analysis::multi_origin_displacement(path, noise, options.displacement);
  for (const std::int64_t lag : t.origins.lags)
    t.lags.push_back(static_cast<double>(lag) * t.every);
  t.from_start = analysis::displacement_from_start(path);
  t.drift_share =
      analysis::drift_share(path, std::min(options.displacement.blocks, path.rows() / 4));
  if (trajectory.every() == 1) {
    t.step_square = of_paper(options.definitions)
                        ? second_epoch_speed(path, trajectory.steps_per_epoch())
                        : t.origins.displacement.front();
  }

  const std::unique_ptr<Objective<double>> objective = view.objective(task);
  const std::optional<Descent> descent = descent_of(branch, objective->examples());
  if (!options.theory) {
    t.reason = "not asked for";
  } else if (!descent) {
    t.reason = "the rule is not SGD on batches";
  } else if (objective->parameters() > 3000 || path.cols() != objective->parameters()) {
    t.reason = "more than 3,000 parameters, or not all of them recorded";
  }
  if (!t.reason.empty()) {
    add_exponents(t, trajectory.steps_per_epoch(), nullptr, options.definitions);
    return t;
  }
  const std::vector<double> theta = view.last_theta(task);
  const SgdModes modes = sgd_modes(*objective, theta);
  const std::vector<double> curvature = relaxing_curvature(modes, descent->weight_decay);
  t.negative_modes = modes.negative;
  const theory::SgdNoise& sgd = descent->noise;
  std::vector<double> times;
  for (const double lag : t.lags) times.push_back(sgd.learning_rate * lag);
  const theory::DisplacementCurve continuous =
      theory::displacement_curve(sgd, curvature, modes.gradient_variance, times);
  const theory::DisplacementCurve exact =
      theory::discrete_displacement_curve(sgd, curvature, modes.gradient_variance, t.lags);
  t.continuous = continuous.displacement;
  t.continuous_exponent = continuous.exponent;
  t.exact = exact.displacement;
  t.exact_exponent = analysis::log_slopes(t.origins.lags, t.exact);  // as the points are made
  const std::vector<double> steps = theory_steps(static_cast<double>(path.rows() - 1) * t.every);
  const theory::DisplacementCurve whole =
      theory::discrete_displacement_curve(sgd, curvature, modes.gradient_variance, steps);
  t.step_square_exact = whole.displacement.front();
  t.step_square_continuous = sgd.learning_rate * sgd.learning_rate * modes.trace /
                             (sgd.batch_size * (1 - sgd.momentum * sgd.momentum));
  const LogCurve curve(steps, whole.displacement);
  add_exponents(t, trajectory.steps_per_epoch(), &curve, options.definitions);
  return t;
}

}  // namespace thermoscape
