#include "thermoscape/experiments/shift_curvature/steady_state_study.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

SteadyStateOptions quick() {
  SteadyStateOptions options;
  options.temperatures = {0.3};
  options.paths = 4000;
  options.duration = 2;
  options.time_step = 5e-3;
  options.cells = 2000;
  return options;
}

/// The mean of z² over the averages of a point that paths and quadrature both give.
void expect_paths_agree(const SteadyPoint& point) {
  for (std::size_t k = 0; k < point.exact.probabilities.size(); ++k) {
    const Estimate& paths = point.paths.probabilities[k];
    EXPECT_NEAR(paths.value, point.exact.probabilities[k].value, 4.5 * paths.standard_error + 1e-4);
  }
  for (const auto& [paths, exact] : {std::pair(point.paths.train_loss, point.exact.train_loss),
                                     std::pair(point.paths.test_loss, point.exact.test_loss)}) {
    EXPECT_NEAR(paths.value, exact.value, 4.5 * paths.standard_error);
  }
}

TEST(SteadyStateStudy, a_quadratic_loss_has_its_gaussian) {
  SteadyStateOptions options = quick();
  options.polynomial = {0.2, 0, 1};  // U = 0.2 + θ²: variance T/4, ⟨U⟩ = 0.2 + T/4
  options.low = -5;
  options.high = 5;
  const SteadyGround ground = steady_ground(options, "test");
  const SteadyPoint point = steady_point(ground, options, 0.3, Noise(1));
  EXPECT_NEAR(point.exact.train_loss.value, 0.2 + 0.3 / 4, 1e-10);
  EXPECT_NEAR(point.exact.test_loss.value, 0.2 + 0.3 / 4 + 0.01, 1e-10);
  EXPECT_NEAR(point.mixture.test_loss.value, point.exact.test_loss.value, 1e-10);  // Eq. 4 is exact
  EXPECT_NEAR(point.depth_and_shift.value, 0.2 + 0.01, 1e-12);
  ASSERT_TRUE(point.density.train_loss.ok());
  EXPECT_NEAR(point.density.train_loss.value, point.exact.train_loss.value, 1e-5);
  expect_paths_agree(point);
}

TEST(SteadyStateStudy, figure_4_left_has_the_independent_values) {
  SteadyStateOptions options = quick();
  options.figure = "4L";
  options.temperatures = {0.01};
  const SteadyPoint point = steady_point(steady_ground(options, "test"), options, 0.01, Noise(2));
  EXPECT_NEAR(point.exact.probabilities[0].value, 0.3037, 1e-4);
  EXPECT_NEAR(point.exact.train_loss.value, -0.07738, 1e-5);
  EXPECT_NEAR(point.exact.test_loss.value, -0.06717, 1e-5);
  expect_paths_agree(point);
}

TEST(SteadyStateStudy, varying_noise_is_read_as_ito) {
  // U = (θ² - 1)²/4 + θ/10, D = 0.4 + 0.3 (θ + ½)²: variance 0.5223 at T = 1, Stratonovich 0.670.
  SteadyStateOptions options = quick();
  options.polynomial = {0.25, 0.1, -0.5, 0, 0.25};
  options.noise = {0.475, 0.3, 0.3};
  options.low = -6;
  options.high = 6;
  options.shift = 0;
  const SteadyGround ground = steady_ground(options, "test");
  const SteadyPoint warm = steady_point(ground, options, 1, Noise(3));
  const theory::SteadyState exact(ground.landscape, 1, ground.breaks);
  EXPECT_NEAR(exact.variance().value, 0.5223, 1e-3);
  ASSERT_TRUE(warm.density.train_loss.ok());
  EXPECT_NEAR(warm.density.probabilities[0].value, warm.exact.probabilities[0].value, 1e-4);
  expect_paths_agree(warm);
  // The bias of the deeper basin leans to low noise by (T/2)D'/U''.
  const SteadyPoint cold = steady_point(ground, options, 0.03, Noise(3));
  EXPECT_NEAR(cold.basins.front().bias.value, -0.0021496, 2e-5);
  EXPECT_NEAR(cold.basins.front().linear_bias.value, -0.0021432, 2e-5);
}

TEST(SteadyStateStudy, a_quartic_basin_has_no_gaussian_but_a_weight) {
  SteadyStateOptions options = quick();
  options.polynomial = {1, 2, -1, -4, -1, 2, 1};  // (θ + 1)⁴ (θ - 1)²
  options.low = -3;
  options.high = 2;
  const SteadyGround ground = steady_ground(options, "test");
  const theory::SteadyState state(ground.landscape, 1e-5, ground.breaks);
  const std::vector<OrderedBasin> basins = ordered_basins(ground, state);
  ASSERT_EQ(basins.size(), 2u);
  EXPECT_EQ(basins[0].order, 4);
  EXPECT_NEAR(basins[0].minimum, -1, 1e-4);
  EXPECT_NEAR(basins[0].derivative, 24 * 4, 0.1);
  EXPECT_EQ(basins[1].order, 2);
  EXPECT_NEAR(basins[1].derivative, 2 * 16, 1e-6);
  const std::vector<double> weights =
      theory::even_order_weights({0, 0},
                                 {theory::log_even_order_integral({basins[0].derivative}, 4, 1e-5),
                                  theory::log_even_order_integral({basins[1].derivative}, 2, 1e-5)},
                                 1e-5);
  EXPECT_NEAR(weights[0], state.probability(-3, 0), 2e-3);
  for (const double temperature : {0.01, 0.3}) {
    const SteadyPoint point = steady_point(ground, options, temperature, Noise(5));
    EXPECT_EQ(point.basins.front().variance.status, Status::undefined);
    EXPECT_EQ(point.mixture.test_loss.status, Status::undefined);
    EXPECT_TRUE(point.exact.test_loss.ok());
  }
}

TEST(SteadyStateStudy, escape_of_paths_follows_the_equation) {
  SteadyStateOptions options = quick();
  options.polynomial = {0.25, 0, -0.5, 0, 0.25};
  options.escape_from = 1;
  options.escape_temperature = 0.5;
  options.escape_time = 10;
  const EscapeCurve curve = escape_curve(steady_ground(options, "test"), options, Noise(4));
  EXPECT_NEAR(curve.barrier, 0, 1e-9);
  EXPECT_NEAR(curve.time.back(), 10, 1e-9);
  EXPECT_LT(curve.density.back(), 0.9);
  const Estimate& last = curve.paths.back();
  EXPECT_NEAR(last.value, curve.density.back(), 4 * last.standard_error + 2e-3);
}

TEST(SteadyStateStudy, refuses_a_noise_that_touches_zero_and_losses_that_do_not_go_together) {
  SteadyStateOptions options = quick();
  EXPECT_THROW((void)steady_ground(options, "test"), Error);  // no loss
  options.figure = "4L";
  options.polynomial = {0, 0, 1};
  EXPECT_THROW((void)steady_ground(options, "test"), Error);  // two
  options.figure = "";
  options.noise = {0, 0, 1};
  EXPECT_THROW((void)steady_ground(options, "test"), Error);  // D(0) = 0
  options.noise = {1};
  options.temperatures = {};
  EXPECT_THROW((void)steady_ground(options, "test"), Error);
  for (const double temperature : {1e-12, 1e300}) {
    options.temperatures = {temperature};
    EXPECT_THROW((void)steady_ground(options, "test"), Error);
  }
  options.temperatures = {0.3};
  options.escape_temperature = 0.3;
  options.escape_from = 9;
  EXPECT_THROW((void)steady_ground(options, "test"), Error);
}

TEST(SteadyStateStudy, a_basin_at_an_end_has_a_status) {
  SteadyStateOptions options = quick();
  options.polynomial = {0, 0, -1};
  const SteadyPoint point = steady_point(steady_ground(options, "test"), options, 0.3, Noise(6));
  EXPECT_EQ(point.exact.test_loss.status, Status::out_of_range);
  EXPECT_EQ(point.paths.train_loss.status, Status::out_of_range);
}

}  // namespace
}  // namespace thermoscape
