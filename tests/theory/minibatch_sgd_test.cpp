#include "thermoscape/theory/minibatch_sgd.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

const LinearExamples kExamples{{0.5, 1.5, 1.0, 2.0}, {0.2, -0.3, 0.7, 0.1}};

/// Mean and variance of the steps, averaged over every minibatch of three that can be drawn.
TEST(MinibatchSgd, discrete_moments_are_those_of_all_minibatches) {
  const double rate = 0.3;
  double mean = 0;
  double square = 0;
  for (int step = 0; step < 4000; ++step) {
    double next_mean = 0;
    double next_square = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 4; ++j) {
        for (std::size_t k = 0; k < 4; ++k) {
          const double a = (kExamples.slopes[i] + kExamples.slopes[j] + kExamples.slopes[k]) / 3;
          const double b = (kExamples.offsets[i] + kExamples.offsets[j] + kExamples.offsets[k]) / 3;
          const double factor = 1 - rate * a;
          const double kick = rate * b;
          next_mean += (factor * mean + kick) / 64;
          next_square += (factor * factor * square + 2 * factor * kick * mean + kick * kick) / 64;
        }
      }
    }
    mean = next_mean;
    square = next_square;
  }
  const MinibatchSgd s = minibatch_sgd(kExamples, rate, 3);
  EXPECT_NEAR(s.position, mean, 1e-13);
  EXPECT_NEAR(s.discrete_variance.value, square - mean * mean, 1e-13);
}

/// The diffusion has power-law tails; its variance is exact all the same.
TEST(MinibatchSgd, diffusion_variance_is_that_of_its_steady_state) {
  for (const double rate : {0.01, 0.3, 1.5}) {
    const MinibatchSgd s = minibatch_sgd(kExamples, rate, 2);
    const SteadyState state = SteadyState::on_line(example_landscape(kExamples), rate / 2);
    EXPECT_NEAR(state.mean().value, s.position, 1e-9);
    EXPECT_EQ(state.variance().status, Status::ok);
    EXPECT_NEAR(state.variance().value, s.diffusion_variance.value, 1e-9 * state.variance().value);
    EXPECT_NEAR(example_noise(kExamples, s.position), s.gradient_variance, 1e-15);
  }
}

TEST(MinibatchSgd, discrete_tends_to_diffusion_at_first_order) {
  const auto error = [](double rate) {
    const MinibatchSgd s = minibatch_sgd(kExamples, rate, 2);
    return s.discrete_variance.value / s.diffusion_variance.value - 1;
  };
  EXPECT_NEAR(error(2e-5) / error(1e-5), 2, 1e-3);
  EXPECT_NEAR(error(1e-5), 1e-5 * 1.25 / 2, 1e-9);
}

TEST(MinibatchSgd, says_where_there_is_no_variance) {
  const MinibatchSgd fast = minibatch_sgd(kExamples, 1.7, 1);
  EXPECT_EQ(fast.discrete_variance.status, Status::undefined);
  EXPECT_EQ(fast.diffusion_variance.status, Status::ok);
  EXPECT_EQ(minibatch_sgd(kExamples, 20, 1).diffusion_variance.status, Status::undefined);
  const MinibatchSgd alike = minibatch_sgd({{2, 2}, {1, 1}}, 0.1, 1);
  EXPECT_EQ(alike.discrete_variance.value, 0);
  EXPECT_EQ(alike.position, 0.5);
}

TEST(MinibatchSgd, refuses_bad_input) {
  EXPECT_THROW((void)minibatch_sgd({{}, {}}, 0.1, 1), Error);
  EXPECT_THROW((void)minibatch_sgd({{1}, {1, 2}}, 0.1, 1), Error);
  EXPECT_THROW((void)minibatch_sgd({{-1}, {1}}, 0.1, 1), Error);
  EXPECT_THROW((void)minibatch_sgd({{1}, {1}}, 0, 1), Error);
  EXPECT_THROW((void)minibatch_sgd({{1}, {1}}, 0.1, 0.5), Error);
  EXPECT_THROW((void)SteadyState::on_line(example_landscape({{1, 2}, {1, 2}}), 0.1), Error);
}

}  // namespace
}  // namespace thermoscape::theory
