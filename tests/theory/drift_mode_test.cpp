#include "thermoscape/theory/drift_mode.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

const std::vector<double> kLosses{0.5, 0.1, 0.05, 0.3};
const std::vector<double> kRates{0.8, 1.2, -0.5, 2.0};

TEST(DriftMode, is_the_parabola_of_the_logarithm) {
  const auto log_loss = [](double t) {
    double sum = 0;
    for (std::size_t k = 0; k < kLosses.size(); ++k) sum += kLosses[k] * std::exp(-kRates[k] * t);
    return std::log(sum);
  };
  constexpr double kStep = 1e-3;
  const DriftMode mode = drift_mode(kLosses, kRates);
  EXPECT_NEAR(mode.slope, -(log_loss(kStep) - log_loss(-kStep)) / (2 * kStep), 1e-6);
  EXPECT_NEAR(2 * mode.half_curvature,
              (log_loss(kStep) - 2 * log_loss(0) + log_loss(-kStep)) / (kStep * kStep),
              1e-6);
  // Half the width on either side of the vertex, where the parabola has risen to 1.
  const double vertex = mode.slope / (2 * mode.half_curvature);
  const double t = vertex + mode.width.value / 2;
  EXPECT_NEAR(-mode.slope * t + mode.half_curvature * t * t, 1, 1e-12);
}

TEST(DriftMode, equal_rates_have_no_width) {
  const DriftMode mode = drift_mode({0.1, 0.7, 0.3}, {1.3, 1.3, 1.3});
  EXPECT_NEAR(mode.slope, 1.3, 1e-15);
  EXPECT_EQ(mode.width.status, Status::undefined);
}

TEST(DriftMode, refuses_bad_input) {
  EXPECT_THROW((void)drift_mode({}, {}), Error);
  EXPECT_THROW((void)drift_mode({1.0}, {1.0, 2.0}), Error);
  EXPECT_THROW((void)drift_mode({0.0}, {1.0}), Error);
  EXPECT_THROW((void)drift_mode({1.0}, {INFINITY}), Error);
}

}  // namespace
}  // namespace thermoscape::theory
