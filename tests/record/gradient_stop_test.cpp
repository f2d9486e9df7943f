#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/objective/quadratic.hpp"
#include "thermoscape/record/run.hpp"

namespace thermoscape {
namespace {

/// Gradient descent on ½θ² from 1 with η = 1/2: |∇L| = 2^-n.
Outcome descend(const Stop& stop, State<double>& state) {
  Quadratic<double> bowl(QuadraticSettings{.stiffness = {1}});
  const Noise noise(1);
  Sampler sampler(SamplerSettings{}, bowl.examples(), noise);
  const AnyRule rule = Sgd{.learning_rate = 0.5};
  state = Sgd{.learning_rate = 0.5}.init(std::vector<double>{1});
  return run<double>(bowl, rule, noise, sampler, state, state.theta, {}, stop, Hooks{});
}

TEST(GradientStop, EndsAtTheFirstStepWhereTheNormIsSmallEnough) {
  State<double> state;
  const Outcome outcome = descend({.steps = 100, .gradient_norm = 0.01}, state);
  EXPECT_EQ(outcome.status, Status::ok);
  EXPECT_EQ(state.step, 7);  // 2^-7 is the first below 0.01
}

TEST(GradientStop, SaysWhenTheStepsRanOutFirst) {
  State<double> state;
  EXPECT_EQ(descend({.steps = 5, .gradient_norm = 0.01}, state).status, Status::not_converged);
  EXPECT_EQ(state.step, 5);
}

TEST(GradientStop, EitherConditionEndsThePhase) {
  State<double> state;
  // L = 2^-2n / 2 is below 0.1 after two steps, long before the gradient is.
  EXPECT_EQ(descend({.steps = 100, .loss = 0.1, .gradient_norm = 1e-6}, state).status, Status::ok);
  EXPECT_EQ(state.step, 2);
}

}  // namespace
}  // namespace thermoscape
