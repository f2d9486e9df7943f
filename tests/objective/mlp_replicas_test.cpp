#include "thermoscape/objective/mlp/replicas.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"

namespace thermoscape {
namespace {

using namespace reference;
using mlp::Replicas;

/// θ of a lane: other weights for each, exact in float.
std::vector<double> theta_of(const Problem& problem, std::size_t lane) {
  std::vector<double> theta = problem.theta();
  std::vector<double> more(theta.size());
  Noise(lane).normal<double>("test.lane", 0, more);
  for (std::size_t i = 0; i < theta.size(); ++i)
    theta[i] = static_cast<float>(theta[i] + 0.2 * more[i]);
  return theta;
}

/// Loss and gradient of every lane against the plain loops.
template <class Real>
void expect_lanes_match_plain(const Problem& problem, InstructionSet set, double tolerance) {
  const Mlp<Real> network = problem.build<Real>(set);
  Replicas<Real> replicas(network, set);
  for (std::size_t l = 0; l < replicas.lanes(); ++l)
    replicas.put(l, cast<Real>(theta_of(problem, l)));
  replicas.evaluate();
  std::vector<Real> gradient(static_cast<std::size_t>(network.parameters()));
  for (std::size_t l = 0; l < replicas.lanes(); ++l) {
    SCOPED_TRACE("lane " + std::to_string(l));
    const PlainMlp::Result plain =
        problem.plain.evaluate(theta_of(problem, l), problem.inputs, problem.labels);
    EXPECT_NEAR(replicas.loss(l), plain.loss, tolerance * plain.loss);
    replicas.gradient(l, gradient);
    EXPECT_LT(relative_distance(gradient, plain.gradient), tolerance);
  }
}

// One example and many, widths of one, around tiles, several blocks of examples, deep inputs.
TEST(MlpReplicas, matches_plain_loops_for_every_shape_and_instruction_set) {
  const std::vector<std::pair<std::vector<int>, std::size_t>> shapes{{{10, 20, 20, 10, 3}, 300},
                                                                     {{1, 1, 2}, 1},
                                                                     {{1, 1, 1}, 5},
                                                                     {{3, 4}, 17},
                                                                     {{5, 11, 1, 13, 4}, 16},
                                                                     {{2, 6, 7, 8, 9, 5}, 33},
                                                                     {{80, 21, 10}, 23},
                                                                     {{17, 40, 131, 2}, 47}};
  for (const auto& [sizes, n] : shapes) {
    const Problem problem(sizes, n);
    for (const InstructionSet set : available_sets()) {
      SCOPED_TRACE(testing::PrintToString(sizes) + " n=" + std::to_string(n) + " " +
                   std::string(name(set)));
      expect_lanes_match_plain<float>(problem, set, kFloat);
      expect_lanes_match_plain<double>(problem, set, kDouble);
    }
  }
}

TEST(MlpReplicas, matches_plain_loops_for_every_setting) {
  for (const std::string activation : {"relu", "tanh", "identity"}) {
    for (const std::string loss : {"cross-entropy", "mse"}) {
      for (const bool biases : {true, false}) {
        SCOPED_TRACE(activation + " " + loss + (biases ? " biases" : ""));
        const Problem problem({9, 12, 7, 5}, 40, activation, loss, biases, 0.3);
        for (const InstructionSet set : available_sets()) {
          expect_lanes_match_plain<float>(problem, set, kFloat);
          expect_lanes_match_plain<double>(problem, set, kDouble);
        }
      }
    }
  }
}

TEST(MlpReplicas, a_lane_does_not_depend_on_the_others) {
  const Problem problem({4, 9, 3}, 70);
  const Mlp<float> network = problem.build<float>();
  std::vector<float> gradient(static_cast<std::size_t>(network.parameters()));
  std::vector<float> expected;
  Replicas<float> full(network);
  for (std::size_t l = 0; l < full.lanes(); ++l) full.put(l, cast<float>(theta_of(problem, l)));
  full.put(1, std::vector<float>(gradient.size(), NAN));  // a replica that diverged
  full.evaluate();
  EXPECT_TRUE(std::isnan(full.loss(1)));
  for (std::size_t l = 2; l < full.lanes(); ++l) {
    Replicas<float> alone(network);
    const std::size_t elsewhere = l / 2;
    alone.put(elsewhere, cast<float>(theta_of(problem, l)));
    alone.evaluate();
    EXPECT_EQ(alone.loss(elsewhere), full.loss(l));
    full.gradient(l, gradient);
    expected.resize(gradient.size());
    alone.gradient(elsewhere, expected);
    EXPECT_EQ(gradient, expected);
  }
}

TEST(MlpReplicas, keeps_the_digits_of_well_fitted_examples) {
  // A margin of 60 for every example: ℓ = exp(-60), far below the rounding of 1.
  MlpSettings settings;
  settings.hidden = {1};
  settings.activation = "identity";
  const std::vector<double> inputs{1, 1};
  const std::vector<std::int32_t> labels{0, 0};
  const Mlp<float> network(settings, inputs, labels, 2);
  Replicas<float> replicas(network);
  replicas.put(0, std::vector<float>{1, 0, 60, 0, 0, 0});
  replicas.evaluate();
  EXPECT_NEAR(replicas.loss(0), std::exp(-60.0), 1e-5 * std::exp(-60.0));
}

TEST(MlpReplicas, refuses_gelu_in_one_line) {
  const Problem problem({2, 3, 2}, 4, "gelu");
  const Mlp<float> network = problem.build<float>();
  try {
    const Replicas<float> replicas(network);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("relu, tanh or identity"));
  }
}

}  // namespace
}  // namespace thermoscape
