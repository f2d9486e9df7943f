#include "thermoscape/experiments/limiting_dynamics/noise_commutator.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/linear_regression.hpp"

namespace thermoscape {
namespace {

constexpr Eigen::Index kExamples = 40;
constexpr Eigen::Index kInputs = 5;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RegressionData as_data(const Rows& x, const Vector& y) {
  return {x.rows(),
          x.cols(),
          1,
          std::vector<double>(x.data(), x.data() + x.size()),
          std::vector<double>(y.begin(), y.end())};
}

/// Against Σ and H written out: g_e = x_e (x_e·θ - y_e), H = XᵀX/N.
TEST(NoiseCommutator, is_that_of_the_matrices) {
  Rows x(kExamples, kInputs);
  Vector y(kExamples);
  Noise(1).normal<double>("test.x", 0, {x.data(), static_cast<std::size_t>(x.size())});
  Noise(1).normal<double>("test.y", 0, {y.data(), static_cast<std::size_t>(y.size())});
  for (Eigen::Index i = 0; i < kInputs; ++i) x.col(i) *= std::pow(0.6, i);
  const Vector theta = Vector::LinSpaced(kInputs, -1, 2);
  LinearRegression<double> objective({}, as_data(x, y));
  const Matrix gradients = (x * theta - y).asDiagonal() * Matrix(x);
  const Matrix centred = gradients.rowwise() - gradients.colwise().mean();
  const Matrix sigma = centred.transpose() * centred / kExamples;
  const Matrix hessian = x.transpose() * x / kExamples;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(hessian);
  const Matrix q = solver.eigenvectors().rightCols(2);
  const std::span<const double> at(theta.data(), static_cast<std::size_t>(kInputs));

  const NoiseAlong noise = noise_along(objective, at, q);
  EXPECT_LT((noise.along - gradients * q).norm(), 1e-12);
  EXPECT_LT((noise.covariance - sigma * q).norm(), 1e-12);
  EXPECT_NEAR(noise.trace, sigma.trace(), 1e-12);
  const double expected = ((hessian * sigma - sigma * hessian) * q).norm() /
                          ((hessian * sigma * q).norm() + (sigma * hessian * q).norm());
  EXPECT_GT(expected, 0.02);
  EXPECT_NEAR(noise_commutator(objective, at, solver.eigenvalues().tail(2), noise.covariance),
              expected,
              1e-12);
}

/// Every example along one axis, twice, with residuals of either sign: Σ and H are both diagonal.
TEST(NoiseCommutator, vanishes_where_noise_has_the_axes_of_the_hessian) {
  Rows x = Rows::Zero(2 * kInputs, kInputs);
  Vector y(2 * kInputs);
  for (Eigen::Index i = 0; i < kInputs; ++i) {
    x(2 * i, i) = x(2 * i + 1, i) = 1.0 / static_cast<double>(1 + i);
    y(2 * i) = 1 + static_cast<double>(i * i);
    y(2 * i + 1) = -y(2 * i);
  }
  LinearRegression<double> objective({}, as_data(x, y));
  const Vector theta = Vector::Zero(kInputs);
  const std::span<const double> at(theta.data(), static_cast<std::size_t>(kInputs));
  const Matrix q = Matrix::Identity(kInputs, 3);
  const Vector curvatures = (x.transpose() * x / x.rows()).diagonal().head(3);
  const NoiseAlong noise = noise_along(objective, at, q);
  EXPECT_GT(noise.covariance.norm(), 0.1);
  EXPECT_LT(noise_commutator(objective, at, curvatures, noise.covariance), 1e-14);
}

}  // namespace
}  // namespace thermoscape
