#include "thermoscape/record/run.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

/// A quadratic that counts how often it is evaluated, and may return a loss that is not finite.
class Counted final : public Objective<double> {
 public:
  explicit Counted(QuadraticSettings settings) : inner_(settings) {}
  [[nodiscard]] std::unique_ptr<Objective> clone() const override {
    return std::make_unique<Counted>(*this);
  }
  [[nodiscard]] std::int64_t parameters() const override { return inner_.parameters(); }
  [[nodiscard]] std::int64_t examples() const override { return inner_.examples(); }
  [[nodiscard]] std::int64_t outputs() const override { return 0; }
  [[nodiscard]] OutputLoss output_loss() const override { return OutputLoss::none; }
  [[nodiscard]] std::vector<double> initial(const Noise& noise) const override {
    return inner_.initial(noise);
  }
  double loss(std::span<const double> theta, const Batch& batch) override {
    ++losses;
    return inner_.loss(theta, batch);
  }
  double loss_gradient(std::span<const double> theta,
                       const Batch& batch,
                       std::span<double> gradient) override {
    ++gradients;
    const double value = inner_.loss_gradient(theta, batch, gradient);
    return gradients == breaks_at ? std::numeric_limits<double>::quiet_NaN() : value;
  }
  void example_losses(std::span<const double> theta,
                      const Batch& batch,
                      std::span<double> losses_out) override {
    inner_.example_losses(theta, batch, losses_out);
  }
  void logits(std::span<const double> theta, const Batch& batch, std::span<double> out) override {
    inner_.logits(theta, batch, out);
  }
  void jacobian_products(std::span<const double> theta,
                         const Batch& batch,
                         std::span<const double> vectors,
                         std::span<double> products) override {
    inner_.jacobian_products(theta, batch, vectors, products);
  }
  void jacobian_pullback(std::span<const double> theta,
                         const Batch& batch,
                         std::span<const double> covectors,
                         std::span<double> products) override {
    inner_.jacobian_pullback(theta, batch, covectors, products);
  }
  void hessian_products(std::span<const double> theta,
                        const Batch& batch,
                        std::span<const double> vectors,
                        std::span<double> products) override {
    inner_.hessian_products(theta, batch, vectors, products);
  }
  void example_gradients(std::span<const double> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override {
    inner_.example_gradients(theta, batch, receive);
  }

  int losses = 0;
  int gradients = 0;
  int breaks_at = -1;  ///< the number of the gradient whose loss is NaN

 private:
  Quadratic<double> inner_;
};

Counted three_modes() {
  return Counted({.stiffness = {1, 2, 4}, .soft = 0});
}

Probe<double> probe(std::string name,
                    std::int64_t every,
                    std::int64_t steps,
                    std::function<void(Look<double>&, std::span<double>)> measure,
                    std::size_t width = 1) {
  return {
      std::move(name), width, "", "", "", Schedule({.every = every}, steps, 1), std::move(measure)};
}

Probe<double> loss_probe(std::int64_t every, std::int64_t steps) {
  return probe("loss", every, steps, [](Look<double>& look, std::span<double> out) {
    out[0] = look.source.loss(look.state.theta);
  });
}

Probe<double> theta_probe(std::int64_t every, std::int64_t steps) {
  return probe(
      "theta",
      every,
      steps,
      [](Look<double>& look, std::span<double> out) {
        std::copy(look.state.theta.begin(), look.state.theta.end(), out.begin());
      },
      3);
}

/// A run with all that goes in and comes out.
struct Trial {
  Counted objective = three_modes();
  AnyRule rule = Sgd{.learning_rate = 0.1};
  SamplerSettings batch = {};
  std::vector<Probe<double>> probes = {};
  std::vector<std::vector<double>> seen = {};  ///< [probe] all numbers in order
  std::function<bool(std::int64_t)> pulse = {};
  std::int64_t pulse_every = 1000;

  [[nodiscard]] State<double> start(std::vector<double> theta = {1, 1, 1}) const {
    return std::visit([&](const auto& one) { return one.init(theta); }, rule);
  }
  Outcome go(State<double>& state,
             const Stop& stop,
             const std::vector<double>& origin = {1, 1, 1}) {
    seen.resize(probes.size());
    Hooks hooks;
    hooks.receive = [this](std::size_t p, std::span<const double> numbers) {
      seen[p].insert(seen[p].end(), numbers.begin(), numbers.end());
    };
    hooks.pulse = pulse;
    hooks.pulse_every = pulse_every;
    Sampler sampler(batch, objective.examples(), Noise(11));
    return run<double>(objective, rule, Noise(12), sampler, state, origin, probes, stop, hooks);
  }
};

TEST(Run, ProbesSeeTheStateBeforeTheStep) {
  Trial trial;
  trial.probes = {theta_probe(1, 5)};
  auto state = trial.start();
  EXPECT_EQ(trial.go(state, {5, -1}).status, Status::ok);
  // Gradient descent on ½ k θ² with rate η: θ_n = (1-ηk)^n.
  const double stiffness[] = {1, 2, 4};
  ASSERT_EQ(trial.seen[0].size(), 15u);
  for (int n = 0; n < 5; ++n) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_NEAR(trial.seen[0][static_cast<std::size_t>(3 * n + i)],
                  std::pow(1 - 0.1 * stiffness[i], n),
                  1e-14);
    }
  }
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(state.theta[i], std::pow(1 - 0.1 * stiffness[i], 5), 1e-14);
  EXPECT_EQ(state.step, 5);
  EXPECT_DOUBLE_EQ(state.time, 0.5);
}

TEST(Run, LossProbeAndStopCostNoEvaluation) {
  Trial trial;
  trial.probes = {loss_probe(1, 50)};
  auto state = trial.start();
  (void)trial.go(state, {50, 1e-300});
  EXPECT_EQ(trial.objective.gradients, 50) << "one a step";
  EXPECT_EQ(trial.objective.losses, 0);
}

TEST(Run, DiffusionIsEvaluatedOnlyWhereAProbeLooks) {
  Trial trial;
  trial.rule = FreeDiffusion{.temperature = 1, .time_step = 0.1};
  trial.probes = {loss_probe(10, 50)};
  auto state = trial.start();
  EXPECT_EQ(trial.go(state, {50, -1}).status, Status::ok);
  EXPECT_EQ(trial.objective.gradients, 0);
  EXPECT_EQ(trial.objective.losses, 5);
}

TEST(Run, BatchLossIsThatOfTheStepsBatch) {
  Trial trial;
  trial.batch.size = 1;
  trial.probes = {loss_probe(1, 9), theta_probe(1, 9)};
  auto state = trial.start();
  (void)trial.go(state, {9, -1});
  Sampler sampler(trial.batch, 3, Noise(11));
  const double stiffness[] = {1, 2, 4};
  for (std::int64_t step = 0; step < 9; ++step) {
    const auto i = static_cast<std::size_t>(sampler.at(step).examples[0]);
    const double x = trial.seen[1][static_cast<std::size_t>(3 * step) + i];
    EXPECT_NEAR(trial.seen[0][static_cast<std::size_t>(step)], 1.5 * stiffness[i] * x * x, 1e-14)
        << "ℓ_i = K ½ k_i θ_i², K = 3";
  }
}

TEST(Run, StopsAtTheFirstLossBelow) {
  Trial trial;
  trial.probes = {loss_probe(1, 1000)};
  auto state = trial.start();
  const Outcome outcome = trial.go(state, {1000, 0.01});
  EXPECT_EQ(outcome.status, Status::ok);
  EXPECT_LE(outcome.loss, 0.01);
  ASSERT_GE(trial.seen[0].size(), 2u);
  EXPECT_EQ(trial.seen[0].back(), outcome.loss) << "the last look is the state it stopped at";
  EXPECT_GT(trial.seen[0][trial.seen[0].size() - 2], 0.01);
  EXPECT_EQ(static_cast<std::size_t>(state.step), trial.seen[0].size() - 1) << "no step beyond";
  EXPECT_DOUBLE_EQ(trial.objective.loss(state.theta, {}), outcome.loss);
}

TEST(Run, ALossNeverReachedIsNotConverged) {
  Trial trial;
  auto state = trial.start();
  EXPECT_EQ(trial.go(state, {20, 1e-9}).status, Status::not_converged);
  EXPECT_EQ(state.step, 20);
}

TEST(Run, NonFiniteLossEndsItAndIsNotRecorded) {
  Trial trial;
  trial.objective.breaks_at = 8;  // at step 7
  trial.probes = {loss_probe(1, 100), theta_probe(7, 100)};
  auto state = trial.start();
  const Outcome outcome = trial.go(state, {100, -1});
  EXPECT_EQ(outcome.status, Status::diverged);
  EXPECT_FALSE(outcome.interrupted);
  EXPECT_EQ(state.step, 7);
  EXPECT_EQ(trial.seen[0].size(), 7u) << "steps 0 to 6";
  EXPECT_EQ(trial.seen[1].size(), 3u) << "step 0; the look at step 7 is dropped";
}

TEST(Run, AStepTooLargeDivergesWithoutANumberThatIsNotFinite) {
  Trial trial;
  trial.rule = Sgd{.learning_rate = 1e30};
  trial.probes = {loss_probe(1, 100)};
  auto state = trial.start();
  EXPECT_EQ(trial.go(state, {100, -1}).status, Status::diverged);
  for (const double loss : trial.seen[0]) EXPECT_TRUE(std::isfinite(loss));
}

TEST(Run, DivergingOnTheLastStepIsSeen) {
  Trial trial;
  trial.rule = Sgd{.learning_rate = std::numeric_limits<double>::max()};
  auto state = trial.start();
  for (double& one : state.theta) one = 100;  // ηk θ overflows in a single step
  EXPECT_EQ(trial.go(state, {1, -1}).status, Status::diverged);
}

TEST(Run, ANonFiniteProbeKeepsAllOthersOfThatLook) {
  Trial trial;
  trial.probes = {loss_probe(1, 10),
                  probe("bad", 5, 10, [](Look<double>& look, std::span<double> out) {
                    out[0] = look.state.step < 5 ? 1 : std::numeric_limits<double>::infinity();
                  })};
  auto state = trial.start();
  EXPECT_EQ(trial.go(state, {10, -1}).status, Status::diverged);
  EXPECT_EQ(trial.seen[0].size(), 5u) << "no probe records at the look that failed";
  EXPECT_EQ(trial.seen[1].size(), 1u);
}

TEST(Run, InterruptedAndResumedEqualsUninterruptedBitForBit) {
  const auto trial_of = [](const AnyRule& rule) {
    Trial trial;
    trial.rule = rule;
    trial.batch.size = 2;
    trial.probes = {loss_probe(3, 200), theta_probe(7, 200)};
    return trial;
  };
  for (const AnyRule& rule : std::vector<AnyRule>{Sgd{.learning_rate = 0.05},
                                                  Momentum{},
                                                  Adam{},
                                                  Overdamped{.temperature = 0.1, .time_step = 0.05},
                                                  FreeDiffusion{}}) {
    Trial whole = trial_of(rule);
    auto expected = whole.start();
    (void)whole.go(expected, {200, -1});

    Trial parts = trial_of(rule);
    auto state = parts.start();
    std::int64_t until = 0;
    parts.pulse_every = 1;
    parts.pulse = [&until](std::int64_t step) { return step < until; };
    for (const std::int64_t next : {1, 2, 21, 22, 63, 199}) {
      until = next;
      EXPECT_TRUE(parts.go(state, {200, -1}).interrupted);
      EXPECT_EQ(state.step, next);
      const State<double> copy = state;  // what a checkpoint holds
      state = copy;
    }
    until = 1000;
    EXPECT_FALSE(parts.go(state, {200, -1}).interrupted);
    EXPECT_EQ(parts.seen, whole.seen) << name(rule);
    EXPECT_EQ(state.theta, expected.theta) << name(rule);
    EXPECT_EQ(state.slots, expected.slots) << name(rule);
    EXPECT_EQ(state.time, expected.time) << name(rule);
  }
}

TEST(Run, DisplacementCountsFromTheStartOfThePhase) {
  Trial trial;
  trial.probes = {probe("moved", 1, 10, [](Look<double>& look, std::span<double> out) {
    out[0] = look.state.theta[0] - look.origin[0];
  })};
  auto state = trial.start({3, 3, 3});
  (void)trial.go(state, {10, -1}, {3, 3, 3});
  for (int n = 0; n < 10; ++n) {
    EXPECT_NEAR(trial.seen[0][static_cast<std::size_t>(n)], 3 * std::pow(0.9, n) - 3, 1e-13);
  }
}

TEST(Run, PulsesComeAtTheirIntervalBeforeTheStep) {
  Trial trial;
  std::vector<std::int64_t> pulses;
  trial.pulse_every = 4;
  trial.pulse = [&pulses](std::int64_t step) {
    pulses.push_back(step);
    return true;
  };
  auto state = trial.start();
  (void)trial.go(state, {10, -1});
  EXPECT_EQ(pulses, (std::vector<std::int64_t>{0, 4, 8}));
}

TEST(Run, AFinishedStateIsLeftAlone) {
  Trial trial;
  trial.probes = {loss_probe(1, 5)};
  auto state = trial.start();
  (void)trial.go(state, {5, -1});
  const auto theta = state.theta;
  (void)trial.go(state, {5, -1});
  EXPECT_EQ(state.theta, theta);
  EXPECT_EQ(trial.seen[0].size(), 5u);
}

}  // namespace
}  // namespace thermoscape
