#include <gtest/gtest.h>

#include "analysis/synthetic.hpp"
#include "thermoscape/analysis/power_law.hpp"

namespace thermoscape::analysis {
namespace {

using testing::Coverage;
using testing::normals;

TEST(LinearFit, ClosedFormOfThreePoints) {
  // Normal equations by hand: x = 0, 1, 2, y = 1, 3, 4: b = 3/2, a = 7/6, residuals -1/6, 1/3,
  // -1/6.
  const LinearFit fit = linear_fit(std::vector<double>{0, 1, 2}, std::vector<double>{1, 3, 4});
  EXPECT_NEAR(fit.slope.value, 1.5, 1e-14);
  EXPECT_NEAR(fit.intercept.value, 7.0 / 6, 1e-14);
  EXPECT_NEAR(fit.quality.chi_squared, 1.0 / 6, 1e-14);
  EXPECT_NEAR(fit.slope.standard_error, std::sqrt(1.0 / 6 / 2), 1e-14);
  EXPECT_NEAR(fit.quality.r_squared, 1 - (1.0 / 6) / (14.0 / 3), 1e-14);
  EXPECT_EQ(fit.quality.degrees_of_freedom, 1);
}

TEST(LinearFit, WeightedErrorsCover) {
  const std::vector<double> x = {1, 2, 3, 5, 8, 13, 21, 30, 40, 60, 80, 100};
  std::vector<double> error;
  for (const double v : x) error.push_back(0.1 + 0.02 * v);
  Coverage slope, intercept;
  double p_value = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<double> noise = normals(x.size(), seed);
    std::vector<double> y;
    for (std::size_t i = 0; i < x.size(); ++i) y.push_back(2 - 0.3 * x[i] + error[i] * noise[i]);
    const LinearFit fit = linear_fit(x, y, error);
    // Undo the growth by sqrt(χ²/dof) > 1, which makes errors larger on average by construction.
    const double growth = std::max(1.0, std::sqrt(fit.quality.chi_squared / 10));
    slope.add({fit.slope.value, fit.slope.standard_error / growth, Status::ok}, -0.3);
    intercept.add({fit.intercept.value, fit.intercept.standard_error / growth, Status::ok}, 2);
    p_value += fit.quality.p_value / 400;
  }
  slope.expect_honest("slope", 0);
  intercept.expect_honest("intercept", 0);
  EXPECT_NEAR(p_value, 0.5, 4 / std::sqrt(12.0 * 400));  // uniform on [0, 1]
}

TEST(LinearFit, Degenerate) {
  using V = std::vector<double>;
  EXPECT_EQ(linear_fit(V{1}, V{1}).slope.status, Status::undefined);
  EXPECT_EQ(linear_fit(V{1, 1}, V{1, 2}).slope.status, Status::undefined);
  EXPECT_EQ(linear_fit(V{1, 2}, V{1, 2}).slope.status, Status::too_short);
  EXPECT_EQ(linear_fit(V{1, 2}, V{1, 2}, V{1, 1}).slope.status, Status::ok);
  EXPECT_THROW((void)linear_fit(V{1, 2}, V{1}), Error);
  EXPECT_THROW((void)linear_fit(V{1, 2}, V{1, 2}, V{1, 0}), Error);
}

TEST(ProportionalFit, Covers) {
  Coverage factor;
  const std::vector<double> x = {0.1, 0.2, 0.5, 1, 2, 5};
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<double> noise = normals(x.size(), 50 + seed);
    std::vector<double> y, error;
    for (std::size_t i = 0; i < x.size(); ++i) {
      error.push_back(0.1 * x[i]);
      y.push_back(3 * x[i] + error[i] * noise[i]);
    }
    const ProportionalFit fit = proportional_fit(x, y, error);
    const double growth = std::max(1.0, std::sqrt(fit.quality.chi_squared / 5));
    factor.add({fit.factor.value, fit.factor.standard_error / growth, Status::ok}, 3);
  }
  factor.expect_honest("factor", 0);
}

TEST(PowerLaw, CoversWithNoise) {
  Coverage exponent, prefactor;
  std::vector<double> x;
  for (int i = 0; i < 15; ++i) x.push_back(1e-6 * std::pow(10, 0.2 * i));
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<double> noise = normals(x.size(), 3000 + seed);
    std::vector<double> y, error;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double relative = 0.02 + 0.003 * static_cast<double>(i);
      const double truth = 5 * std::pow(x[i], 1.1);
      y.push_back(truth * std::exp(relative * noise[i]));
      error.push_back(relative * y.back());
    }
    const PowerLaw fit = power_law(x, y, error);
    const double growth = std::max(1.0, std::sqrt(fit.quality.chi_squared / 13));
    exponent.add({fit.exponent.value, fit.exponent.standard_error / growth, Status::ok}, 1.1);
    prefactor.add({fit.prefactor.value, fit.prefactor.standard_error / growth, Status::ok}, 5);
  }
  exponent.expect_honest("exponent", 0);
  prefactor.expect_honest("prefactor", 0.03);
}

TEST(PowerLaw, ExactLawRangeAndExclusion) {
  const std::vector<double> x = {0, 1, 2, 4, 8, 16, 1000};
  std::vector<double> y;
  for (const double v : x) y.push_back(7 * std::pow(v, -2));
  y[6] = 1;  // off the law, outside the range
  PowerLawOptions range;
  range.x_high = 100;
  const PowerLaw fit = power_law(x, y, {}, range);
  EXPECT_NEAR(fit.exponent.value, -2, 1e-13);
  EXPECT_NEAR(fit.prefactor.value, 7, 1e-12);
  EXPECT_NEAR(fit.quality.r_squared, 1, 1e-13);
  EXPECT_EQ(fit.quality.points, 5);
  EXPECT_EQ(fit.quality.excluded, 2);
  EXPECT_NEAR(fit.quality.x_high, 16, 1e-12);

  std::vector<Estimate> measured;
  for (std::size_t i = 0; i < x.size(); ++i) measured.push_back({y[i], 0.1 * y[i], Status::ok});
  measured[2] = {1e9, 1, Status::spiked};
  const PowerLaw kept = power_law(x, measured, range);
  EXPECT_NEAR(kept.exponent.value, -2, 1e-12);
  EXPECT_EQ(kept.quality.excluded, 3);
}

}  // namespace
}  // namespace thermoscape::analysis
