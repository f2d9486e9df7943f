#include "thermoscape/analysis/flatness.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

TEST(Flatness, ClosedForms) {
  Flatness f = polynomial_flatness(2);
  EXPECT_NEAR(f.from_curvature.value, 2, 1e-14);
  EXPECT_NEAR(f.width.value, 2, 1e-14);
  f = polynomial_flatness(0.8, -0.5);  // 0.4δ² - 0.5δ = 1: sqrt(0.25 + 1.6)/0.4
  EXPECT_NEAR(f.from_curvature.value, 3.1622776601683795, 1e-13);
  EXPECT_NEAR(f.width.value, 3.4003676271838597, 1e-13);
  f = polynomial_flatness(0, 0, 1.0 / 16);  // δ⁴ = 16
  EXPECT_EQ(f.from_curvature.status, Status::undefined);
  EXPECT_NEAR(f.width.value, 4, 1e-13);
  EXPECT_EQ(polynomial_flatness(0, 1).width.status,
            Status::undefined);  // falls without end to the left
  EXPECT_EQ(polynomial_flatness(-1).width.status, Status::undefined);
  EXPECT_NEAR(polynomial_flatness(1e14).width.value, std::sqrt(8e-14), 1e-20);
}

TEST(Flatness, EndsLieOnTheLevel) {
  for (const double curvature : {0.3, 2.0, 50.0}) {
    for (const double slope : {0.0, 0.4, -1.5}) {
      for (const double quartic : {0.0, 0.02, 3.0}) {
        const auto rise = [&](double d) {
          return slope * d + 0.5 * curvature * d * d + quartic * d * d * d * d;
        };
        // A convex profile crosses 1 once on each side: bisection as the other algorithm.
        const auto end = [&](double sign) {
          double low = 0, high = 100;
          for (int i = 0; i < 200; ++i) {
            const double m = 0.5 * (low + high);
            (rise(sign * m) < 1 ? low : high) = m;
          }
          return low;
        };
        EXPECT_NEAR(polynomial_flatness(curvature, slope, quartic).width.value / (end(1) + end(-1)),
                    1,
                    1e-12);
      }
    }
  }
}

TEST(Flatness, SampledProfileAgreesWithThePolynomial) {
  std::vector<double> delta, loss;
  for (int i = -400; i <= 400; ++i) {
    delta.push_back(0.01 * i);
    loss.push_back(1e-9 * std::exp(0.4 * delta.back() * delta.back() - 0.5 * delta.back()));
  }
  const Flatness f = profile_flatness(delta, loss);
  EXPECT_NEAR(f.from_curvature.value, 3.1622776601683795, 1e-10);
  EXPECT_NEAR(f.width.value, 3.4003676271838597, 2e-4);  // linear interpolation over 0.01
  const Flatness narrow =
      profile_flatness(std::span(delta).subspan(380, 41), std::span(loss).subspan(380, 41));
  EXPECT_EQ(narrow.width.status, Status::undefined);
  EXPECT_NEAR(narrow.from_curvature.value, 3.1622776601683795, 1e-7);
  EXPECT_THROW((void)profile_flatness(std::span(delta).first(10), std::span(loss).first(10)),
               Error);
  loss[3] = 0;
  EXPECT_THROW((void)profile_flatness(delta, loss), Error);
}

TEST(Flatness, ReflectedCurvature) {
  const std::vector<double> x = {0.0, 0.1, 0.2, 0.3, 0.4}, u = {0.05, 0.06, 0.1, 0.16, 0.26};
  EXPECT_NEAR(reflected_curvature(x, u, 0.05).value, 2.5762711864406787, 1e-13);
  EXPECT_EQ(reflected_curvature(std::vector<double>{0, 0}, std::vector<double>{1, 1}, 1).status,
            Status::undefined);
}

}  // namespace
}  // namespace thermoscape::analysis
