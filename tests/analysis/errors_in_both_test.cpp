#include "thermoscape/analysis/errors_in_both.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "analysis/synthetic.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

TEST(ErrorsInBoth, PearsonsDataWithYorksWeights) {
  // The published solution of the standard test (York 1966, weights 1/σ²): a = 5.47991022,
  // b = -0.480533407.
  const std::vector<double> x{0.0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4};
  const std::vector<double> y{5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5};
  const std::vector<double> wx{1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1};
  const std::vector<double> wy{1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500};
  std::vector<double> sx, sy;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sx.push_back(1 / std::sqrt(wx[i]));
    sy.push_back(1 / std::sqrt(wy[i]));
  }
  const ErrorsInBothFit fit = errors_in_both_fit(x, y, sx, sy);
  EXPECT_NEAR(fit.slope.value, -0.480533407, 1e-8);
  EXPECT_NEAR(fit.intercept.value, 5.47991022, 1e-7);
  // χ² = 11.8663531941, errors 0.0579850090 and 0.294970735 before they grow by √(χ²/8).
  EXPECT_NEAR(fit.quality.chi_squared, 11.8663531941, 1e-6);
  const double grow = std::sqrt(11.8663531941 / 8);
  EXPECT_NEAR(fit.slope.standard_error / grow, 0.057985, 2e-4);
  EXPECT_NEAR(fit.intercept.standard_error / grow, 0.29497, 2e-3);
}

TEST(ErrorsInBoth, SlopeIsUnbiasedWhereLeastSquaresIsNot) {
  // Errors of x as large as a third of its spread flatten least squares by a tenth.
  std::vector<double> pulls, plain;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const std::vector<double> z = testing::normals(300, seed);
    std::vector<double> x, y, sx(100, 0.33), sy(100, 0.2);
    for (std::size_t i = 0; i < 100; ++i) {
      x.push_back(z[i] + 0.33 * z[100 + i]);
      y.push_back(1 - 4 * z[i] + 0.2 * z[200 + i]);
    }
    const ErrorsInBothFit fit = errors_in_both_fit(x, y, sx, sy);
    ASSERT_TRUE(fit.slope.ok());
    pulls.push_back((fit.slope.value + 4) / fit.slope.standard_error);
    plain.push_back(fit.slope_y_on_x);
    EXPECT_LT(fit.slope.value, fit.slope_y_on_x);
    EXPECT_GT(fit.slope.value, fit.slope_x_on_y);
  }
  double mean = 0, square = 0, flattened = 0;
  for (std::size_t i = 0; i < pulls.size(); ++i) {
    mean += pulls[i] / 200;
    square += pulls[i] * pulls[i] / 200;
    flattened += plain[i] / 200;
  }
  EXPECT_NEAR(mean, 0, 4 / std::sqrt(200.0));
  EXPECT_NEAR(square, 1, 4 * std::sqrt(2 / 200.0));
  EXPECT_NEAR(flattened, -4 / (1 + 0.33 * 0.33), 0.1);
}

TEST(ErrorsInBoth, ScatterAboutASmoothSequenceIsThatOfItsNoise) {
  const std::vector<double> z = testing::normals(4000, 9);
  std::vector<double> y;
  for (std::size_t i = 0; i < z.size(); ++i)
    y.push_back(std::log(100.0 + static_cast<double>(i)) + 0.05 * z[i]);
  const std::vector<double> scatter = local_scatter(y);
  double square = 0;
  for (const double one : scatter) square += one * one / 4000;
  EXPECT_NEAR(std::sqrt(square) / 0.05, 1, 0.05);
}

TEST(ErrorsInBoth, BadInput) {
  const std::vector<double> two{1, 2}, three{1, 2, 3}, zero{0, 0, 0};
  EXPECT_EQ(errors_in_both_fit(two, two, two, two).slope.status, Status::too_short);
  EXPECT_EQ(errors_in_both_fit(std::vector<double>{1, 1, 1}, three, three, three).slope.status,
            Status::undefined);
  EXPECT_THROW((void)errors_in_both_fit(three, two, three, three), Error);
  EXPECT_THROW((void)errors_in_both_fit(three, three, zero, three), Error);
  EXPECT_THROW((void)local_scatter(three), Error);
}

}  // namespace
}  // namespace thermoscape::analysis
