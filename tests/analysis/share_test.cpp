#include "thermoscape/analysis/share.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace thermoscape::analysis {
namespace {

// The posterior p^k (1-p)^(n-k) summed on a grid: another route to its deviation.
double deviation_by_quadrature(int count, int runs) {
  double norm = 0;
  double first = 0;
  double second = 0;
  constexpr int kCells = 20000;
  for (int i = 0; i < kCells; ++i) {
    const double p = (i + 0.5) / kCells;
    const double weight = std::pow(p, count) * std::pow(1 - p, runs - count);
    norm += weight;
    first += weight * p;
    second += weight * p * p;
  }
  return std::sqrt(second / norm - std::pow(first / norm, 2));
}

TEST(Share, ErrorIsTheDeviationOfThePosterior) {
  for (const auto& [count, runs] : {std::pair{0, 2}, {4, 4}, {3, 10}, {50, 100}}) {
    const Estimate estimate = share(count, runs);
    EXPECT_DOUBLE_EQ(estimate.value, static_cast<double>(count) / runs);
    EXPECT_NEAR(estimate.standard_error, deviation_by_quadrature(count, runs), 1e-7);
    EXPECT_EQ(estimate.status, Status::ok);
  }
}

TEST(Share, OneRunIsTooFewAndNoneHasNoShare) {
  EXPECT_EQ(share(1, 1).status, Status::too_short);
  EXPECT_EQ(share(0, 0).status, Status::undefined);
}

}  // namespace
}  // namespace thermoscape::analysis
