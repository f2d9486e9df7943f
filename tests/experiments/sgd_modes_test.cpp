#include "thermoscape/experiments/limiting_dynamics/sgd_modes.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/experiments/limiting_dynamics/regression_modes.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/theory/regression_moments.hpp"

namespace thermoscape {
namespace {

/// At the minimum of least squares, against the moments that theory computes in another way.
TEST(SgdModes, are_the_moments_of_least_squares) {
  const std::int64_t n = 60;
  const std::int64_t d = 4;
  RegressionData data{n, d, 1, {}, {}, {}};
  data.x.resize(static_cast<std::size_t>(n * d));
  data.y.resize(static_cast<std::size_t>(n));
  Noise(3).normal<double>("test.x", 0, data.x);
  Noise(3).normal<double>("test.y", 0, data.y);
  const Matrix x =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          data.x.data(), n, d);
  const Vector y = Eigen::Map<const Vector>(data.y.data(), n);
  const theory::RegressionMoments moments = theory::regression_moments(x, y, 0);
  LinearRegression<double> objective({}, data);
  const std::vector<double> theta(moments.minimum.begin(), moments.minimum.end());
  const SgdModes modes = sgd_modes(objective, theta);
  double trace = 0;
  for (Eigen::Index i = 0; i < d; ++i) {
    EXPECT_NEAR(modes.curvature[static_cast<std::size_t>(i)], moments.eigenvalues(i), 1e-13);
    trace += modes.gradient_variance[static_cast<std::size_t>(i)];
  }
  EXPECT_NEAR(modes.trace, moments.gradient_noise.trace(), 1e-13);
  EXPECT_NEAR(trace, modes.trace, 1e-13);
  EXPECT_EQ(modes.negative, 0);
  const std::vector<double> relaxing = relaxing_curvature(modes, 0.5);
  EXPECT_NEAR(relaxing.front(), moments.eigenvalues(0) + 0.5, 1e-13);
}

InParallel in_turn() {
  return [](std::size_t count, const std::function<void(std::size_t)>& work) {
    for (std::size_t i = 0; i < count; ++i) work(i);
  };
}

/// The pipeline that recipes run, small: every mode within its error, and the exact parts exact.
TEST(RegressionModes, simulation_meets_the_exact_theory) {
  const RegressionModesOptions options{.modes = 3,
                                       .examples = 64,
                                       .batch_size = 64,
                                       .largest_rate = 0.3,
                                       .smallest_rate = 0.03,
                                       .momentum = {0, 0.8},
                                       .weight_decay = {0, 1},
                                       .replicas = 24,
                                       .length = 40};
  const auto settings = regression_modes(options, Noise(4), in_turn());
  ASSERT_EQ(settings.size(), 4U);
  double squares = 0;
  int count = 0;
  for (const RegressionSetting& one : settings) {
    for (const ModeComparison& mode : one.modes) {
      EXPECT_NEAR(mode.continuum * mode.discrete_factor, 1, 1e-9);
      EXPECT_LT(mode.additive, 1);
      for (const Estimate& ratio : {mode.position, mode.velocity}) {
        const double z = (ratio.value - 1) / ratio.standard_error;
        EXPECT_LT(std::abs(z), 4.5) << one.momentum << " " << mode.rate;
        squares += z * z;
        ++count;
      }
    }
    EXPECT_NEAR(one.modes.back().rate, 0.3, 1e-12);
  }
  EXPECT_NEAR(squares / count, 1, 0.9);  // χ²/24, three deviations
}

TEST(RegressionModes, steps_beyond_the_limit_are_refused_and_diverge) {
  const RegressionModesOptions options{
      .modes = 2, .examples = 20, .smallest_rate = 0.1, .momentum = {0, 0.9}};
  for (const StabilityCheck& one : stability_checks(options, Noise(4))) {
    EXPECT_EQ(one.within, Status::ok);
    EXPECT_EQ(one.beyond, Status::diverged);
    EXPECT_NE(one.refusal.find("must be < 2(1+β)/h"), std::string::npos);
  }
}

}  // namespace
}  // namespace thermoscape
