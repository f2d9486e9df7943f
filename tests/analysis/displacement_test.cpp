#include "thermoscape/analysis/displacement.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

Path from_increments(Eigen::Index looks, Eigen::Index size, double drift, const Noise& noise) {
  Path path(looks, size);
  std::vector<double> kick(static_cast<std::size_t>(size));
  Eigen::VectorXd x = Eigen::VectorXd::Zero(size);
  for (Eigen::Index i = 0; i < looks; ++i) {
    path.row(i) = x.cast<float>();
    noise.normal<double>("test.kick", static_cast<std::uint64_t>(i), kick);
    for (Eigen::Index j = 0; j < size; ++j) x(j) += kick[static_cast<std::size_t>(j)] + drift;
  }
  return path;
}

TEST(Displacement, straight_motion_is_ballistic) {
  Path path(200, 3);
  for (Eigen::Index i = 0; i < 200; ++i) path.row(i).setConstant(0.5F * static_cast<float>(i));
  const MultiOrigin m = multi_origin_displacement(path, Noise(1));
  for (std::size_t l = 0; l < m.lags.size(); ++l) {
    const auto k = static_cast<double>(m.lags[l]);
    EXPECT_NEAR(m.displacement[l].value, 0.75 * k * k, 1e-4 * k * k);
    EXPECT_NEAR(m.displacement[l].standard_error, 0, 1e-4 * k * k);
    EXPECT_NEAR(m.exponent[l].value, 2, 1e-6);
    EXPECT_NEAR(m.ballistic[l], 1, 1e-5);
  }
  const std::vector<double> start = displacement_from_start(path);
  EXPECT_NEAR(displacement_exponent(start, 1, 199).value, 2, 1e-6);
  EXPECT_NEAR(displacement_exponent(start, 50, 400).value, 2, 1e-6);
}

/// A random walk: msd = P k within the errors it quotes, α = 1, and only chance looks like drift.
TEST(Displacement, random_walk_is_diffusive_within_its_errors) {
  double z2 = 0;
  double slope = 0;
  double share = 0;
  double chance = 0;
  int count = 0;
  constexpr int kWalks = 12;
  for (int w = 0; w < kWalks; ++w) {
    const Path path =
        from_increments(2000, 4, 0, Noise(5).fork("walk", static_cast<std::uint64_t>(w)));
    const MultiOrigin m = multi_origin_displacement(path, Noise(2), {.longest = 0.1});
    for (std::size_t l = 0; l < m.lags.size(); ++l) {
      const Estimate& d = m.displacement[l];
      if (!d.ok() || m.lags[l] > 40) continue;
      const double z = (d.value - 4.0 * static_cast<double>(m.lags[l])) / d.standard_error;
      z2 += z * z;
      slope += m.exponent[l].value;
      ++count;
    }
    share += m.ballistic.back() / kWalks;
    chance = m.ballistic_by_chance.back();
    EXPECT_EQ(m.displacement.back().status, Status::too_short);  // longer than a stretch
  }
  // 12 walks with about 3 independent lags each: z² scatters by 0.25; 20 stretches underrate a
  // little.
  EXPECT_NEAR(z2 / count, 1.1, 0.6);
  EXPECT_NEAR(slope / count, 1, 0.03);
  // χ² of 4 coordinates over 12 walks: relative deviation 0.2.
  EXPECT_NEAR(share / chance, 1, 0.6);
}

TEST(Displacement, drift_stands_above_chance) {
  const Path path = from_increments(4000, 2, 0.2, Noise(9));
  const MultiOrigin m = multi_origin_displacement(path, Noise(2));
  const std::size_t last = m.lags.size() - 1;
  const auto k = static_cast<double>(m.lags[last]);
  const double drift = 0.08 * k * k / (0.08 * k * k + 2 * k);
  EXPECT_NEAR(m.ballistic[last], drift, 0.05);
  EXPECT_GT(m.ballistic[last], 2 * m.ballistic_by_chance[last]);
}

/// Independent coordinates x' = a x + ξ: a random walk at a = 1, bounded below.
Path autoregressive(Eigen::Index looks, Eigen::Index size, double a, const Noise& noise) {
  Path path(looks, size);
  Eigen::RowVectorXf x = Eigen::RowVectorXf::Zero(size);
  std::vector<double> kick(static_cast<std::size_t>(size));
  for (Eigen::Index k = 0; k < looks; ++k) {
    noise.normal<double>("test.kick", static_cast<std::uint64_t>(k), kick);
    for (Eigen::Index j = 0; j < size; ++j)
      x(j) = static_cast<float>(a * x(j) + kick[static_cast<std::size_t>(j)]);
    path.row(k) = x;
  }
  return path;
}

TEST(Displacement, share_of_drift_is_without_the_floor_of_chance) {
  double sum = 0, squares = 0, z2 = 0;
  constexpr int kWalks = 40;
  for (std::uint64_t w = 0; w < kWalks; ++w) {
    const Estimate walk = drift_share(autoregressive(2001, 4, 1, Noise(100 + w)), 20);
    ASSERT_TRUE(walk.ok());
    sum += walk.value;
    squares += walk.value * walk.value;
    z2 += walk.value * walk.value / (walk.standard_error * walk.standard_error);
  }
  const double error = std::sqrt(squares) / kWalks;
  EXPECT_NEAR(sum / kWalks, 0, 4 * error);  // |⟨Δθ⟩|² alone would leave 1/20
  EXPECT_NEAR(z2 / kWalks, 1, 0.7);
  EXPECT_LT(error, 0.01);
  // Straight motion of 3% of the mean square over a stretch of 100 steps, far below chance of one
  // long lag.
  constexpr double kShare = 0.03;
  const double drift = std::sqrt(kShare / (1 - kShare) / 100);
  double found = 0;
  for (std::uint64_t w = 0; w < kWalks; ++w)
    found += drift_share(from_increments(2001, 4, drift, Noise(300 + w)), 20).value / kWalks;
  EXPECT_NEAR(found, kShare, 4 * error);
  // Bounded motion that forgets in ten steps has none, bounded motion that does not comes back.
  const Estimate bounded = drift_share(autoregressive(4001, 50, 0.9, Noise(7)), 20);
  EXPECT_NEAR(bounded.value, 0, 4 * bounded.standard_error);
  EXPECT_LT(bounded.standard_error, 0.02);
  const Estimate slow = drift_share(autoregressive(4001, 50, 0.997, Noise(8)), 20);
  EXPECT_LT(slow.value, -4 * slow.standard_error);
  EXPECT_THROW((void)drift_share(Path::Zero(50, 2), 3), Error);
  EXPECT_THROW((void)drift_share(Path::Zero(7, 2), 4), Error);
  EXPECT_EQ(drift_share(Path::Zero(50, 2), 5).status, Status::undefined);
}

TEST(Displacement, lags_are_whole_and_ascend) {
  const std::vector<std::int64_t> lags = log_lags(1000, 12);
  EXPECT_EQ(lags.front(), 1);
  EXPECT_LE(lags.back(), 1000);
  EXPECT_GT(lags.back(), 800);
  for (std::size_t i = 1; i < lags.size(); ++i) EXPECT_GT(lags[i], lags[i - 1]);
}

TEST(Displacement, refuses_what_it_cannot_measure) {
  EXPECT_THROW((void)multi_origin_displacement(Path::Zero(5, 2), Noise(1)), Error);
  EXPECT_THROW((void)multi_origin_displacement(Path::Zero(50, 2), Noise(1), {.blocks = 1}), Error);
  EXPECT_EQ(displacement_exponent(std::vector<double>{0, 0, 0}, 1, 2).status, Status::undefined);
}

}  // namespace
}  // namespace thermoscape::analysis
