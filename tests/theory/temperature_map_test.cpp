#include "thermoscape/theory/temperature_map.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/Core>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/quadratic.hpp"

namespace thermoscape::theory {
namespace {

/// Stationary covariance of (θ, v) of v' = βv + (-hθ + noise), θ' = θ + ηv', by doubling of P ->
/// MPMᵀ + Q.
Eigen::Matrix2d stationary(const SgdNoise& in) {
  const double eta = in.learning_rate;
  Eigen::Matrix2d step;
  step << 1 - eta * in.curvature, eta * in.momentum, -in.curvature, in.momentum;
  const Eigen::Vector2d kick(eta, 1);
  Eigen::Matrix2d covariance = in.gradient_variance / in.batch_size * kick * kick.transpose();
  for (int i = 0; i < 60; ++i) {
    covariance += step * covariance * step.transpose();
    step = step * step;
  }
  return covariance;
}

TEST(TemperatureMap, discrete_variances_are_those_of_the_recursion) {
  for (const double beta : {0.0, 0.5, 0.9, 0.99}) {
    for (const double rate : {1e-3, 0.1, 0.5}) {
      for (const double curvature : {0.05, 1.0, 3.0}) {
        const SgdNoise in{rate, beta, 32, 1.7, curvature};
        const TemperatureMap map = temperature_map(in);
        const Eigen::Matrix2d exact = stationary(in);
        ASSERT_EQ(map.discrete_variance.status, Status::ok);
        EXPECT_NEAR(map.discrete_variance.value, exact(0, 0), 1e-9 * exact(0, 0));
        EXPECT_NEAR(map.discrete_velocity_variance.value, exact(1, 1), 1e-9 * exact(1, 1));
        EXPECT_NEAR(
            map.step_square.value, rate * rate * exact(1, 1), 1e-9 * rate * rate * exact(1, 1));
        EXPECT_NEAR(map.discrete_variance.value,
                    map.discrete_factor.value * map.continuum_variance,
                    1e-12 * exact(0, 0));
      }
    }
  }
}

TEST(TemperatureMap, four_notations_are_one_temperature) {
  const SgdNoise in{0.05, 0.8, 64, 2.5, 1.2};
  const TemperatureMap map = temperature_map(in);
  EXPECT_NEAR(map.active_temperature, map.probe_temperature, 1e-16);
  EXPECT_NEAR(map.noise_scale * in.gradient_variance / 2, map.probe_temperature, 1e-16);
  // limiting-dynamics: var θ = ηΣ/(2S(1-β)h) and var v = Σ/κ.
  EXPECT_NEAR(map.continuum_variance, 0.05 * 2.5 / (2 * 64 * 0.2 * 1.2), 1e-15);
  EXPECT_NEAR(map.inverse_kappa, 1 / (64 * (1 - 0.64)), 1e-15);
}

TEST(TemperatureMap, without_momentum_it_is_the_euler_maruyama_factor) {
  const SgdNoise in{0.2, 0, 10, 3, 2.4};
  const TemperatureMap map = temperature_map(in);
  const Value probe =
      euler_maruyama_variance(in.curvature, in.learning_rate, map.probe_temperature);
  EXPECT_NEAR(map.discrete_variance.value, probe.value, 1e-15);
}

TEST(TemperatureMap, ends_at_the_limit_of_stability) {
  EXPECT_EQ(temperature_map({1, 0.5, 1, 1, 2.9999}).discrete_factor.status, Status::ok);
  EXPECT_EQ(temperature_map({1, 0.5, 1, 1, 3}).discrete_factor.status, Status::undefined);
  EXPECT_EQ(temperature_map({1, 0.5, 1, 1, 3}).step_square.status, Status::undefined);
}

TEST(TemperatureMap, refuses_what_is_out_of_range) {
  EXPECT_THROW((void)temperature_map({0.1, 1, 50, 1, 1}), Error);
  EXPECT_THROW((void)temperature_map({0.1, -0.1, 50, 1, 1}), Error);
  try {
    (void)temperature_map({0.1, 0, 0, 1, 1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "temperature-map.batch_size = 0: must be > 0 1");
  }
}

}  // namespace
}  // namespace thermoscape::theory
