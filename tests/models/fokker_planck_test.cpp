#include "thermoscape/models/fokker_planck.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

theory::Landscape quadratic(double stiffness) {
  return theory::constant_noise([=](double x) { return stiffness * x * x / 2; },
                                [=](double x) { return stiffness * x; },
                                [=](double) { return stiffness; });
}

/// U = (θ² - 1)²/4 + θ/10, D = 0.4 + 0.3 (θ + ½)²: two basins, noise that varies.
theory::Landscape double_well() {
  theory::Landscape landscape;
  landscape.loss = [](double x) { return std::pow(x * x - 1, 2) / 4 + 0.1 * x; };
  landscape.slope = [](double x) { return x * (x * x - 1) + 0.1; };
  landscape.curvature = [](double x) { return 3 * x * x - 1; };
  landscape.noise = [](double x) { return 0.4 + 0.3 * (x + 0.5) * (x + 0.5); };
  landscape.noise_slope = [](double x) { return 0.6 * (x + 0.5); };
  landscape.noise_curvature = [](double) { return 0.6; };
  return landscape;
}

double gaussian(double x, double mean, double variance) {
  return std::exp(-(x - mean) * (x - mean) / (2 * variance));
}

/// Largest distance to the Ornstein-Uhlenbeck density at t = 0.5, over its top.
double ou_error(std::int64_t cells, std::int64_t steps) {
  const double k = 2;
  const double temperature = 0.3;
  FokkerPlanck fp(quadratic(k),
                  {temperature, -4, 4, cells, 0.5 / static_cast<double>(steps)},
                  [](double x) { return gaussian(x, 1, 0.04); });
  fp.advance(steps);
  const double mean = std::exp(-k * 0.5);
  const double steady = temperature / (2 * k);
  const double variance = steady + (0.04 - steady) * std::exp(-2 * k * 0.5);
  const double top = 1 / std::sqrt(2 * M_PI * variance);
  double worst = 0;
  for (std::size_t i = 0; i < fp.density().size(); ++i) {
    worst = std::max(
        worst, std::abs(fp.density()[i] - top * gaussian(fp.centre(i), mean, variance)) / top);
  }
  return worst;
}

TEST(FokkerPlanck, is_of_second_order_in_space_and_time) {
  const double coarse = ou_error(400, 4000);
  const double fine = ou_error(800, 4000);
  EXPECT_NEAR(std::log2(coarse / fine), 2, 0.1);
  EXPECT_NEAR(std::log2(fine / ou_error(1600, 4000)), 2, 0.1);
  const double long_steps = ou_error(16000, 10);
  const double short_steps = ou_error(16000, 20);
  EXPECT_NEAR(std::log2(long_steps / short_steps), 2, 0.25);
}

TEST(FokkerPlanck, ends_in_the_steady_state) {
  const theory::Landscape landscape = double_well();
  const double temperature = 1;
  const theory::SteadyState exact(landscape, temperature, {-4, -1, 0, 1, 4});
  for (const double start : {-1.0, 1.0}) {
    FokkerPlanck fp(landscape, {temperature, -4, 4, 4000, 0.05}, [&](double x) {
      return gaussian(x, start, 0.01);
    });
    fp.advance(4000);
    EXPECT_LT(fp.rate_of_change(), 1e-9);
    EXPECT_NEAR(fp.probability(-4, 0), exact.probability(-4, 0), 2e-6);
    EXPECT_NEAR(fp.average([](double x) { return x; }), exact.mean().value, 1e-5);
    EXPECT_NEAR(fp.average([](double x) { return x * x; }),
                exact.variance().value + std::pow(exact.mean().value, 2),
                1e-5);
  }
}

TEST(FokkerPlanck, conserves_probability_and_stays_positive) {
  FokkerPlanck fp(
      double_well(), {0.05, -3, 3, 600, 0.01}, [](double x) { return gaussian(x, 0.4, 0.02); });
  for (int look = 0; look < 20; ++look) {
    fp.advance(50);
    EXPECT_NEAR(fp.probability(-3, 3), 1, 1e-12);
    for (const double density : fp.density()) EXPECT_GE(density, -1e-12);
  }
  EXPECT_NEAR(fp.time(), 10, 1e-12);
}

TEST(FokkerPlanck, a_coarse_steep_cell_is_fitted_exponentially) {
  // U' h/T = 40 on most faces: a central difference would oscillate.
  FokkerPlanck fp(quadratic(50), {0.01, -2, 2, 41, 0.1}, [](double) { return 1.0; });
  fp.advance(400);
  EXPECT_NEAR(fp.density()[20] * fp.width(), 1, 1e-6);  // all of it in the middle cell
}

TEST(FokkerPlanck, refuses_what_has_no_density) {
  const auto flat = [](double) { return 1.0; };
  EXPECT_THROW(FokkerPlanck(quadratic(1), {0, -1, 1, 10, 0.1}, flat), Error);
  EXPECT_THROW(FokkerPlanck(quadratic(1), {1, 1, -1, 10, 0.1}, flat), Error);
  EXPECT_THROW(FokkerPlanck(quadratic(1), {1, -1, 1, 1, 0.1}, flat), Error);
  EXPECT_THROW(FokkerPlanck(quadratic(1), {1, -1, 1, 10, 0}, flat), Error);
  EXPECT_THROW(FokkerPlanck(quadratic(1), {1, -1, 1, 10, 0.1}, [](double) { return 0.0; }), Error);
  theory::Landscape touching = quadratic(1);
  touching.drift_integral = {};
  touching.noise = [](double x) { return std::abs(x) < 0.2 ? 0.0 : 1.0; };
  EXPECT_THROW(FokkerPlanck(touching, {1, -1, 1, 10, 0.1}, flat), Error);
}

}  // namespace
}  // namespace thermoscape
