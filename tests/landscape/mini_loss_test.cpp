#include "thermoscape/landscape/mini_loss.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

TEST(MiniLoss, WholeDataAsOneBatchIsTheProfileOfTheLoss) {
  const Problem problem({7, 9, 6, 4}, 90);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<double> p(theta.size());
  Noise(4).normal<double>("test.direction", 0, p);
  LossLine<double> line(mlp, theta);
  std::vector<std::int32_t> all(90);
  std::iota(all.begin(), all.end(), 0);
  const auto curve = mini_curves<double>(line, p, all, 90, 0.2, 9);
  const std::vector<double> whole = line.losses(p, curve.front().delta);
  for (std::size_t i = 0; i < whole.size(); ++i)
    EXPECT_NEAR(curve.front().loss[i] / whole[i], 1, 1e-12);
  EXPECT_EQ(curve.front().delta[4], 0);
}

TEST(MiniLoss, SlopesAreThoseOfTheBatchesNearTheCentre) {
  // The fitted slope of ln L^μ against the exact gradient, over a reach where ln L is a parabola.
  const Problem problem({7, 9, 6, 4}, 120, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<double> p(theta.size());
  Noise(4).normal<double>("test.direction", 0, p);
  for (double& one : p) one *= 0.05;
  LossLine<double> line(mlp, theta);
  const std::vector<std::int32_t> order = Noise(2).permutation("test.order", 0, 120);
  const MiniLossMode mode = mini_losses<double>(line, p, order, 20, 0.05, 11);
  ASSERT_EQ(mode.batches.size(), 6U);
  std::vector<double> gradient(theta.size());
  for (std::size_t b = 0; b < 6; ++b) {
    const Batch batch{std::span<const std::int32_t>(order).subspan(20 * b, 20)};
    const double loss = mlp.loss_gradient(theta, batch, gradient);
    const double slope = std::inner_product(p.begin(), p.end(), gradient.begin(), 0.0) / loss;
    EXPECT_NEAR(mode.batches[b].loss / loss, 1, 1e-12);
    EXPECT_NEAR(mode.batches[b].slope / slope, 1, 0.02) << b;
  }
}

TEST(MiniLoss, StatisticsOfPlantedParabolasAreRecovered) {
  constexpr std::size_t kBatches = 400;
  std::vector<double> z(2 * kBatches);
  Noise(9).normal<double>("test.planted", 0, z);
  double mean = 0, force = 0, squares = 0;
  MiniLossMode expected;
  for (std::size_t b = 0; b < kBatches; ++b) {
    const double curvature = 50 + 5 * z[b], centre = 0.05 * z[kBatches + b];
    expected.batches.push_back({1, -curvature * centre, curvature, true});
    mean += curvature / kBatches;
    force += -curvature * centre / kBatches;
  }
  for (const MiniProfile& one : expected.batches) {
    squares += std::pow(one.slope - force, 2) / kBatches;
    EXPECT_NEAR(one.centre(), -one.slope / one.curvature, 1e-15);
  }
  // ⟨exp(½M(δ-c)² - ½Mc²)⟩ to second order in δ is exp(½ (M0 + var(Mc)) δ²).
  constexpr double kDelta = 1e-3;
  double up = 0, down = 0;
  for (const MiniProfile& one : expected.batches) {
    up += std::exp(one.slope * kDelta + 0.5 * one.curvature * kDelta * kDelta) / kBatches;
    down += std::exp(-one.slope * kDelta + 0.5 * one.curvature * kDelta * kDelta) / kBatches;
  }
  const double curvature = (std::log(up) + std::log(down)) / (kDelta * kDelta);
  expected.mean_curvature = mean;
  expected.force_variance = squares;
  EXPECT_NEAR(expected.predicted_curvature() / curvature, 1, 1e-3);
}

TEST(MiniLoss, RefusesWhatDoesNotFit) {
  const Problem problem({7, 9, 4}, 60);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  LossLine<double> line(mlp, theta);
  const std::vector<double> p(theta.size(), 0.1);
  const std::vector<std::int32_t> batches{0, 1, 2, 59};
  EXPECT_THROW((void)mini_losses<double>(line, p, batches, 3, 0.1), Error);
  EXPECT_THROW((void)mini_losses<double>(line, p, batches, 2, 0), Error);
  EXPECT_THROW((void)mini_losses<double>(line, p, batches, 2, 0.1, 3), Error);
  EXPECT_THROW((void)mini_losses<double>(line, p, std::vector<std::int32_t>{0, 60}, 2, 0.1), Error);
}

}  // namespace
}  // namespace thermoscape
