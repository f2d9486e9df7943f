#include "thermoscape/theory/zero_curl_noise.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>
#include <Eigen/Dense>
#include <boost/math/quadrature/exp_sinh.hpp>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// U = x² + xy/2 + 2y² + z² + 0.2xz + x⁴/4 + x²y² + y²z²/3, coupled in three dimensions.
VectorXd gradient(const VectorXd& p) {
  const double x = p[0];
  const double y = p[1];
  const double z = p[2];
  return VectorXd{{2 * x + y / 2 + 0.2 * z + x * x * x + 2 * x * y * y,
                   x / 2 + 4 * y + 2 * x * x * y + 2 * y * z * z / 3,
                   2 * z + 0.2 * x + 2 * y * y * z / 3}};
}

MatrixXd hessian(const VectorXd& p) {
  const double x = p[0];
  const double y = p[1];
  const double z = p[2];
  return MatrixXd{{2 + 3 * x * x + 2 * y * y, 0.5 + 4 * x * y, 0.2},
                  {0.5 + 4 * x * y, 4 + 2 * x * x + 2 * z * z / 3, 4 * y * z / 3},
                  {0.2, 4 * y * z / 3, 2 + 2 * y * y / 3}};
}

/// Central difference of a matrix function along coordinate i; exact to 1e-9 here.
MatrixXd difference(const std::function<MatrixXd(const VectorXd&)>& f, const VectorXd& p, int i) {
  const double h = 1e-5;
  const VectorXd step = h * VectorXd::Unit(p.size(), i);
  return (f(p + step) - f(p - step)) / (2 * h);
}

InverseHessianPotential at(const VectorXd& p, double temperature) {
  // Polynomial of degree two: the central difference of the Hessian is exact up to rounding.
  std::vector<MatrixXd> slopes;
  for (int i = 0; i < 3; ++i) {
    const MatrixXd slope = difference(hessian, p, i);
    slopes.push_back((slope + slope.transpose()) / 2);
  }
  return inverse_hessian_potential(gradient(p), hessian(p), slopes, temperature);
}

TEST(ZeroCurlNoise, inverse_hessian_force_is_the_gradient_of_its_potential) {
  const auto noise = [](const VectorXd& p) -> MatrixXd { return hessian(p).inverse(); };
  for (const double temperature : {1e-3, 0.1, 2.0}) {
    for (const VectorXd& p : {VectorXd{{0.3, -0.2, 0.5}}, VectorXd{{-0.6, 0.1, 0.2}}}) {
      const InverseHessianPotential s = at(p, temperature);
      VectorXd divergence = VectorXd::Zero(3);
      for (int j = 0; j < 3; ++j) divergence += difference(noise, p, j).col(j);
      const VectorXd force = hessian(p) * (gradient(p) + temperature / 2 * divergence);
      EXPECT_LT((s.gradient - force).norm(), 1e-7);
      for (int i = 0; i < 3; ++i) {
        const VectorXd step = 1e-5 * VectorXd::Unit(3, i);
        EXPECT_NEAR(s.gradient[i],
                    (at(p + step, temperature).value - at(p - step, temperature).value) / 2e-5,
                    1e-7);
      }
    }
  }
}

TEST(ZeroCurlNoise, separable_force_is_the_gradient_of_its_potential) {
  // U_i = 1 + i + x_i² + x_i⁴,  f = u + u³/3,  D_ii = 1/f'(U_i).
  const double temperature = 0.4;
  const auto loss = [](const VectorXd& p, int i) {
    return 1 + i + p[i] * p[i] + std::pow(p[i], 4);
  };
  const auto v = [&](const VectorXd& p) {
    std::vector<double> values;
    std::vector<double> slopes;
    for (int i = 0; i < 2; ++i) {
      const double u = loss(p, i);
      values.push_back(u + u * u * u / 3);
      slopes.push_back(1 + u * u);
    }
    return separable_potential(values, slopes, temperature);
  };
  const VectorXd p{{0.4, -0.7}};
  const double h = 1e-5;
  for (int i = 0; i < 2; ++i) {
    const VectorXd step = h * VectorXd::Unit(2, i);
    const auto noise = [&](const VectorXd& q) { return 1 / (1 + loss(q, i) * loss(q, i)); };
    const double slope = (loss(p + step, i) - loss(p - step, i)) / (2 * h);
    const double noise_slope = (noise(p + step) - noise(p - step)) / (2 * h);
    EXPECT_NEAR((v(p + step) - v(p - step)) / (2 * h),
                (slope + temperature / 2 * noise_slope) / noise(p),
                1e-6);
  }
}

TEST(ZeroCurlNoise, power_law_variance_agrees_with_quadrature) {
  boost::math::quadrature::exp_sinh<double> quadrature;
  for (const double stiffness : {0.3, 7.0}) {
    for (const double temperature : {0.01, 0.5, 2.0}) {
      const double n = 1 + 2 / temperature;
      const auto moment = [&](int power) {
        return quadrature.integrate(
            [&](double x) {
              return std::exp(power * std::log(x) - n * std::log1p(stiffness * x * x / 2));
            },
            1e-13);
      };
      const Value variance = power_law_variance(stiffness, temperature);
      EXPECT_EQ(variance.status, Status::ok);
      EXPECT_NEAR(variance.value, moment(2) / moment(0), 1e-8 * variance.value);
    }
  }
  EXPECT_EQ(power_law_variance(1, 4).status, Status::undefined);
  EXPECT_EQ(power_law_variance(1, 40).status, Status::undefined);
  EXPECT_EQ(power_law_variance(1, 3.999).status, Status::ok);
}

TEST(ZeroCurlNoise, refuses_bad_input) {
  const MatrixXd one = MatrixXd::Identity(2, 2);
  const VectorXd zero = VectorXd::Zero(2);
  EXPECT_THROW((void)power_law_variance(-1, 1), Error);
  EXPECT_THROW((void)separable_potential({1}, {0}, 1), Error);
  EXPECT_THROW((void)separable_potential({1}, {1, 1}, 1), Error);
  EXPECT_THROW((void)inverse_hessian_potential(zero, -one, {one, one}, 1), Error);
  EXPECT_THROW((void)inverse_hessian_potential(zero, one, {one}, 1), Error);
  EXPECT_THROW((void)inverse_hessian_potential(zero, one, {one, one}, 0), Error);
}

}  // namespace
}  // namespace thermoscape::theory
