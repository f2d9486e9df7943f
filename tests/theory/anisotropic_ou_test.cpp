#include "thermoscape/theory/anisotropic_ou.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

using Eigen::MatrixXd;

/// A positive definite matrix of the given size, the same for the same seed.
MatrixXd definite(int size, double seed) {
  MatrixXd a(size, size);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) a(i, j) = std::sin(seed + 1.7 * i * i + 2.3 * j + i * j);
  }
  return a * a.transpose() + 0.1 * MatrixXd::Identity(size, size);
}

/// The steps of size dt themselves: Σ' = (1 - C dt) Σ (1 - C dt)ᵀ + T D dt, by doubling, with the
/// first order of dt taken out.
MatrixXd iterated(const MatrixXd& c, const MatrixXd& d, double temperature, double dt) {
  MatrixXd power = MatrixXd::Identity(c.rows(), c.rows()) - dt * c;
  MatrixXd sum = temperature * dt * d;
  for (int m = 0; m < 40; ++m) {
    sum += power * sum * power.transpose();
    power *= power;
  }
  return sum;
}

TEST(AnisotropicOu, covariance_is_that_of_the_dynamics) {
  for (const int size : {1, 2, 5, 12}) {
    const MatrixXd c = definite(size, 0.3);
    const MatrixXd d = definite(size, 1.9);
    const double temperature = 0.1;
    const MatrixXd s = anisotropic_covariance(c, d, temperature);
    EXPECT_LT((c * s + s * c - temperature * d).norm(), 1e-13 * d.norm());
    EXPECT_LT((s - s.transpose()).norm(), 1e-14);
    const double dt = 1e-4 / c.norm();
    const MatrixXd extrapolated =
        2 * iterated(c, d, temperature, dt / 2) - iterated(c, d, temperature, dt);
    EXPECT_LT((s - extrapolated).norm(), 1e-7 * s.norm()) << size;
  }
}

TEST(AnisotropicOu, potential_exists_where_noise_and_curvature_commute) {
  const MatrixXd c = definite(4, 0.3);
  const MatrixXd d = c * c + 2 * c;
  EXPECT_LT(force_curl(c, d).norm(), 1e-12);
  const MatrixXd gibbs = 0.05 * c.inverse() * d;
  EXPECT_LT((anisotropic_covariance(c, d, 0.1) - gibbs).norm(), 1e-12 * gibbs.norm());
  const MatrixXd other = definite(4, 1.9);
  const MatrixXd curl = force_curl(c, other);
  EXPECT_GT(curl.norm(), 0.1);
  EXPECT_LT((curl + curl.transpose()).norm(), 1e-15);
  EXPECT_GT((anisotropic_covariance(c, other, 0.1) - 0.05 * c.inverse() * other).norm(), 1e-3);
}

TEST(AnisotropicOu, null_direction_is_the_fixed_point_of_its_steps) {
  for (const double rate : {1e-4, 0.01, 1.0, 6.0}) {
    const double temperature = 0.005;
    const double alpha = 0.3;
    const double beta = 0.2;
    double variance = rate * temperature * beta * beta;
    double power = (1 - rate * alpha) * (1 - rate * alpha);
    for (int m = 0; m < 60; ++m) {
      variance += variance * power;
      power *= power;
    }
    const NullDirection s = null_direction(temperature, alpha, beta, rate);
    EXPECT_NEAR(s.discrete_variance.value, variance, 1e-10 * variance);
    EXPECT_NEAR(s.variance, 1.0 / 3000, 1e-16);
  }
  EXPECT_EQ(null_direction(1, 2, 1, 1).discrete_variance.status, Status::undefined);
}

TEST(AnisotropicOu, refuses_bad_input) {
  const MatrixXd one = MatrixXd::Identity(2, 2);
  EXPECT_THROW((void)anisotropic_covariance(-one, one, 1), Error);
  EXPECT_THROW((void)anisotropic_covariance(one, -one, 1), Error);
  EXPECT_THROW((void)anisotropic_covariance(one, MatrixXd::Identity(3, 3), 1), Error);
  EXPECT_THROW((void)anisotropic_covariance(MatrixXd{{1, 0.5}, {0, 1}}, one, 1), Error);
  EXPECT_THROW((void)force_curl(one, MatrixXd::Zero(2, 2)), Error);
  EXPECT_THROW((void)null_direction(1, 0, 1, 1), Error);
}

}  // namespace
}  // namespace thermoscape::theory
