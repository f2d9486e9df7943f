#include <cmath>

#include <Eigen/Core>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/dynamics/noisy_sgd.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/record/sampler.hpp"
#include "thermoscape/theory/minibatch_sgd.hpp"

namespace thermoscape {

namespace {

struct OverparametrisedStateOptions {
  double learning_rate = 0.02;
  std::int64_t batch_size = 1;
  double null_learning_rate = 0.3;
  double weight_decay = 0.2;
  std::vector<double> isotropic_noise = {0.1, 0.3, 1};
  std::int64_t steps = 400000;
  std::int64_t runs = 4;

  static constexpr auto fields() {
    using O = OverparametrisedStateOptions;
    return std::tuple{
        field("learning_rate", &O::learning_rate, "[time]", "learning rate λ", kPositive),
        field("null_learning_rate",
              &O::null_learning_rate,
              "[time]",
              "learning rate of the runs without isotropic noise",
              kPositive),
        field("batch_size", &O::batch_size, "", "batch size B", kAtLeastOne),
        field("weight_decay", &O::weight_decay, "[loss]/[θ]²", "weight decay α", kPositive),
        field("isotropic_noise", &O::isotropic_noise, "[loss]/[θ]", "noise β", kPositive),
        field("steps", &O::steps, "", "steps of a run", Range{1000, 1e10}),
        field("runs", &O::runs, "", "independent runs", Range{2, 1e5})};
  }
};

/// Two examples with one input direction in two parameters: θ_1 is what they see, θ_2 is flat.
constexpr double kParallel[] = {1.0, 0, 0.5, 0};
/// Two examples that see both parameters: D has rank 1 and turns with θ.
constexpr double kCrossed[] = {1.0, 0.3, 0.2, 0.9};
constexpr double kTargets[] = {1.0, -0.6};

LinearRegression<double> problem(const double (&inputs)[4]) {
  return {LinearRegressionSettings{},
          RegressionData{2, 2, 1, {inputs, inputs + 4}, {kTargets, kTargets + 2}}};
}

/// Calls look(θ) at every step of the later nine tenths of a run of the rule.
template <class Look>
void simulate(LinearRegression<double> objective,
              const NoisySgd& rule,
              const OverparametrisedStateOptions& options,
              const Noise& noise,
              Look&& look) {
  Sampler sampler(SamplerSettings{.size = options.batch_size, .replacement = true},
                  objective.examples(),
                  noise);
  State<double> state = rule.init(std::vector<double>(2));
  GradientSource<double> source(objective);
  for (std::int64_t n = 0; n < options.steps; ++n) {
    source.open(sampler.at(n));
    rule.step(source, state, noise);
    if (n >= options.steps / 10) look(state.theta);
  }
}

/// Means of a few functions of θ over several runs; the larger of blocking and spread is the error.
template <std::size_t K, class Functions>
std::array<Estimate, K> averages(const double (&inputs)[4],
                                 const NoisySgd& rule,
                                 const OverparametrisedStateOptions& options,
                                 const Noise& noise,
                                 Functions&& functions) {
  std::array<std::vector<Estimate>, K> members;
  for (std::int64_t r = 0; r < options.runs; ++r) {
    std::array<analysis::Blocker, K> blockers;
    simulate(problem(inputs),
             rule,
             options,
             noise.fork("run", static_cast<std::uint64_t>(r)),
             [&](const std::vector<double>& theta) {
               const std::array<double, K> values = functions(theta);
               for (std::size_t k = 0; k < K; ++k) blockers[k].push(values[k]);
             });
    for (std::size_t k = 0; k < K; ++k) members[k].push_back(blockers[k].result().mean);
  }
  std::array<Estimate, K> out;
  for (std::size_t k = 0; k < K; ++k) out[k] = analysis::combine(members[k]).estimate;
  return out;
}

Estimate over(const Estimate& a, double by) {
  return {a.value / by, a.standard_error / std::abs(by), a.status};
}

/// The two forces of the candidate that inverts D on its range alone: V must lie in that range.
struct NullForce {
  double across = 0;  ///< square of F along the null direction of D
  double whole = 0;   ///< |F|²
};
NullForce null_force(const std::vector<double>& at, double temperature, double decay) {
  const Eigen::Vector2d theta(at[0], at[1]);
  const Eigen::Vector2d x[] = {{kCrossed[0], kCrossed[1]}, {kCrossed[2], kCrossed[3]}};
  Eigen::Vector2d g[2];
  for (int i = 0; i < 2; ++i) g[i] = x[i] * (x[i].dot(theta) - kTargets[i]);
  const Eigen::Vector2d d = g[0] - g[1];  // D = ¼ d dᵀ
  const Eigen::Matrix2d slope = x[0] * x[0].transpose() - x[1] * x[1].transpose();
  const Eigen::Vector2d force =
      (g[0] + g[1]) / 2 + decay * theta + temperature / 8 * (d * slope.trace() + slope * d);
  const Eigen::Vector2d across = Eigen::Vector2d(-d[1], d[0]).normalized();
  return {std::pow(across.dot(force), 2), force.squaredNorm()};
}

}  // namespace

Measured measure_overparametrised_state(const RunView* view,
                                        const MeasureSettings& settings,
                                        TomlReader& reader) {
  const auto options = read_options<OverparametrisedStateOptions>(reader);
  if (view == nullptr) return {};
  const Noise noise = Noise(static_cast<std::uint64_t>(view->recipe().head.seed))
                          .fork("measure " + settings.name, 0);
  const double temperature = options.learning_rate / static_cast<double>(options.batch_size);
  Measured measured;
  Table table{"state",
              "The steady state of SGD with isotropic noise and weight decay",
              "Two examples of one direction in two parameters: moments of the runs over those of "
              "ρ ∝ e^{-2v/T} with D + β² and U + ½α|θ|². The flat direction has the variance "
              "Tβ²/(2α); the print has Tβ/α.",
              {"β", "mean of θ₁ / formula", "⟨θ₁²⟩ / formula", "⟨θ₂²⟩ / formula", "⟨θ₂²⟩ / print"},
              {}};
  std::vector<Estimate> flat;
  std::vector<Estimate> seen;
  for (std::size_t b = 0; b < options.isotropic_noise.size(); ++b) {
    const double beta = options.isotropic_noise[b];
    const NoisySgd rule{options.learning_rate, options.weight_decay, beta};
    const auto moments = averages<3>(
        kParallel, rule, options, noise.fork("noisy", b), [](const std::vector<double>& theta) {
          return std::array<double, 3>{theta[0], theta[0] * theta[0], theta[1] * theta[1]};
        });
    const theory::LinearExamples examples{
        {kParallel[0] * kParallel[0], kParallel[2] * kParallel[2]},
        {kParallel[0] * kTargets[0], kParallel[2] * kTargets[1]}};
    theory::Landscape landscape = theory::example_landscape(examples);
    const theory::Landscape bare = landscape;
    const double decay = options.weight_decay;
    landscape.loss = [bare, decay](double x) { return bare.loss(x) + decay * x * x / 2; };
    landscape.slope = [bare, decay](double x) { return bare.slope(x) + decay * x; };
    landscape.curvature = [bare, decay](double x) { return bare.curvature(x) + decay; };
    landscape.noise = [bare, beta](double x) { return bare.noise(x) + beta * beta; };
    landscape.drift_integral = nullptr;
    const auto state = theory::SteadyState::on_line(landscape, temperature);
    const double mean = state.mean().value;
    const double square = state.variance().value + mean * mean;
    const double width = temperature * beta * beta / (2 * decay);
    const double print = temperature * beta / decay;
    const Estimate first = over(moments[0], mean);
    seen.push_back(over(moments[1], square));
    flat.push_back(over(moments[2], width));
    table.rows.push_back({fmt::format("{:.3g}", beta),
                          cell(first),
                          cell(seen.back()),
                          cell(flat.back()),
                          cell(over(moments[2], print))});
    const Coordinates where{{"isotropic_noise", beta}};
    measured.findings.push_back({"seen_mean_over_formula", where, first, "1"});
    measured.findings.push_back({"seen_square_over_formula", where, seen.back(), "1"});
    measured.findings.push_back({"flat_variance_over_formula", where, flat.back(), "1"});
    measured.findings.push_back({"flat_variance_over_print", where, over(moments[2], print), "1"});
  }
  measured.findings.push_back(
      {"seen_square_over_formula", {}, analysis::combine(seen).estimate, "1"});
  measured.findings.push_back(
      {"flat_variance_over_formula", {}, analysis::combine(flat).estimate, "1"});
  const NoisySgd plain{options.null_learning_rate, options.weight_decay, 0};
  const double hot = options.null_learning_rate / static_cast<double>(options.batch_size);
  const auto forces = averages<2>(
      kCrossed, plain, options, noise.fork("null", 0), [&](const std::vector<double>& theta) {
        const NullForce force = null_force(theta, hot, options.weight_decay);
        return std::array<double, 2>{force.across, force.whole};
      });
  const Estimate share = over(forces[0], forces[1].value);
  measured.findings.push_back({"null_force_share", {}, share, "1"});
  measured.notes.push_back(fmt::format(
      "without isotropic noise, inverting D on its range alone asks for a force F = ∂U + (T/2)∂·D "
      "without a part along the null direction of D; of ⟨|F|²⟩ a share {} lies there, since steps "
      "along the range carry θ off the set where it vanishes",
      cell(share)));
  Figure figure{
      "state",
      "Moments of SGD with isotropic noise over the formula",
      "1 where the steady state of the modified SGD is ρ ∝ e^{-2v/T}; errors from blocking "
      "and the spread of runs. Steps of finite length leave about λ(U'' + α)/2.",
      {"β [loss/θ]", "log"},
      {"measured / formula [1]", "linear"},
      {points_of("⟨θ₁²⟩, seen by the data", options.isotropic_noise, seen),
       points_of("⟨θ₂²⟩, flat", options.isotropic_noise, flat)}};
  const auto values_of = [](const std::vector<Estimate>& list) {
    std::vector<double> values;
    for (const Estimate& one : list) values.push_back(one.value);
    return values;
  };
  measured.data.put_vector(
      "isotropic_noise", "noise", options.isotropic_noise, "loss", "isotropic noise β");
  measured.data.put_vector(
      "seen_square_over_formula", "noise", values_of(seen), "1", "⟨θ₁²⟩ over the formula");
  measured.data.put_vector(
      "flat_variance_over_formula", "noise", values_of(flat), "1", "⟨θ₂²⟩ over the formula");
  measured.figures.push_back(std::move(figure));
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
