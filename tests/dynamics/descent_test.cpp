#include <cmath>
#include <complex>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "laws/rule_laws.hpp"

namespace thermoscape {
namespace {

using Trace = std::vector<double>;

/// θ after `steps` on ½ (θ_1² + 10 θ_2² + 0.1 θ_3²) from (1, -2, 3).
template <class R>
Trace reached(const R& rule, std::int64_t steps) {
  Quadratic<double> objective(QuadraticSettings{.stiffness = {1, 10, 0.1}});
  auto state = rule.init(Trace{1, -2, 3});
  laws::advance(rule, objective, state, Noise(0), steps);
  return state.theta;
}

void expect_near(const Trace& a, const Trace& b) {
  ASSERT_EQ(a.size(), b.size());
  // Six steps of numbers near 1: a dozen roundings each.
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-14) << i;
}

// Six steps of torch.optim (PyTorch 1.13, float64) on the same function from the same point.
TEST(PyTorchConvention, SgdWithWeightDecay) {
  expect_near(reached(Sgd{.learning_rate = 0.05, .weight_decay = 0.02}, 6),
              {0.7304614054597818, -0.030876870007493992, 2.8936070981801723});
}
TEST(PyTorchConvention, Momentum) {
  expect_near(reached(Momentum{.learning_rate = 0.05, .momentum = 0.8, .weight_decay = 0.02}, 6),
              {0.3462112813811777, -0.08011027467228589, 2.73106341813806});
}
TEST(PyTorchConvention, NesterovMomentum) {
  expect_near(
      reached(
          Momentum{.learning_rate = 0.05, .momentum = 0.8, .weight_decay = 0.02, .nesterov = true},
          6),
      {0.2884007856159658, -0.09641223828533023, 2.6824633005113507});
}
TEST(PyTorchConvention, Adam) {
  expect_near(reached(Adam{.learning_rate = 0.1,
                           .beta1 = 0.8,
                           .beta2 = 0.95,
                           .epsilon = 1e-3,
                           .weight_decay = 0.02},
                      6),
              {0.42046674591840705, -1.4076577263062766, 2.406375037580659});
}

TEST(SgdRule, ShrinksEachModeByItsFactor) {
  const Sgd rule{.learning_rate = 0.03, .weight_decay = 0.5};
  const Trace theta = reached(rule, 100);
  const double start[] = {1, -2, 3};
  const double stiffness[] = {1, 10, 0.1};
  for (std::size_t i = 0; i < 3; ++i) {
    const double factor = 1 - rule.learning_rate * (stiffness[i] + rule.weight_decay);
    EXPECT_NEAR(theta[i] / (start[i] * std::pow(factor, 100)), 1, 1e-12);
  }
}

TEST(SgdRule, FollowsTheBatchItIsGiven) {
  // A batch of one example moves its own coordinate alone, with the n-fold gradient of that
  // example.
  Quadratic<double> objective(QuadraticSettings{.stiffness = {1, 10, 0.1}});
  const Sgd rule{.learning_rate = 0.01};
  auto state = rule.init(Trace{1, -2, 3});
  GradientSource<double> source(objective);
  const std::vector<std::int32_t> second = {1};
  source.open({.examples = second});
  rule.step(source, state, Noise(0));
  expect_near(state.theta, {1, -2 + 0.01 * 3 * 10 * 2, 3});
}

TEST(MomentumRule, OscillatesWithTheRootsOfItsCharacteristicPolynomial) {
  // θ_{n+1} = (1 + β - ηk) θ_n - β θ_{n-1}: θ_n = A z^n + conj, |z|² = β when the roots are
  // complex.
  const Momentum rule{.learning_rate = 0.05, .momentum = 0.9};
  const double k = 10;
  const double half = (1 + rule.momentum - rule.learning_rate * k) / 2;
  const std::complex<double> z(half, std::sqrt(rule.momentum - half * half));
  // θ_0 = x, v_0 = 0 stands for θ_{-1} = x.
  const double x = -2;
  const std::complex<double> a = x * (1.0 - 1.0 / std::conj(z)) / (1.0 / z - 1.0 / std::conj(z));
  for (const int n : {1, 2, 7, 40}) {
    const double expected = 2 * (a * std::pow(z, n)).real();
    EXPECT_NEAR(reached(rule, n)[1], expected, 1e-12);
  }
}

TEST(MomentumRule, WithoutMomentumIsSgd) {
  expect_near(reached(Momentum{.learning_rate = 0.05, .momentum = 0, .weight_decay = 0.1}, 20),
              reached(Sgd{.learning_rate = 0.05, .weight_decay = 0.1}, 20));
}

TEST(AdamRule, IsItsAlgorithmWrittenOut) {
  // Algorithm 1 of the paper in long double, with the corrected moments formed as printed there.
  const Adam rule{.learning_rate = 0.02, .beta1 = 0.7, .beta2 = 0.9, .epsilon = 1e-6};
  const long double stiffness[] = {1, 10, 0.1L};
  Trace expected = {1, -2, 3};
  for (std::size_t i = 0; i < 3; ++i) {
    long double x = expected[i];
    long double m = 0;
    long double v = 0;
    for (int t = 1; t <= 50; ++t) {
      const long double g = stiffness[i] * x;
      m = static_cast<long double>(rule.beta1) * m + (1 - static_cast<long double>(rule.beta1)) * g;
      v = static_cast<long double>(rule.beta2) * v +
          (1 - static_cast<long double>(rule.beta2)) * g * g;
      const long double m_hat = m / (1 - std::pow(static_cast<long double>(rule.beta1), t));
      const long double v_hat = v / (1 - std::pow(static_cast<long double>(rule.beta2), t));
      x -= rule.learning_rate * m_hat / (std::sqrt(v_hat) + rule.epsilon);
    }
    expected[i] = static_cast<double>(x);
  }
  const Trace theta = reached(rule, 50);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(theta[i], expected[i], 1e-13);
}

TEST(AdamRule, FirstStepIsTheLearningRateWhateverTheGradient) {
  // m̂/√v̂ = ±1 at t = 1; ε shortens it by less than ε/|g|.
  const Adam rule{.learning_rate = 0.01};
  const Trace theta = reached(rule, 1);
  EXPECT_NEAR(theta[0], 1 - 0.01, 1e-9);
  EXPECT_NEAR(theta[1], -2 + 0.01, 1e-9);
  EXPECT_NEAR(theta[2], 3 - 0.01, 1e-9);
}

TEST(AdamRule, BiasCorrectionKeepsItsDigitsInFloat) {
  // 1 - β2^t is formed in double: ten float steps stay within float rounding of double ones.
  const Adam rule{.learning_rate = 0.01};
  Quadratic<float> objective(QuadraticSettings{.stiffness = {1, 10, 0.1}});
  auto state = rule.init(std::vector<float>{1, -2, 3});
  laws::advance(rule, objective, state, Noise(0), 10);
  const Trace expected = reached(rule, 10);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(state.theta[i], expected[i], 2e-6);
}

TEST(AdamRule, StartsFromAStateWithoutSlots) {
  // A phase may go on from a state that another rule left behind.
  Quadratic<double> objective(QuadraticSettings{.stiffness = {1, 10, 0.1}});
  State<double> bare;
  bare.theta = {1, -2, 3};
  laws::advance(Adam{}, objective, bare, Noise(0), 5);
  EXPECT_EQ(bare.theta, reached(Adam{}, 5));
}

}  // namespace
}  // namespace thermoscape
