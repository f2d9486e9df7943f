#include "thermoscape/landscape/mini_loss.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/separable.hpp"

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

/// Minibatches with planted parabolas: examples 2b and 2b + 1 have along θ = (δ, δ, ...)
///   ln ℓ(δ) = ½ M_b (δ - c_b)² - ½ M_b c_b² ± s,  so that L^b(0) = cosh(s) in every batch b.
struct PlantedParabolas {
  static constexpr const char* kName = "planted-parabolas";
  static constexpr double kSpread = 0.4;
  std::vector<double> curvature, centre;
  std::int64_t soft = 0;

  static constexpr auto fields() {
    return std::tuple{field("soft", &PlantedParabolas::soft, "1", "none", kNonNegative)};
  }
  void check() const {}
  [[nodiscard]] std::int64_t examples() const {
    return 2 * static_cast<std::int64_t>(curvature.size());
  }
  [[nodiscard]] LocalLoss at(std::int64_t i, double x) const {
    const auto b = static_cast<std::size_t>(i / 2);
    const double m = curvature[b], c = centre[b], sign = i % 2 == 0 ? 1 : -1;
    const double loss = std::exp(0.5 * m * x * x - m * c * x + sign * kSpread);
    const double rate = m * (x - c);
    return {loss, rate * loss, (m + rate * rate) * loss};
  }
};

TEST(MiniLoss, StatisticsOfPlantedParabolasAreMeasured) {
  constexpr std::size_t kBatches = 400;
  std::vector<double> z(2 * kBatches);
  Noise(9).normal<double>("test.planted", 0, z);
  PlantedParabolas planted;
  for (std::size_t b = 0; b < kBatches; ++b) {
    // Every tenth is so flat that its minimum says nothing: M < 0.3 M0.
    planted.curvature.push_back(b % 10 == 0 ? 6 : 50 + 5 * z[b]);
    planted.centre.push_back((b % 10 == 0 ? 0.4 : 0.05) * z[kBatches + b]);
  }
  double mean = 0, force = 0;
  for (std::size_t b = 0; b < kBatches; ++b) {
    mean += planted.curvature[b] / kBatches;
    force -= planted.curvature[b] * planted.centre[b] / kBatches;
  }
  double spread = 0, forces = 0, centres = 0;
  for (std::size_t b = 0; b < kBatches; ++b) {
    const double m = planted.curvature[b], c = planted.centre[b];
    spread += std::pow(m - mean, 2) / kBatches;
    forces += std::pow(-m * c - force, 2) / kBatches;
    if (b % 10 != 0) centres += c * c / (0.9 * kBatches);
  }
  Separable<double, PlantedParabolas> objective(planted);
  const std::vector<double> theta(2 * kBatches, 0.0), along(2 * kBatches, 1.0);
  std::vector<std::int32_t> batches(2 * kBatches);
  std::iota(batches.begin(), batches.end(), 0);
  LossLine<double> line(objective, theta);
  const MiniLossMode found = mini_losses<double>(line, along, batches, 2, 0.3);
  EXPECT_EQ(found.bounded, static_cast<std::int64_t>(kBatches));
  EXPECT_NEAR(found.mean_curvature / mean, 1, 1e-9);
  EXPECT_NEAR(found.curvature_deviation / std::sqrt(spread), 1, 1e-9);
  EXPECT_NEAR(found.mean_force, force, 1e-9);
  EXPECT_NEAR(found.force_variance / forces, 1, 1e-9);
  EXPECT_NEAR(found.centre_variance / centres, 1, 1e-9);
  const double square = std::pow(std::cosh(PlantedParabolas::kSpread), 2);
  EXPECT_NEAR(found.mean_square_loss / square, 1, 1e-12);
  // Eq. 10 against the loss of all examples: d² ln L/dδ² at 0 is M0 + var(Mc), L0 being equal.
  constexpr double kDelta = 1e-4;
  const std::vector<double> near{-kDelta, 0, kDelta};
  const std::vector<double> whole = line.losses(along, near);
  const double curvature =
      std::log(whole[0] * whole[2] / (whole[1] * whole[1])) / (kDelta * kDelta);
  EXPECT_NEAR(found.predicted_curvature() / curvature, 1, 1e-4);
  // A step of SGD on one batch is -α dL^b/dδ: its mean square, exactly from the slopes.
  std::vector<double> losses(2 * kBatches), slopes(2 * kBatches);
  line.example_slopes(along, 0, losses, slopes);
  double steps = 0;
  for (std::size_t b = 0; b < kBatches; ++b)
    steps += std::pow(0.1 * 0.5 * (slopes[2 * b] + slopes[2 * b + 1]), 2) / kBatches;
  EXPECT_NEAR(found.predicted_step_square(0.1) / steps, 1, 1e-9);
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
