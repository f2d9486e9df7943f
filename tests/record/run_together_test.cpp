#include "thermoscape/record/run_together.hpp"

#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "thermoscape/objective/mlp/replicas.hpp"

namespace thermoscape {
namespace {

template <class Real>
Mlp<Real> network_of(const std::string& activation = "tanh",
                     std::vector<std::int64_t> hidden = {5, 4},
                     const std::string& loss = "cross-entropy",
                     double l2 = 0) {
  MlpSettings settings;
  settings.hidden = std::move(hidden);
  settings.activation = activation;
  settings.loss = loss;
  settings.l2 = l2;
  std::vector<double> inputs(12 * 2);
  Noise(1).normal<double>("test.x", 0, inputs);
  std::vector<std::int32_t> labels;
  for (std::int32_t i = 0; i < 12; ++i) labels.push_back(i * i % 3);
  return Mlp<Real>(settings, inputs, labels, 3);
}

/// A run of one temperature and length with two probes, whose looks are kept.
template <class Real>
struct Walk {
  Overdamped rule;
  std::int64_t steps;
  Noise noise;
  State<Real> state;
  std::vector<Real> origin;
  std::vector<Probe<Real>> probes;
  std::vector<double> losses;
  std::vector<double> others;
  Outcome outcome;
  int ended = 0;

  Walk(const Mlp<Real>& network, std::uint64_t number, double temperature, std::int64_t length)
      : rule{.temperature = temperature, .time_step = 0.05},
        steps(length),
        noise(number),
        state(rule.init(network.initial(Noise(100 + number)))),
        origin(state.theta) {
    probes.push_back(probe("loss", 1, [](Look<Real>& look, std::span<double> out) {
      out[0] = look.source.loss(look.state.theta);
    }));
    probes.push_back(probe("square", 3, [](Look<Real>& look, std::span<double> out) {
      out[0] = 0;
      for (const Real g : look.source.gradient(look.state.theta)) out[0] += double(g) * g;
      std::vector<double> each(12);
      look.source.objective().example_losses(look.state.theta, Batch{}, each);
      for (const double one : each) out[0] += one;
    }));
  }

  Probe<Real> probe(const char* name,
                    std::int64_t every,
                    std::function<void(Look<Real>&, std::span<double>)> measure) {
    return {name, 1, "", "", "", Schedule({.every = every}, steps, 1), std::move(measure)};
  }
  Hooks hooks() {
    Hooks hooks;
    hooks.receive = [this](std::size_t p, std::span<const double> x) {
      (p == 0 ? losses : others).push_back(x[0]);
    };
    return hooks;
  }
  Replica<Real> replica() {
    return {rule,
            noise,
            &state,
            origin,
            probes,
            steps,
            hooks(),
            [this](const Outcome& how) {
              outcome = how;
              ++ended;
            },
            noise.key() % 2 == 0 ? std::optional<std::size_t>(0) : std::nullopt};
  }
  void alone(const Mlp<Real>& network) {
    const auto own = network.clone();
    Sampler sampler({}, own->examples(), noise);
    outcome =
        run<Real>(*own, rule, noise, sampler, state, origin, probes, Stop{.steps = steps}, hooks());
  }
};

template <class Real>
using Walks = std::vector<std::unique_ptr<Walk<Real>>>;

/// More runs than lanes, no two of one length or temperature.
template <class Real>
Walks<Real> many_walks(const Mlp<Real>& network) {
  Walks<Real> runs;
  for (std::uint64_t i = 0; i < 40; ++i) {
    runs.push_back(std::make_unique<Walk<Real>>(
        network, i, 1e-3 * static_cast<double>(1 + i), 1 + static_cast<std::int64_t>(i * 7 % 40)));
  }
  return runs;
}

template <class Real>
bool together(const Mlp<Real>& network, const std::vector<Walk<Real>*>& runs) {
  std::size_t begun = 0;
  return run_together<Real>(network, [&]() -> std::optional<Replica<Real>> {
    if (begun == runs.size()) return std::nullopt;
    return runs[begun++]->replica();
  });
}
template <class Real>
std::vector<Walk<Real>*> all_of(const Walks<Real>& runs) {
  std::vector<Walk<Real>*> all;
  for (const auto& one : runs) all.push_back(one.get());
  return all;
}

TEST(RunTogether, every_replica_runs_as_it_would_alone_to_rounding) {
  const Mlp<double> network = network_of<double>();
  const Walks<double> shared = many_walks(network);
  const Walks<double> single = many_walks(network);
  ASSERT_TRUE(together(network, all_of(shared)));
  for (std::size_t i = 0; i < shared.size(); ++i) {
    SCOPED_TRACE("run " + std::to_string(i));
    const Walk<double>& a = *shared[i];
    single[i]->alone(network);
    const Walk<double>& b = *single[i];
    EXPECT_EQ(a.ended, 1);
    EXPECT_EQ(a.outcome.status, Status::ok);
    EXPECT_EQ(a.state.step, b.state.step);
    EXPECT_EQ(a.state.time, b.state.time);
    ASSERT_EQ(a.losses.size(), static_cast<std::size_t>(a.steps));
    ASSERT_EQ(a.others.size(), b.others.size());
    for (std::size_t k = 0; k < a.losses.size(); ++k)
      EXPECT_NEAR(a.losses[k], b.losses[k], 1e-12 * b.losses[k]);
    for (std::size_t k = 0; k < a.others.size(); ++k)
      EXPECT_NEAR(a.others[k], b.others[k], 1e-12 * b.others[k]);
    for (std::size_t k = 0; k < a.state.theta.size(); ++k)
      EXPECT_NEAR(a.state.theta[k], b.state.theta[k], 1e-12);
  }
}

TEST(RunTogether, interrupted_and_regrouped_ends_with_the_same_bits) {
  const Mlp<float> network = network_of<float>("relu");
  const Walks<float> whole = many_walks(network);
  ASSERT_TRUE(together(network, all_of(whole)));
  const Walks<float> pieces = many_walks(network);
  std::vector<Walk<float>*> left = all_of(pieces);
  int rounds = 0;
  for (; !left.empty() && rounds < 100; ++rounds) {
    std::size_t begun = 0;
    const bool finished = run_together<float>(network, [&]() -> std::optional<Replica<float>> {
      if (begun == left.size()) return std::nullopt;
      Replica<float> one = left[begun++]->replica();
      one.hooks.pulse_every = 3;  // the second pulse of a replica stops all
      one.hooks.pulse = [pulses = 0](std::int64_t) mutable { return ++pulses < 2; };
      return one;
    });
    std::vector<Walk<float>*> rest;
    for (Walk<float>* one : left) {
      const bool interrupted = one->ended > 0 && one->outcome.interrupted;
      if (one->ended == 0 || interrupted) rest.insert(rest.begin(), one);  // in another order
      one->ended = 0;
    }
    EXPECT_EQ(finished, rest.empty());
    left = rest;
  }
  EXPECT_GT(rounds, 5);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(whole[i]->state.theta, pieces[i]->state.theta);
    EXPECT_EQ(whole[i]->state.step, pieces[i]->state.step);
    EXPECT_EQ(whole[i]->losses, pieces[i]->losses);
    EXPECT_EQ(whole[i]->others, pieces[i]->others);
  }
}

TEST(RunTogether, one_that_diverges_ends_and_leaves_the_others_alone) {
  const Mlp<float> network = network_of<float>("identity", {}, "mse");
  const Walks<float> calm = many_walks(network);
  ASSERT_TRUE(together(network, all_of(calm)));
  const Walks<float> runs = many_walks(network);
  runs[3]->rule.time_step = 1e6;
  runs[3]->steps = 1000;
  ASSERT_TRUE(together(network, all_of(runs)));
  EXPECT_EQ(runs[3]->outcome.status, Status::diverged);
  EXPECT_LT(runs[3]->state.step, 1000);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i == 3) continue;
    EXPECT_EQ(runs[i]->state.theta, calm[i]->state.theta) << i;
  }
}

/// Squared errors of a linear network: L is quadratic, and the mean loss above its minimum is
/// Σ_i (T/2) / (1 - η h_i / 2) over the P stiffnesses, Euler-Maruyama's own stationary law.
TEST(RunTogether, samples_the_stationary_law_of_a_quadratic_loss) {
  const Mlp<double> network = network_of<double>("identity", {}, "mse", 0.5);
  const auto objective = network.clone();
  const auto size = static_cast<std::size_t>(network.parameters());
  // h = ½ for the penalty plus the eigenvalues of ⟨x̃ x̃ᵀ⟩, x̃ = (x, 1), each once a class; their
  // sum over i of 1 / (1 - η h/2) comes from T-free moments of the Hessian: here by power series.
  const double eta = 0.05;
  std::vector<double> power(size * size);
  for (std::size_t i = 0; i < size; ++i) power[i * size + i] = 1;
  double trace_sum = static_cast<double>(size);  // Σ_k tr (ηH/2)^k
  const std::vector<double> zero(size);
  for (int k = 1; k < 40; ++k) {
    std::vector<double> next(power.size());
    objective->hessian_products(zero, Batch{}, power, next);
    for (double& x : next) x *= eta / 2;
    power = next;
    for (std::size_t i = 0; i < size; ++i) trace_sum += power[i * size + i];
  }
  const double temperature = 0.02;
  // The minimum by descent: h >= ½, so 2,000 steps of 0.1 leave nothing.
  std::vector<double> bottom(size);
  std::vector<double> gradient(size);
  for (int i = 0; i < 2000; ++i) {
    objective->loss_gradient(bottom, Batch{}, gradient);
    for (std::size_t p = 0; p < size; ++p) bottom[p] -= 0.1 * gradient[p];
  }
  const double least = objective->loss(bottom, Batch{});

  Walks<double> runs;
  for (std::uint64_t i = 0; i < 24; ++i)
    runs.push_back(std::make_unique<Walk<double>>(network, i, temperature, 20'000));
  for (const auto& one : runs) one->probes.pop_back();
  ASSERT_TRUE(together(network, all_of(runs)));
  double mean = 0;
  double square = 0;
  for (const auto& one : runs) {
    double sum = 0;
    const std::size_t from = 2000;  // 50 relaxation times of the softest direction
    for (std::size_t k = from; k < one->losses.size(); ++k) sum += one->losses[k] - least;
    const double average = sum / static_cast<double>(one->losses.size() - from);
    mean += average / 24;
    square += average * average / 24;
  }
  const double error = std::sqrt((square - mean * mean) / 23);
  const double expected = temperature / 2 * trace_sum;
  EXPECT_NEAR(mean, expected, 4 * error);
  EXPECT_LT(error, 0.01 * expected) << "too noisy to tell";
}

}  // namespace
}  // namespace thermoscape
