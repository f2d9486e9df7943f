#include "thermoscape/landscape/gradient_noise.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

/// All gradients of examples, [D, P]: small enough here.
Matrix all_gradients(Objective<double>& objective, const std::vector<double>& theta) {
  Matrix out(objective.examples(), objective.parameters());
  objective.example_gradients(
      theta, Batch{}, [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
        for (std::int64_t r = 0; r < rows; ++r) {
          for (std::int64_t i = 0; i < objective.parameters(); ++i)
            out(first + r, i) = block[static_cast<std::size_t>(r * objective.parameters() + i)];
        }
      });
  return out;
}

TEST(GradientNoise, FactorIsThatOfEveryDraw) {
  // All 10 pairs of 5 numbers: the variance of the means of pairs is the factor times theirs.
  const std::vector<double> x{0.3, -1.2, 2.5, 0.9, 4.0};
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / 5;
  double variance = 0, of_pairs = 0;
  for (const double one : x) variance += (one - mean) * (one - mean) / 5;
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t k = i + 1; k < 5; ++k)
      of_pairs += std::pow(0.5 * (x[i] + x[k]) - mean, 2) / 10;
  }
  EXPECT_NEAR(of_pairs, (BatchDraw{5, 2, false}.factor() * variance), 1e-12);
  EXPECT_DOUBLE_EQ((BatchDraw{5, 2, true}.factor()), 0.5);
  EXPECT_DOUBLE_EQ((BatchDraw{5, 5, false}.factor()), 0);
  EXPECT_DOUBLE_EQ((BatchDraw{1, 1, false}.factor()), 1);
  EXPECT_THROW((void)(BatchDraw{5, 6, false}.factor()), Error);
}

TEST(GradientNoise, ActiveTemperatureIsTheMeanOverTheBatchesOfAnEpoch) {
  // Batches of one ordering are exchangeable: the mean over many epochs is the exact moment.
  const Problem problem({7, 9, 6, 4}, 120);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<double> p(theta.size());
  Noise(4).normal<double>("test.direction", 0, p);
  LossLine<double> line(mlp, theta);
  constexpr double kDelta = 0.05, kRate = 0.1;
  const SlopeMoments moments = slope_moments<double>(line, p, kDelta);
  std::vector<double> at(theta), gradient(theta.size());
  for (std::size_t i = 0; i < at.size(); ++i) at[i] += kDelta * p[i];
  EXPECT_NEAR(moments.loss / mlp.loss(at, Batch{}), 1, 1e-12);
  mlp.loss_gradient(at, Batch{}, gradient);
  const double slope = std::inner_product(p.begin(), p.end(), gradient.begin(), 0.0);
  EXPECT_NEAR(moments.mean, slope, 1e-12 * std::abs(slope) + 1e-12);
  std::vector<std::int32_t> order;
  double sum = 0, square = 0;
  constexpr int kBatches = 3000;
  for (int s = 0; s < kBatches; ++s) {
    if (s % 6 == 0) order = Noise(6).permutation("test.order", static_cast<std::uint64_t>(s), 120);
    const Batch batch{
        std::span<const std::int32_t>(order).subspan(static_cast<std::size_t>(20 * (s % 6)), 20)};
    mlp.loss_gradient(at, batch, gradient);
    const double own =
        0.5 * kRate * std::pow(std::inner_product(p.begin(), p.end(), gradient.begin(), 0.0), 2);
    sum += own / kBatches;
    square += own * own / kBatches;
  }
  const ActiveTemperature exact = active_temperature(moments, kRate, {120, 20, false});
  EXPECT_NEAR(sum, exact.temperature, 4 * std::sqrt((square - sum * sum) / kBatches));
  EXPECT_NEAR(exact.temperature - exact.noise, 0.5 * kRate * slope * slope, 1e-12);
}

TEST(GradientNoise, TraceAndMeanAreThoseOfAllGradients) {
  const Problem problem({7, 9, 6, 4}, 120, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  const Matrix all = all_gradients(mlp, theta);
  const std::int64_t first = 72, count = 60;
  const Matrix part = all.middleCols(first, count);
  const Vector mean = part.colwise().mean().transpose();
  const Matrix covariance = part.transpose() * part / 120.0 - mean * mean.transpose();
  const GradientNoise noise = gradient_noise<double>(mlp, theta, first, count);
  EXPECT_NEAR(noise.trace / covariance.trace(), 1, 1e-12);
  EXPECT_NEAR(noise.mean_square / mean.squaredNorm(), 1, 1e-12);
  EXPECT_NEAR(noise.scale() * mean.squaredNorm() / covariance.trace(), 1, 1e-12);
  EXPECT_THROW((void)gradient_noise<double>(mlp, theta, first, 1000), Error);
}

}  // namespace
}  // namespace thermoscape
