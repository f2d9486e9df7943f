#include "thermoscape/analysis/jackknife.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace thermoscape::analysis {
namespace {

const std::vector<double> kValues = {1.0, 4.0, 2.5, 7.0, 3.0, -1.0};

double mean_without(std::size_t out) {
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < kValues.size(); ++i) {
    if (i == out) continue;
    sum += kValues[i];
    count += 1;
  }
  return sum / count;
}

/// The biased variance, divided by n, without value `out` (or with all).
double variance_without(std::size_t out) {
  const double mean = mean_without(out);
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < kValues.size(); ++i) {
    if (i == out) continue;
    sum += (kValues[i] - mean) * (kValues[i] - mean);
    count += 1;
  }
  return sum / count;
}

constexpr std::size_t kNone = 1000;

TEST(Jackknife, OfAMeanIsTheStandardErrorOfTheMean) {
  std::vector<double> without;
  for (std::size_t i = 0; i < kValues.size(); ++i) without.push_back(mean_without(i));
  const Estimate estimate = jackknife(mean_without(kNone), without);
  const double n = 6;
  EXPECT_NEAR(estimate.value, mean_without(kNone), 1e-14);
  EXPECT_NEAR(estimate.standard_error, std::sqrt(variance_without(kNone) / (n - 1)), 1e-14);
  EXPECT_TRUE(estimate.ok());
}

TEST(Jackknife, RemovesTheBiasOfAVariance) {
  std::vector<double> without;
  for (std::size_t i = 0; i < kValues.size(); ++i) without.push_back(variance_without(i));
  // The bias of the variance divided by n is exactly -σ²/n, which the jackknife removes exactly.
  EXPECT_NEAR(
      jackknife(variance_without(kNone), without).value, variance_without(kNone) * 6 / 5, 1e-13);
}

TEST(Jackknife, NeedsTwoGroupsAndFiniteNumbers) {
  EXPECT_EQ(jackknife(1, std::vector<double>{1}).status, Status::undefined);
  EXPECT_EQ(jackknife(1, std::vector<double>{1, std::nan("")}).status, Status::undefined);
}

}  // namespace
}  // namespace thermoscape::analysis
