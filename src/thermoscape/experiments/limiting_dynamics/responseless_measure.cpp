#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/record/run.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"

namespace thermoscape {

namespace {

struct ResponselessOptions {
  std::int64_t examples = 500;
  std::int64_t batch_size = 16;
  double learning_rate = 0.1;
  std::int64_t steps = 60;
  std::int64_t replicas = 2000;

  static constexpr auto fields() {
    using O = ResponselessOptions;
    return std::tuple{
        field("examples", &O::examples, "", "examples", Range{2, 1e7}),
        field(
            "batch_size", &O::batch_size, "", "examples of a step, with replacement", kAtLeastOne),
        field("learning_rate", &O::learning_rate, "[time]", "learning rate", kPositive),
        field("steps", &O::steps, "steps", "steps of a run", Range{2, 1e6}),
        field("replicas", &O::replicas, "", "runs", Range{2, 1e7})};
  }
};

}  // namespace

/// One input and no response, L = (1/2N) Σ (x_iθ)²: the gradient noise is (x² - ⟨x²⟩)θ and dies
/// with θ, so ⟨θ_k²⟩ = ρ^k θ_0² with ρ = (1-ηh)² + η² var(x²)/S, where constant noise would leave a
/// plateau.
Measured measure_responseless(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader) {
  const auto options = read_options<ResponselessOptions>(reader);
  if (view == nullptr) return {};
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  RegressionData data{options.examples, 1, 1, {}, {}, {}};
  data.x.resize(static_cast<std::size_t>(options.examples));
  data.y.resize(data.x.size());
  noise.normal<double>("responseless.inputs", 0, data.x);
  const auto n = static_cast<double>(options.examples);
  double h = 0;
  double fourth = 0;
  for (const double x : data.x) {
    h += x * x / n;
    fourth += x * x * x * x / n;
  }
  const double variance = fourth - h * h;
  const auto batch = static_cast<double>(options.batch_size);
  const double eta = options.learning_rate;
  theory::require_stable(eta, 0, h, "responseless");
  const double contraction = 1 - eta * h;
  const double factor = contraction * contraction + eta * eta * variance / batch;

  const auto steps = static_cast<std::size_t>(options.steps);
  const auto replicas = static_cast<std::size_t>(options.replicas);
  std::vector<std::vector<double>> squares(replicas);
  view->in_parallel(replicas, [&](std::size_t r) {
    LinearRegression<double> objective({}, data);
    const Noise own = noise.fork("run", r);
    Sampler sampler({.size = options.batch_size, .replacement = true}, options.examples, own);
    const Sgd rule{eta};
    State<double> state = rule.init(std::vector<double>{1});
    const std::vector<double> origin = state.theta;
    const Probe<double> probe{"square",
                              1,
                              "",
                              "",
                              "",
                              Schedule({.every = 1}, options.steps, sampler.steps_per_epoch()),
                              [&](Look<double>& look, std::span<double> out) {
                                out[0] = look.state.theta[0] * look.state.theta[0];
                                squares[r].push_back(out[0]);
                              }};
    Hooks hooks;
    hooks.receive = [](std::size_t, std::span<const double>) {};
    (void)run<double>(objective,
                      rule,
                      own,
                      sampler,
                      state,
                      origin,
                      std::vector<Probe<double>>{probe},
                      {.steps = options.steps},
                      hooks);
  });
  Figure figure{"responseless",
                "Least squares without a response",
                "⟨θ²⟩ of SGD over independent runs against step by step theory, ρᵏ; dashed: noise "
                "held at its value at the start, which leaves a plateau that is not there, and no "
                "noise, σ = 0: the assumption Σ = σ²H taken at its word.",
                {"step k", "linear"},
                {"⟨θ²⟩/θ_0²", "log"},
                {}};
  Series simulated{"simulation", {}, {}, {}, "points", "simulation"};
  Series exact{"exact", {}, {}, {}, "line", "exact"};
  Series constant{"constant noise", {}, {}, {}, "dashed", "constant noise"};
  Series silent{"no noise", {}, {}, {}, "dashed", "no noise"};
  Estimate last;
  for (std::size_t k = 0; k < steps; ++k) {
    const auto step = static_cast<double>(k);
    const Estimate mean = over_draws_of(squares, [k](const auto& one) { return one[k]; });
    const double without = std::pow(contraction, 2 * step);
    simulated.x.push_back(step);
    simulated.y.push_back(mean.value);
    simulated.y_error.push_back(mean.standard_error);
    exact.x.push_back(step);
    exact.y.push_back(std::pow(factor, step));
    constant.x.push_back(step);
    constant.y.push_back(without +
                         theory::discrete_covariance({eta, 0, batch, variance, h}, step).position);
    silent.x.push_back(step);
    silent.y.push_back(without);
    last = {mean.value / exact.y.back(), mean.standard_error / exact.y.back(), mean.status};
  }
  Measured measured;
  measured.findings.push_back({"last_over_exact", {}, last, "1"});
  measured.findings.push_back({"last_over_constant_noise",
                               {},
                               {simulated.y.back() / constant.y.back(),
                                simulated.y_error.back() / constant.y.back(),
                                Status::ok},
                               "1"});
  measured.findings.push_back({"growth_factor", {}, {factor, 0, Status::ok}, "1"});
  figure.series = {std::move(simulated), std::move(exact), std::move(constant), std::move(silent)};
  measured.figures = {std::move(figure)};
  return measured;
}

}  // namespace thermoscape
