#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "laws/rule_laws.hpp"

// Euler-Maruyama on a quadratic is a Gaussian autoregression, θ' = (1-ηk) θ + √(2ηT) ξ, so every
// moment is known exactly in η. An ensemble of N independent coordinates estimates a variance to
// √(2/N); bounds are four standard errors.
namespace thermoscape {
namespace {

constexpr std::size_t kEnsemble = 200000;
constexpr double kErrors = 4;

double mean_square(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return sum / static_cast<double>(x.size());
}

template <class Real>
std::vector<double> doubles(const std::vector<Real>& x) {
  return {x.begin(), x.end()};
}

template <class Real>
class Langevin : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Langevin, Reals);

TYPED_TEST(Langevin, StationaryVarianceIsExactInTheTimeStep) {
  struct Setting {
    double stiffness;
    double time_step;
    double temperature;
  };
  // ηk = 0.3 and 1.2: the second oscillates, and its variance is 2.5 times T/k. The memory
  // (1-ηk)^(2n) is below 1e-6.
  for (const Setting s : {Setting{1.5, 0.2, 0.3}, Setting{6, 0.2, 1e-4}}) {
    const Overdamped rule{.temperature = s.temperature, .time_step = s.time_step};
    auto objective = laws::bowl<TypeParam>(kEnsemble, s.stiffness);
    auto state = rule.init(std::vector<TypeParam>(kEnsemble));
    laws::advance(rule, objective, state, Noise(1), 20);
    const double expected = s.temperature / (s.stiffness * (1 - s.time_step * s.stiffness / 2));
    EXPECT_NEAR(
        mean_square(doubles(state.theta)) / expected, 1, kErrors * std::sqrt(2.0 / kEnsemble));
  }
}

TYPED_TEST(Langevin, RelaxesAndDecorrelatesAsAnAutoregression) {
  const double k = 1;
  const Overdamped rule{.temperature = 0.5, .time_step = 0.3};
  const double factor = 1 - rule.time_step * k;
  auto objective = laws::bowl<TypeParam>(kEnsemble, k);
  auto state = rule.init(std::vector<TypeParam>(kEnsemble, TypeParam(2)));
  laws::advance(rule, objective, state, Noise(2), 4);
  // ⟨θ_n⟩ = 2 (1-ηk)^n, variance 2ηT Σ (1-ηk)^2j.
  double variance = 0;
  for (int j = 0; j < 4; ++j)
    variance += 2 * rule.time_step * rule.temperature * std::pow(factor, 2 * j);
  double mean = 0;
  for (const TypeParam x : state.theta) mean += static_cast<double>(x) / kEnsemble;
  const double drift = 2 * std::pow(factor, 4);
  EXPECT_NEAR(mean, drift, kErrors * std::sqrt(variance / kEnsemble));
  EXPECT_NEAR(mean_square(doubles(state.theta)) - mean * mean,
              variance,
              kErrors * variance * std::sqrt(2.0 / kEnsemble));

  laws::advance(rule, objective, state, Noise(2), 30);
  const std::vector<TypeParam> before = state.theta;
  laws::advance(rule, objective, state, Noise(2), 3);
  double product = 0;
  for (std::size_t i = 0; i < kEnsemble; ++i)
    product += static_cast<double>(before[i]) * state.theta[i] / kEnsemble;
  const double stationary = rule.temperature / (k * (1 - rule.time_step * k / 2));
  // Var(ab) = (1 + ρ²) σ⁴ for a Gaussian pair.
  const double rho = std::pow(factor, 3);
  EXPECT_NEAR(product / stationary, rho, kErrors * std::sqrt((1 + rho * rho) / kEnsemble));
}

TYPED_TEST(Langevin, FreeDiffusionSpreadsAsTwiceTemperatureTimesTime) {
  const FreeDiffusion rule{.temperature = 0.7, .time_step = 0.25};
  auto objective = laws::bowl<TypeParam>(kEnsemble, 100);  // stiff, and without effect
  const std::vector<TypeParam> origin(kEnsemble, TypeParam(1));
  auto state = rule.init(origin);
  for (int part = 1; part <= 3; ++part) {
    laws::advance(rule, objective, state, Noise(3), 8);
    std::vector<double> moved(kEnsemble);
    double mean = 0;
    for (std::size_t i = 0; i < kEnsemble; ++i) {
      moved[i] = static_cast<double>(state.theta[i]) - static_cast<double>(origin[i]);
      mean += moved[i] / kEnsemble;
    }
    const double expected = 2 * rule.temperature * state.time;
    EXPECT_NEAR(mean, 0, kErrors * std::sqrt(expected / kEnsemble));
    EXPECT_NEAR(mean_square(moved) / expected, 1, kErrors * std::sqrt(2.0 / kEnsemble))
        << state.time;
  }
}

TEST(FreeDiffusionRule, NeverAsksForTheGradient) {
  // A gradient from here would throw: the source was never opened on a batch of this objective's
  // size.
  auto objective = laws::bowl<double>(3, 1);
  GradientSource<double> source(objective);
  const std::vector<std::int32_t> wrong = {99};
  source.open({.examples = wrong});
  const FreeDiffusion rule;
  auto state = rule.init(std::vector<double>(3));
  EXPECT_NO_THROW(rule.step(source, state, Noise(1)));
  EXPECT_THROW(source.gradient(state.theta), Error);
}

TEST(OverdampedRule, FloatAndDoubleFollowTheSamePath) {
  // Same words, contracting map: the paths stay within the rounding of a few float steps of each
  // other.
  const Overdamped rule{.temperature = 0.1, .time_step = 0.1};
  auto single = laws::bowl<float>(1000, 1);
  auto twice = laws::bowl<double>(1000, 1);
  auto a = rule.init(std::vector<float>(1000, 1.0f));
  auto b = rule.init(std::vector<double>(1000, 1.0));
  laws::advance(rule, single, a, Noise(4), 200);
  laws::advance(rule, twice, b, Noise(4), 200);
  for (std::size_t i = 0; i < 1000; ++i) ASSERT_NEAR(a.theta[i], b.theta[i], 5e-6);
}

}  // namespace
}  // namespace thermoscape
