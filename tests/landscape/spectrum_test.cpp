#include "thermoscape/landscape/spectrum.hpp"

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {
namespace {

TEST(Outliers, CountsByEveryRule) {
  // Three outliers above a bulk between -1 and 1.
  const std::vector<double> spectrum{100, 80, 50, 1, 0.5, 0.25, 0, -0.2, -1};
  const Outliers found = outliers(spectrum);
  EXPECT_EQ(found.before_gap, 3);
  EXPECT_DOUBLE_EQ(found.gap_ratio, 50);
  EXPECT_EQ(found.above_bulk, 3);  // 1 is not above |λ_min| = 1
  const double sum = 231.75;
  const double squares = 100 * 100 + 80 * 80 + 50 * 50 + 1 + 0.25 + 0.0625;
  EXPECT_DOUBLE_EQ(found.participation, sum * sum / squares);
}

TEST(Outliers, GapIsSoughtAmongTheFirstRanksAlone) {
  const std::vector<double> spectrum{4, 2, 1, 0.001};
  EXPECT_EQ(outliers(spectrum).before_gap, 3);
  EXPECT_EQ(outliers(spectrum, 2).before_gap, 1);  // the first of two equal ratios
}

TEST(Outliers, EqualStiffnessesParticipateAlike) {
  const std::vector<double> spectrum{3, 3, 3, 3, 0, 0};
  const Outliers found = outliers(spectrum);
  EXPECT_DOUBLE_EQ(found.participation, 4);
  EXPECT_EQ(found.above_bulk, 4);  // all that is above zero where nothing is below
  EXPECT_EQ(found.before_gap, 0);  // no gap inside them, and zero has no ratio
}

TEST(Outliers, RoundingAboutZeroIsZero) {
  const std::vector<double> spectrum{1, 1e-15, -2e-15};
  const Outliers found = outliers(spectrum);
  EXPECT_EQ(found.above_bulk, 1);
  EXPECT_DOUBLE_EQ(found.participation, 1);
}

TEST(Outliers, RefusesAnUnsortedSpectrum) {
  EXPECT_THROW((void)outliers(std::vector<double>{1, 2}), Error);
}

TEST(KolmogorovSmirnov, KnownDistances) {
  EXPECT_EQ(kolmogorov_smirnov({1, 2, 3}, {3, 1, 2}), 0);
  EXPECT_EQ(kolmogorov_smirnov({1, 2}, {3, 4, 5}), 1);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov({1, 2, 3, 4}, {3, 4, 5, 6}), 0.5);
  EXPECT_DOUBLE_EQ(kolmogorov_smirnov({1, 1, 1, 2}, {1}), 0.25);  // ties step together
  EXPECT_THROW((void)kolmogorov_smirnov({}, {1}), Error);
}

TEST(KolmogorovSmirnov, ShiftOfANormalLaw) {
  // Laws N(0,1) and N(1,1) are 2Φ(½) - 1 = 0.38292 apart; 4 standard errors √(1/(2n)) of 4000
  // draws.
  std::vector<double> a(4000);
  std::vector<double> b(4000);
  Noise(1).normal<double>("test.a", 0, a);
  Noise(1).normal<double>("test.b", 0, b);
  for (double& x : b) x += 1;
  EXPECT_NEAR(kolmogorov_smirnov(a, b), 0.38292, 4 * 0.0112);
}

}  // namespace
}  // namespace thermoscape
