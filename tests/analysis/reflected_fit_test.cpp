#include "thermoscape/analysis/reflected_fit.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

/// U = 0.3 + factor |x|^order at 20 points on one side.
ReflectedFit fitted(double factor, double order, double side = -1) {
  std::vector<double> x;
  std::vector<double> values;
  for (int i = 0; i <= 20; ++i) {
    x.push_back(side * i / 20.0);
    values.push_back(0.3 + factor * std::pow(std::abs(x.back()), order));
  }
  return reflected_fit(x, values, 0.3);
}

TEST(ReflectedFit, RecoversAParabolaFromEitherSide) {
  for (const double side : {-1.0, 1.0}) {
    const ReflectedFit fit = fitted(2.5, 2, side);
    EXPECT_NEAR(fit.curvature.value, 5, 1e-12);
    EXPECT_LT(fit.curvature.standard_error, 1e-12);
    EXPECT_NEAR(fit.order.value, 2, 1e-12);
  }
}

TEST(ReflectedFit, IsTheRatioOfSumsOnWhatIsNoParabola) {
  // U - U0 = |x|^3 and x^4: c = 2 Σ|x|^5/Σx⁴ and 2 Σx⁶/Σx⁴, and the order is that of the law.
  for (const int order : {3, 4}) {
    double top = 0;
    double bottom = 0;
    for (int i = 1; i <= 20; ++i) {
      top += 2 * std::pow(i / 20.0, 2 + order);
      bottom += std::pow(i / 20.0, 4);
    }
    const ReflectedFit fit = fitted(1, order);
    EXPECT_NEAR(fit.curvature.value, top / bottom, 1e-12);
    EXPECT_GT(fit.curvature.standard_error, 0.01);
    EXPECT_NEAR(fit.order.value, order, 1e-10);
  }
}

TEST(ReflectedFit, SaysWhenItCannotKnow) {
  const std::vector<double> x{0, 1, 2};
  EXPECT_EQ(reflected_fit(x, std::vector<double>{0, 1, 4}, 0).curvature.status, Status::too_short);
  const std::vector<double> more{0, 1, 2, 3};
  EXPECT_EQ(reflected_fit(more, std::vector<double>{0, -1, -4, -9}, 0).curvature.status,
            Status::undefined);
  EXPECT_THROW((void)reflected_fit(more, x, 0), Error);
}

}  // namespace
}  // namespace thermoscape::analysis
