#include "thermoscape/theory/quadratic.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/exp_sinh.hpp>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

const std::vector<std::vector<double>> kSpectra{
    {1.0}, {0.3, 0.3, 0.3}, {0.5, 1.0, 2.0, 5.0}, {1e-3, 0.1, 7.0}, {2, 3, 5, 7, 11, 13, 0.01}};

TEST(QuadraticTheory, density_has_the_stated_moments) {
  boost::math::quadrature::exp_sinh<double> quadrature;
  for (const double stiff : {2.0, 5.0, 40.0, 883.0}) {
    for (const double temperature : {1e-7, 0.3}) {
      const QuadraticLoss s = quadratic_loss(stiff, temperature);
      const auto moment = [&](int n) {
        // In units of the mean, so that the integrand is of order one near one.
        return quadrature.integrate(
            [&](double x) {
              return std::pow(x - 1, n) * quadratic_loss_density(stiff, temperature, s.mean * x) *
                     s.mean;
            },
            1e-12);
      };
      EXPECT_NEAR(moment(0), 1, 1e-9);
      EXPECT_NEAR(moment(1), 0, 1e-9);
      EXPECT_NEAR(moment(2), s.variance / (s.mean * s.mean), 1e-9);
      EXPECT_NEAR(s.standard_deviation, std::sqrt(s.variance), 1e-15 * s.mean);
      EXPECT_DOUBLE_EQ(s.variance, temperature * temperature * s.heat_capacity);
      EXPECT_NEAR(s.shape / s.rate, s.mean, 1e-15 * s.mean);
    }
  }
  EXPECT_EQ(quadratic_loss_density(3, 1, -1), 0);
}

/// Second moments of the scheme itself, iterated until they stand still; fourth moments of a
/// Gaussian follow.
TEST(QuadraticTheory, discrete_moments_are_those_of_the_scheme) {
  for (const auto& stiffness : kSpectra) {
    for (const double share : {0.01, 0.5, 0.97}) {  // of the stability limit of the stiffest mode
      const double stiffest = *std::max_element(stiffness.begin(), stiffness.end());
      const double eta = 2 * share / stiffest;
      const double temperature = 0.02;
      double mean = 0;
      double variance = 0;
      for (const double k : stiffness) {
        const double decay = (1 - eta * k) * (1 - eta * k);
        // Doubling: after 2^m steps v -> v (1 + d^{2^m}).
        double v = 2 * eta * temperature;
        double power = decay;
        for (int m = 0; m < 60; ++m) {
          v += v * power;
          power *= power;
        }
        EXPECT_NEAR(euler_maruyama_variance(k, eta, temperature).value, v, 1e-10 * v);
        mean += 0.5 * k * v;
        variance += 0.5 * k * k * v * v;
      }
      const EulerMaruyamaLoss s = euler_maruyama_loss(stiffness, eta, temperature);
      EXPECT_EQ(s.mean.status, Status::ok);
      EXPECT_NEAR(s.mean.value, mean, 1e-10 * mean);
      EXPECT_NEAR(s.variance.value, variance, 1e-10 * variance);
      EXPECT_NEAR(s.shape.value, mean * mean / variance, 1e-9 * s.shape.value);
      EXPECT_NEAR(s.rate_times_temperature.value,
                  temperature * mean / variance,
                  1e-9 * s.rate_times_temperature.value);
    }
  }
}

TEST(QuadraticTheory, discrete_tends_to_continuous_at_first_order) {
  for (const auto& stiffness : kSpectra) {
    const auto error = [&](double eta) {
      const double exact = quadratic_loss(static_cast<double>(stiffness.size()), 1.0).mean;
      return euler_maruyama_loss(stiffness, eta, 1.0).mean.value / exact - 1;
    };
    EXPECT_NEAR(error(2e-6) / error(1e-6), 2, 1e-4);
    EXPECT_GT(error(1e-6), 0);
    const double half = quadratic_half_time(stiffness);
    EXPECT_NEAR(euler_maruyama_half_time(stiffness, half / 1e6).value, half, 1e-4 * half);
    EXPECT_NEAR(euler_maruyama_correlation(stiffness, half / 1e5, half).value, 0.5, 1e-4);
  }
}

TEST(QuadraticTheory, unstable_steps_have_no_moments) {
  const EulerMaruyamaLoss s = euler_maruyama_loss({1.0, 4.0}, 0.5, 1.0);
  EXPECT_EQ(s.mean.status, Status::undefined);
  EXPECT_EQ(s.rate_times_temperature.status, Status::undefined);
  EXPECT_EQ(euler_maruyama_correlation({4.0}, 0.5, 1).status, Status::undefined);
  EXPECT_EQ(euler_maruyama_half_time({4.0}, 0.6).status, Status::undefined);
  EXPECT_EQ(euler_maruyama_variance(4.0, 0.4999, 1).status, Status::ok);
}

TEST(QuadraticTheory, half_time_solves_its_equation) {
  for (const auto& stiffness : kSpectra) {
    EXPECT_NEAR(quadratic_correlation(stiffness, quadratic_half_time(stiffness)), 0.5, 1e-12);
    EXPECT_DOUBLE_EQ(quadratic_correlation(stiffness, 0), 1);
    EXPECT_DOUBLE_EQ(quadratic_correlation(stiffness, -0.7), quadratic_correlation(stiffness, 0.7));
  }
  EXPECT_NEAR(quadratic_half_time({3.0}), std::log(2.0) / 6, 1e-16);
  EXPECT_NEAR(quadratic_half_time({3.0, 3.0}), std::log(2.0) / 6, 1e-15);
}

TEST(QuadraticTheory, discrete_half_time_interpolates_between_lags) {
  // One mode with decay d² = 0.64 a step: χ = 1, 0.64, 0.4096 at lags 0, 1, 2.
  const double expected = 1 + (0.64 - 0.5) / (0.64 - 0.4096);
  EXPECT_NEAR(euler_maruyama_half_time({0.2}, 1.0).value, expected, 1e-14);
  // A step that forgets at once crosses ½ half-way to the first lag.
  EXPECT_NEAR(euler_maruyama_half_time({1.0}, 1.0).value, 0.5, 1e-14);
}

/// S = ∂(T ln Z)/∂T, the definition of entropy, by central differences of the Gaussian integral.
TEST(QuadraticTheory, entropy_is_the_derivative_of_the_free_energy) {
  for (const auto& stiffness : kSpectra) {
    const double resolution = 0.2;
    const auto free_energy = [&](double temperature) {
      double log_partition = 0;
      for (const double k : stiffness) {
        log_partition +=
            0.5 * std::log(2 * boost::math::constants::pi<double>() * temperature / k) -
            std::log(resolution);
      }
      return temperature * log_partition;
    };
    const double t = 0.03;
    const double h = 1e-5 * t;
    const double slope = (free_energy(t + h) - free_energy(t - h)) / (2 * h);
    EXPECT_NEAR(quadratic_entropy(stiffness, t, resolution), slope, 1e-7 * (1 + std::abs(slope)));
  }
}

TEST(QuadraticTheory, power_law_deviation_is_the_fluctuation_relation) {
  const double a = 0.3;
  const double alpha = 0.9;
  const double t = 2e-4;
  const double h = 1e-5 * t;
  const double slope = a * (std::pow(t + h, alpha) - std::pow(t - h, alpha)) / (2 * h);
  EXPECT_NEAR(power_law_deviation(a, alpha, t), std::sqrt(t * t * slope), 1e-9 * t);
  // α = 1 is the quadratic: σ = √(N_c/2) T.
  EXPECT_NEAR(power_law_deviation(20, 1, 1e-3), quadratic_loss(40, 1e-3).standard_deviation, 1e-17);
  EXPECT_DOUBLE_EQ(free_diffusion_square(883, 1e-5, 30), 0.5298);
}

TEST(QuadraticTheory, refuses_what_is_out_of_range) {
  EXPECT_THROW((void)quadratic_loss(4, 0), Error);
  EXPECT_THROW((void)quadratic_loss(-1, 1), Error);
  EXPECT_THROW((void)quadratic_correlation({}, 1), Error);
  EXPECT_THROW((void)quadratic_half_time({1, -2}), Error);
  EXPECT_THROW((void)euler_maruyama_loss({1}, std::nan(""), 1), Error);
  try {
    (void)quadratic_entropy({1}, -1, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "temperature = -1: must be > 0");
  }
}

}  // namespace
}  // namespace thermoscape::theory
