#pragma once
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/dynamics/dynamics.hpp"
#include "thermoscape/objective/quadratic.hpp"

/// What every rule of the catalogue must obey, whatever it does. A rule joins by standing in
/// AnyRule.
namespace thermoscape::laws {

/// Sets a parameter by its name in the field table; false if the rule has none.
template <class R>
bool set_parameter(R& rule, std::string_view name, double value) {
  bool found = false;
  for_each_field<R>([&](const auto& one) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(rule.*(one.member))>, double>) {
      if (one.name == name) {
        rule.*(one.member) = value;
        found = true;
      }
    }
  });
  return found;
}

/// Rules with a temperature or an isotropic noise draw noise of their own.
template <class R>
bool is_stochastic() {
  R rule;
  return set_parameter(rule, "temperature", 1) || set_parameter(rule, "isotropic_noise", 1);
}

/// A quadratic of `count` modes, all of stiffness `k`.
template <class Real>
Quadratic<Real> bowl(std::size_t count, double k) {
  QuadraticSettings settings;
  settings.stiffness.assign(count, k);
  return Quadratic<Real>(settings);
}

/// Takes `steps` full-batch steps.
template <class R, class Real>
void advance(const R& rule,
             Objective<Real>& objective,
             State<Real>& state,
             const Noise& noise,
             std::int64_t steps) {
  GradientSource<Real> source(objective);
  for (std::int64_t i = 0; i < steps; ++i) {
    source.open({});
    rule.step(source, state, noise);
  }
}

template <class R, class Real>
struct Case {
  using RuleType = R;
  using RealType = Real;
};

template <class Variant>
struct Cases;
template <class... Rules>
struct Cases<std::variant<Rules...>> {
  using Types = testing::Types<Case<Rules, float>..., Case<Rules, double>...>;
};

template <class C>
class RuleLaws : public testing::Test {
 protected:
  using Member = typename C::RuleType;
  using Number = typename C::RealType;

  /// A rule whose every part is at work: noise at T = 0.3, all else by default.
  static Member rule() {
    Member one;
    set_parameter(one, "temperature", 0.3);
    set_parameter(one, "isotropic_noise", 0.3);
    set_parameter(one, "time_step", 0.01);
    set_parameter(one, "weight_decay", 0.05);
    return one;
  }
  static std::vector<Number> start() {
    std::vector<Number> theta(37);
    for (std::size_t i = 0; i < theta.size(); ++i)
      theta[i] = static_cast<Number>(std::cos(1.7 * static_cast<double>(i)));
    return theta;
  }
  static State<Number> run(std::uint64_t seed, std::int64_t steps) {
    Quadratic<Number> objective = bowl<Number>(start().size(), 1.3);
    State<Number> state = rule().init(start());
    advance(rule(), objective, state, Noise(seed), steps);
    return state;
  }
  static void expect_same(const State<Number>& a, const State<Number>& b) {
    EXPECT_EQ(a.step, b.step);
    EXPECT_EQ(a.time, b.time);
    EXPECT_EQ(a.theta, b.theta);
    EXPECT_EQ(a.slots, b.slots);
    EXPECT_EQ(a.buffers, b.buffers);
  }
};

TYPED_TEST_SUITE_P(RuleLaws);

TYPED_TEST_P(RuleLaws, StartsAtThetaWithAClockAtZero) {
  const auto state = this->rule().init(this->start());
  EXPECT_EQ(state.theta, this->start());
  EXPECT_EQ(state.step, 0);
  EXPECT_EQ(state.time, 0);
  for (const auto& [name, values] : state.slots) {
    EXPECT_EQ(values, std::vector<typename TestFixture::Number>(state.theta.size())) << name;
  }
}

TYPED_TEST_P(RuleLaws, SameSeedSamePath) {
  this->expect_same(this->run(1, 60), this->run(1, 60));
  EXPECT_NE(this->run(1, 60).theta, this->start());
}

TYPED_TEST_P(RuleLaws, AnotherSeedIsAnotherPathIfAndOnlyIfTheRuleDrawsNoise) {
  const bool differ = this->run(1, 5).theta != this->run(2, 5).theta;
  EXPECT_EQ(differ, is_stochastic<typename TestFixture::Member>());
}

TYPED_TEST_P(RuleLaws, RestartEqualsContinuing) {
  using Real = typename TestFixture::Number;
  const auto whole = this->run(3, 50);
  State<Real> copy = this->run(3, 17);
  Quadratic<Real> fresh = bowl<Real>(copy.theta.size(), 1.3);
  advance(this->rule(), fresh, copy, Noise(3), 33);
  this->expect_same(copy, whole);
}

TYPED_TEST_P(RuleLaws, KeepsTheSlotsItStartedWith) {
  // A slot that appeared on the way would make checkpoints of one phase unequal in layout.
  const auto before = this->rule().init(this->start());
  const auto after = this->run(4, 3);
  ASSERT_EQ(after.slots.size(), before.slots.size());
  for (std::size_t i = 0; i < before.slots.size(); ++i)
    EXPECT_EQ(after.slots[i].first, before.slots[i].first);
}

TYPED_TEST_P(RuleLaws, TheClockDoesNotDrift) {
  constexpr std::int64_t kSteps = 1000;
  const auto state = this->run(5, kSteps);
  EXPECT_EQ(state.step, kSteps);
  EXPECT_EQ(state.time, kSteps * this->rule().time_step_size());
}

TYPED_TEST_P(RuleLaws, ParametersOutOfRangeAreRefusedByName) {
  using R = typename TestFixture::Member;
  for_each_field<R>([&](const auto& one) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(R().*(one.member))>, double>) {
      std::vector<double> wrong = {std::numeric_limits<double>::quiet_NaN(), kInfinity};
      ASSERT_TRUE(std::isfinite(one.range.low)) << one.name << " has no lower bound";
      wrong.push_back(one.range.open_low ? one.range.low : one.range.low - 1);
      if (std::isfinite(one.range.high))
        wrong.push_back(one.range.open_high ? one.range.high : one.range.high + 1);
      for (const double value : wrong) {
        R rule;
        rule.*(one.member) = value;
        const std::string place = std::string(R::kName) + "." + std::string(one.name) + " = ";
        EXPECT_THAT([&] { (void)rule.init(this->start()); },
                    testing::ThrowsMessage<Error>(testing::StartsWith(place)))
            << value;
      }
    }
  });
}

TYPED_TEST_P(RuleLaws, WithoutNoiseItDescendsIfItUsesTheGradientAndElseStands) {
  using R = typename TestFixture::Member;
  using Real = typename TestFixture::Number;
  R rule;
  set_parameter(rule, "temperature", 0);
  set_parameter(rule, "time_step", 0.1);
  set_parameter(rule, "learning_rate", 0.02);
  Quadratic<Real> objective = bowl<Real>(this->start().size(), 1.3);
  State<Real> state = rule.init(this->start());
  const double before = objective.loss(state.theta, {});
  advance(rule, objective, state, Noise(6), 600);
  if (R::kUsesGradient) {
    EXPECT_LT(objective.loss(state.theta, {}), 1e-6 * before);
  } else {
    EXPECT_EQ(state.theta, this->start());
  }
}

/// Error of ⟨θ²⟩ at time 1 from θ_0 = 0 against the exact Ornstein-Uhlenbeck value T/k (1 -
/// e^{-2k}), k = T = 1, over an ensemble of independent coordinates, and its standard error.
template <class R>
std::pair<double, double> weak_error(std::int64_t steps, std::size_t ensemble) {
  R rule;
  set_parameter(rule, "temperature", 1);
  set_parameter(rule, "time_step", 1.0 / static_cast<double>(steps));
  Quadratic<double> objective = bowl<double>(ensemble, 1);
  State<double> state = rule.init(std::vector<double>(ensemble));
  advance(rule, objective, state, Noise(7 + static_cast<std::uint64_t>(steps)), steps);
  double sum = 0;
  for (const double x : state.theta) sum += x * x;
  const double mean = sum / static_cast<double>(ensemble);
  return {mean - (1 - std::exp(-2.0)), mean * std::sqrt(2.0 / static_cast<double>(ensemble))};
}

/// Holds the measured slope against R::kOrder > 0. Orders above 2 would leave too small an error
/// for this ensemble: the assertion on the error bar says so.
template <class R>
void expect_declared_weak_order() {
  constexpr std::size_t kEnsemble = 1000000;
  const auto coarse = weak_error<R>(5, kEnsemble);
  const auto middle = weak_error<R>(10, kEnsemble);
  const auto fine = weak_error<R>(20, kEnsemble);
  // Slope of the error over two halvings; the next order of the expansion adds at most about a
  // tenth at η = 1/5.
  const double slope = std::log2(std::abs(coarse.first / fine.first)) / 2;
  const double error =
      std::hypot(coarse.second / coarse.first, fine.second / fine.first) / (2 * std::log(2.0));
  ASSERT_LT(error, 0.1) << R::kName;
  EXPECT_NEAR(slope, R::kOrder, 0.1 + 3 * error) << R::kName;
  EXPECT_LT(std::abs(fine.first), std::abs(middle.first)) << R::kName;
  EXPECT_LT(std::abs(middle.first), std::abs(coarse.first)) << R::kName;
}

REGISTER_TYPED_TEST_SUITE_P(RuleLaws,
                            StartsAtThetaWithAClockAtZero,
                            SameSeedSamePath,
                            AnotherSeedIsAnotherPathIfAndOnlyIfTheRuleDrawsNoise,
                            RestartEqualsContinuing,
                            KeepsTheSlotsItStartedWith,
                            TheClockDoesNotDrift,
                            ParametersOutOfRangeAreRefusedByName,
                            WithoutNoiseItDescendsIfItUsesTheGradientAndElseStands);

}  // namespace thermoscape::laws
