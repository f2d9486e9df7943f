#include "thermoscape/experiments/limiting_dynamics/regression_modes.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>

#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/record/run.hpp"
#include "thermoscape/theory/regression_moments.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"

namespace thermoscape {

namespace {

/// The examples, and their Hessian in its eigenbasis.
struct Problem {
  RegressionData data;
  Matrix inputs;
  Vector targets;
  Vector eigenvalues;
  Matrix basis;
};

Problem draw(const RegressionModesOptions& options, const Noise& noise) {
  const Eigen::Index n = options.examples;
  const Eigen::Index d = options.modes;
  Problem problem;
  problem.data.examples = n;
  problem.data.inputs = d;
  problem.data.targets = 1;
  problem.data.x.resize(static_cast<std::size_t>(n * d));
  problem.data.y.resize(static_cast<std::size_t>(n));
  noise.normal<double>("regression.inputs", 0, problem.data.x);
  noise.normal<double>("regression.residuals", 0, problem.data.y);
  const double ratio = options.smallest_rate / options.largest_rate;
  for (Eigen::Index i = 0; i < n; ++i) {
    double* x = problem.data.x.data() + i * d;
    for (Eigen::Index j = 0; j < d; ++j) {
      x[j] *= std::pow(ratio, static_cast<double>(j) / static_cast<double>(2 * (d - 1)));
      problem.data.y[static_cast<std::size_t>(i)] += x[j];
    }
  }
  problem.inputs =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          problem.data.x.data(), n, d);
  problem.targets = Eigen::Map<const Vector>(problem.data.y.data(), n);
  const Matrix hessian = problem.inputs.transpose() * problem.inputs / static_cast<double>(n);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  problem.eigenvalues = solver.eigenvalues();
  problem.basis = solver.eigenvectors();
  return problem;
}

/// |μ| of the slower root at ηh: the mean falls by it every step.
double slow_root(double e, double beta) {
  const double trace = 1 - e + beta;
  const double square = trace * trace - 4 * beta;
  return square < 0 ? std::sqrt(beta) : (std::abs(trace) + std::sqrt(square)) / 2;
}

/// Sums over the steps of one run: squares of position and velocity along each eigenvector.
struct Squares {
  Vector position;
  Vector velocity;
  Status status = Status::undefined;
};

Squares simulate(const Problem& problem,
                 const RegressionSetting& setting,
                 const Vector& minimum,
                 std::int64_t batch,
                 std::int64_t burn,
                 const Noise& noise) {
  LinearRegression<double> objective({}, problem.data);
  const Momentum rule{setting.learning_rate, setting.momentum, setting.weight_decay};
  Sampler sampler({.size = batch, .replacement = true}, problem.data.examples, noise);
  State<double> state = rule.init(std::vector<double>(minimum.begin(), minimum.end()));
  const std::vector<double> origin = state.theta;
  Squares squares{Vector::Zero(minimum.size()), Vector::Zero(minimum.size())};
  Vector moved(minimum.size());
  const auto look_at = [&](Look<double>& look, std::span<double> out) {
    out[0] = 0;
    if (look.state.step < burn) return;
    moved = Eigen::Map<const Vector>(look.state.theta.data(), minimum.size()) - minimum;
    squares.position += (problem.basis.transpose() * moved).cwiseAbs2();
    moved = Eigen::Map<const Vector>(look.state.slots.front().second.data(), minimum.size());
    squares.velocity += (problem.basis.transpose() * moved).cwiseAbs2();
  };
  const std::int64_t steps = burn + setting.steps;
  const std::vector<Probe<double>> probes{
      {"modes", 1, "", "", "", Schedule({.every = 1}, steps, sampler.steps_per_epoch()), look_at}};
  Hooks hooks;
  hooks.receive = [](std::size_t, std::span<const double>) {};
  squares.status = run<double>(objective,
                               rule,
                               noise,
                               sampler,
                               state,
                               origin,
                               probes,
                               {.steps = burn + setting.steps},
                               hooks)
                       .status;
  squares.position /= static_cast<double>(setting.steps);
  squares.velocity /= static_cast<double>(setting.steps);
  return squares;
}

/// The diagonal of a covariance in the eigenbasis.
Vector along(const Problem& problem, const Matrix& covariance) {
  return (problem.basis.transpose() * covariance * problem.basis).diagonal();
}

/// What theory says of one setting, and the settings of its runs.
struct Prepared {
  RegressionSetting setting;
  Vector minimum;
  Vector position;  ///< exact variances along the eigenvectors
  Vector velocity;
  std::int64_t burn = 0;
};

Prepared prepare(const Problem& problem,
                 const RegressionModesOptions& options,
                 double momentum,
                 double decay) {
  Prepared p;
  RegressionSetting& setting = p.setting;
  setting.momentum = momentum;
  setting.weight_decay = decay * problem.eigenvalues(0);
  const Vector curvature = problem.eigenvalues.array() + setting.weight_decay;
  setting.learning_rate = options.largest_rate / curvature(curvature.size() - 1);
  const theory::RegressionMoments moments =
      theory::regression_moments(problem.inputs, problem.targets, setting.weight_decay);
  p.minimum = moments.minimum;
  Matrix hessian = moments.hessian;
  hessian.diagonal().array() += setting.weight_decay;
  const theory::QuadraticSgd sgd{
      setting.learning_rate, momentum, static_cast<double>(options.batch_size), hessian};
  const theory::NoiseAtSpread spread =
      theory::regression_noise(problem.inputs, problem.targets, setting.weight_decay);
  const theory::SelfConsistent exact = theory::self_consistent_covariance(sgd, spread);
  if (exact.status != Status::ok) {
    reject({"regression-modes.batch_size",
            fmt::format("{}", options.batch_size),
            fmt::format("must be large enough for a stationary state at β = {}", momentum),
            "noise grows with the spread faster than it decays"});
  }
  const Matrix noise = spread(exact.covariance.position);
  p.position = along(problem, exact.covariance.position);
  p.velocity = along(problem, exact.covariance.velocity);
  const Vector continuum = along(problem, theory::continuous_covariance(sgd, noise).position);
  const Vector additive =
      along(problem, theory::discrete_covariance(sgd, moments.gradient_noise).position);
  double slowest = 0;
  for (Eigen::Index i = 0; i < curvature.size(); ++i) {
    const double e = setting.learning_rate * curvature(i);
    ModeComparison mode;
    mode.rate = e;
    mode.continuum = continuum(i) / p.position(i);
    mode.discrete_factor =
        theory::discrete_factor({setting.learning_rate, momentum, sgd.batch_size, 1, curvature(i)});
    mode.additive = additive(i) / p.position(i);
    setting.modes.push_back(mode);
    slowest = std::max(slowest, slow_root(e, momentum));
  }
  const double relaxation = -0.5 / std::log(slowest);  // steps, of a variance
  p.burn = static_cast<std::int64_t>(std::ceil(8 * relaxation)) + 10;
  setting.steps = std::max<std::int64_t>(
      500, static_cast<std::int64_t>(std::ceil(options.length * relaxation)));
  return p;
}

}  // namespace

std::vector<RegressionSetting> regression_modes(const RegressionModesOptions& options,
                                                const Noise& noise,
                                                const InParallel& in_parallel) {
  const Problem problem = draw(options, noise);
  std::vector<Prepared> prepared;
  for (const double decay : options.weight_decay) {
    for (const double momentum : options.momentum)
      prepared.push_back(prepare(problem, options, momentum, decay));
  }
  const auto replicas = static_cast<std::size_t>(options.replicas);
  std::vector<Squares> runs(prepared.size() * replicas);
  in_parallel(runs.size(), [&](std::size_t i) {
    const Prepared& p = prepared[i / replicas];
    runs[i] = simulate(
        problem, p.setting, p.minimum, options.batch_size, p.burn, noise.fork("regression.run", i));
  });
  std::vector<RegressionSetting> settings;
  for (std::size_t s = 0; s < prepared.size(); ++s) {
    const std::span<const Squares> own(runs.data() + s * replicas, replicas);
    for (std::size_t m = 0; m < prepared[s].setting.modes.size(); ++m) {
      const auto mode = static_cast<Eigen::Index>(m);
      ModeComparison& one = prepared[s].setting.modes[m];
      one.position = over_draws_of(
          own, [&](const Squares& r) { return r.position(mode) / prepared[s].position(mode); });
      one.velocity = over_draws_of(
          own, [&](const Squares& r) { return r.velocity(mode) / prepared[s].velocity(mode); });
    }
    settings.push_back(std::move(prepared[s].setting));
  }
  return settings;
}

std::vector<StabilityCheck> stability_checks(const RegressionModesOptions& options,
                                             const Noise& noise) {
  const Problem problem = draw(options, noise);
  const double largest = problem.eigenvalues(problem.eigenvalues.size() - 1);
  std::vector<StabilityCheck> checks;
  for (const double momentum : options.momentum) {
    const double bound = 2 * (1 + momentum) / largest;
    StabilityCheck check;
    check.momentum = momentum;
    RegressionSetting setting;
    setting.momentum = momentum;
    setting.steps = 30000;
    const auto end_at = [&](double rate) {
      setting.learning_rate = rate;
      return simulate(problem, setting, Vector::Zero(options.modes), 0, 0, noise).status;
    };
    check.within = end_at(0.98 * bound);
    check.beyond = end_at(1.02 * bound);
    try {
      theory::require_stable(1.02 * bound, momentum, largest, "sgdm-discrete");
    } catch (const Error& refusal) {
      check.refusal = refusal.what();
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace thermoscape
