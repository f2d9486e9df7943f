#include "thermoscape/landscape/boundary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

/// f_m - f_y of an example, m the strongest rival at `at`.
struct Margin {
  std::size_t example, label, rival;
};

std::vector<double> logits(Mlp<double>& mlp, const std::vector<double>& theta) {
  std::vector<double> z(static_cast<std::size_t>(mlp.examples() * mlp.outputs()));
  mlp.logits(theta, Batch{}, z);
  return z;
}

Margin margin_of(const std::vector<double>& z,
                 std::size_t example,
                 std::size_t label,
                 std::size_t classes) {
  Margin margin{example, label, label == 0 ? std::size_t{1} : std::size_t{0}};
  for (std::size_t c = 0; c < classes; ++c) {
    if (c != label && z[example * classes + c] > z[example * classes + margin.rival])
      margin.rival = c;
  }
  return margin;
}

/// |∇_θ(f_m - f_y)| by central differences of the logits.
double gradient_norm(Mlp<double>& mlp, std::vector<double> theta, const Margin& margin) {
  const auto classes = static_cast<std::size_t>(mlp.outputs());
  const auto value = [&] {
    const std::vector<double> z = logits(mlp, theta);
    return z[margin.example * classes + margin.rival] - z[margin.example * classes + margin.label];
  };
  constexpr double kStep = 1e-6;
  double squares = 0;
  for (double& one : theta) {
    const double kept = one;
    one = kept + kStep;
    const double up = value();
    one = kept - kStep;
    const double down = value();
    one = kept;
    squares += std::pow((up - down) / (2 * kStep), 2);
  }
  return std::sqrt(squares);
}

TEST(BoundaryLength, MatchesFiniteDifferencesWeightedByLoss) {
  const Problem problem({4, 6, 3}, 70, "tanh");  // more than one chunk of 64
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<double> losses(70);
  mlp.example_losses(theta, Batch{}, losses);
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  const std::vector<double> z = logits(mlp, theta);
  double expected = 0;
  for (std::size_t i = 0; i < 70; ++i) {
    const Margin margin = margin_of(z, i, static_cast<std::size_t>(problem.labels[i]), 3);
    expected += losses[i] / total / gradient_norm(mlp, theta, margin);
  }
  const BoundaryLength found = boundary_length(mlp, theta, problem.labels, 1.0);
  EXPECT_EQ(found.examples, 70);
  EXPECT_NEAR(found.length, expected, 1e-7 * expected);  // central differences of step 1e-6
  EXPECT_GT(found.deviation, 0);
}

TEST(BoundaryLength, TakesTheExamplesThatCarryTheShare) {
  const Problem problem({4, 6, 3}, 70, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<double> losses(70);
  mlp.example_losses(theta, Batch{}, losses);
  std::sort(losses.rbegin(), losses.rend());
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  std::int64_t expected = 0;
  for (double covered = 0; covered < 0.5 * total; ++expected)
    covered += losses[static_cast<std::size_t>(expected)];
  EXPECT_EQ(boundary_length(mlp, theta, problem.labels, 0.5).examples, expected);
}

TEST(BoundaryLength, RefusesWhatHasNoBoundary) {
  Quadratic<double> quadratic(QuadraticSettings{{1.0, 2.0}, 0});
  const std::vector<double> theta{0.1, 0.1};
  EXPECT_THROW((void)boundary_length(quadratic, theta, std::vector<std::int32_t>{0, 0}), Error);
  EXPECT_THROW((void)predictions(quadratic, theta), Error);
  const Problem problem({4, 6, 3}, 10);
  Mlp<double> mlp = problem.build<double>();
  EXPECT_THROW((void)boundary_length(mlp, problem.theta(), std::vector<std::int32_t>(3), 0.9),
               Error);
  EXPECT_THROW((void)boundary_length(mlp, problem.theta(), problem.labels, 0.0), Error);
}

TEST(Predictions, AreTheLargestLogits) {
  const Problem problem({4, 6, 3}, 20);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> z = logits(mlp, problem.theta());
  const std::vector<std::int32_t> found = predictions(mlp, problem.theta());
  ASSERT_EQ(found.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_GE(z[i * 3 + static_cast<std::size_t>(found[i])], z[i * 3 + c]);
  }
}

}  // namespace
}  // namespace thermoscape
