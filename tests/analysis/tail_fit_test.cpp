#include "thermoscape/analysis/tail_fit.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

std::vector<double> lags() {
  std::vector<double> t;
  for (int i = 0; i <= 60; ++i) t.push_back(0.02 * std::pow(10.0, i / 40.0));
  return t;
}

template <class F>
std::vector<double> over(const std::vector<double>& t, F&& f) {
  std::vector<double> y;
  for (const double x : t) y.push_back(f(x));
  return y;
}

TEST(TailFit, RecoversALogarithm) {
  const auto t = lags();
  const TailFit fit = tail_fit(t, over(t, [](double x) { return 0.4 - 0.1 * std::log(x); }));
  EXPECT_EQ(fit.status, Status::ok);
  EXPECT_NEAR(fit.intercept, 0.4, 1e-12);
  EXPECT_NEAR(fit.slope, 0.1, 1e-12);
  EXPECT_NEAR(fit.logarithm_r_squared, 1, 1e-12);
  EXPECT_LT(fit.exponential_r_squared, 0.99);
}

TEST(TailFit, RecoversAnExponential) {
  const auto t = lags();
  for (const double tau : {0.01, 0.05, 0.5, 5.0}) {
    const TailFit fit = tail_fit(t, over(t, [tau](double x) { return 0.7 * std::exp(-x / tau); }));
    EXPECT_NEAR(fit.time, tau, 1e-5 * tau);  // the least of a parabola is known to √ε
    EXPECT_NEAR(fit.amplitude, 0.7, 1e-4);
    EXPECT_NEAR(fit.exponential_r_squared, 1, 1e-9);
    EXPECT_LT(fit.logarithm_r_squared, 0.999);
  }
}

TEST(TailFit, NoDecayHasAnInfiniteTime) {
  const auto t = lags();
  const TailFit fit = tail_fit(t, over(t, [](double x) { return 0.5 + 0.1 * x; }));
  EXPECT_TRUE(std::isinf(fit.time));
}

TEST(TailFit, SaysWhatCannotBeFitted) {
  const std::vector<double> four{1, 2, 3, 4};
  EXPECT_EQ(tail_fit(four, four).status, Status::too_short);
  const auto t = lags();
  EXPECT_EQ(tail_fit(t, std::vector<double>(t.size(), 0.3)).status, Status::undefined);
  EXPECT_THROW((void)tail_fit(t, four), Error);
  EXPECT_THROW((void)tail_fit(std::vector<double>{0, 1, 2, 3, 4}, std::vector<double>(5, 1.0)),
               Error);
}

}  // namespace
}  // namespace thermoscape::analysis
