// Pooling over temperatures and minima on made-up windows, where the right error is known.
#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/experiments/thermal_probe/loss_statistics_summary.hpp"

namespace thermoscape {
namespace {

/// Three temperatures; in minimum m every replica has μ/T = means[m], each to 1%.
Family family_of(const std::vector<double>& means) {
  Family family;
  for (const double temperature : {1e-5, 1e-4, 1e-3}) {
    SweepPoint point;
    point.temperature = temperature;
    point.where = {{"temperature", temperature}};
    for (const double mean : means) {
      ReplicaStatistics replica;
      replica.mean = {mean, 0.01 * mean, Status::ok};
      point.minima.push_back({replica, replica});
      point.health.emplace_back().status = Status::ok;
    }
    family.points.push_back(point);
  }
  return family;
}

Estimate mean_of(const Family& family) {
  for (const Finding& one : loss_summary(family)) {
    if (one.quantity == "mean_over_temperature") return one.estimate;
  }
  return {};
}

TEST(LossSummary, TheSpreadOfMinimaIsNoSmallerForHavingManyTemperatures) {
  const Estimate pooled = mean_of(family_of({10, 12, 14, 16}));
  EXPECT_NEAR(pooled.value, 13, 1e-12);
  // s/√4 with s² = (9 + 1 + 1 + 9)/3.
  EXPECT_NEAR(pooled.standard_error, std::sqrt(20.0 / 3 / 4), 1e-12);
  EXPECT_TRUE(pooled.ok());
}

TEST(LossSummary, EqualMinimaHaveTheErrorsOfTheirRuns) {
  const Estimate pooled = mean_of(family_of({10, 10}));
  EXPECT_NEAR(pooled.value, 10, 1e-12);
  EXPECT_NEAR(pooled.standard_error, 0.1 / std::sqrt(12.0), 1e-12);  // 12 runs in all
}

TEST(LossSummary, AnExponentComesFromEachMinimum) {
  // μ = μ_m T in every minimum: the exponent is 1 whatever the minima's means.
  for (const Finding& one : loss_summary(family_of({5, 10, 20}))) {
    if (one.quantity != "mean_exponent") continue;
    EXPECT_NEAR(one.estimate.value, 1, 1e-9);
    EXPECT_LT(one.estimate.standard_error, 0.01);
    return;
  }
  FAIL() << "no exponent";
}

TEST(LossSummary, AnUnhealthyMinimumIsLeftOut) {
  Family family = family_of({10, 10, 100});
  for (SweepPoint& point : family.points) point.health[2].status = Status::ageing;
  EXPECT_NEAR(mean_of(family).value, 10, 1e-12);
  for (SweepPoint& point : family.points) {
    for (auto& health : point.health) health.status = Status::ageing;
  }
  EXPECT_EQ(mean_of(family).status, Status::ageing) << "all unhealthy: shown, and marked";
  EXPECT_NEAR(mean_of(family).value, 40, 1e-12);
}

TEST(LossSummary, NumbersOfReplicasPoolTheSameWay) {
  const Family family = family_of({1, 1});
  std::vector<Members> members;
  for (int window = 0; window < 3; ++window) {
    members.push_back(
        {{{2, 0, Status::ok}, {2, 0, Status::ok}}, {{4, 0, Status::ok}, {4, 0, Status::ok}}});
  }
  const Estimate mean = pooled(family.points, members);
  EXPECT_NEAR(mean.value, 3, 1e-12);
  EXPECT_NEAR(mean.standard_error, 1, 1e-12);  // √2/√2, three windows or one
}

TEST(Trends, ExponentsAlongAnAxis) {
  // N_c = 2α = 4 x^0.5 in one minimum and 8 x^0.5 in the other.
  std::vector<Family> families;
  for (const double x : {1.0, 4.0, 16.0, 64.0}) {
    Family& family = families.emplace_back(family_of({1, 1}));
    family.where = {{"width", x}};
    for (SweepPoint& point : family.points) {
      for (std::size_t m = 0; m < 2; ++m) {
        for (ReplicaStatistics& one : point.minima[m])
          one.shape = {(m == 0 ? 2 : 4) * std::sqrt(x), 0.01, Status::ok};
      }
    }
  }
  Measured measured;
  trends(families, measured);
  bool seen = false;
  for (const Finding& one : measured.findings) {
    if (one.quantity != "constrained_directions_exponent_in_width") continue;
    seen = true;
    EXPECT_NEAR(one.estimate.value, 0.5, 1e-9);
  }
  EXPECT_TRUE(seen);
  ASSERT_EQ(measured.tables.size(), 2u);
  EXPECT_EQ(measured.tables[0].rows.size(), 4u);
}

}  // namespace
}  // namespace thermoscape
