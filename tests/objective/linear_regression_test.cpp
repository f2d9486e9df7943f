#include "thermoscape/objective/linear_regression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "laws/objective_laws.hpp"

namespace thermoscape {
namespace {

RegressionData gaussian(std::int64_t examples, std::int64_t inputs, std::int64_t targets) {
  RegressionData data{examples, inputs, targets, {}, {}, {}};
  data.x.resize(static_cast<std::size_t>(examples * inputs));
  data.y.resize(static_cast<std::size_t>(examples * targets));
  Noise(7).normal<double>("test.x", 0, data.x);
  Noise(7).normal<double>("test.y", 0, data.y);
  return data;
}

template <class Real>
std::vector<Real> point(std::int64_t size) {
  std::vector<Real> theta(static_cast<std::size_t>(size));
  Noise(13).normal<Real>("test.theta", 0, theta);
  return theta;
}

template <class Real>
class LinearRegressionTest : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(LinearRegressionTest, Reals);

TYPED_TEST(LinearRegressionTest, keeps_the_laws_of_an_objective) {
  for (const bool bias : {false, true}) {
    for (const double l2 : {0.0, 0.3}) {
      for (const std::int64_t targets : {1, 4}) {
        LinearRegression<TypeParam> objective({bias, l2}, gaussian(70, 6, targets));
        laws::check_objective_laws(
            objective, point<TypeParam>(objective.parameters()), {.name = "linear", .l2 = l2});
      }
    }
  }
}

TEST(LinearRegression, agrees_in_both_precisions) {
  const RegressionData data = gaussian(40, 5, 3);
  // Targets and inputs that float holds exactly, so that only arithmetic differs.
  RegressionData rounded = data;
  for (double& x : rounded.x) x = static_cast<float>(x);
  for (double& y : rounded.y) y = static_cast<float>(y);
  LinearRegression<float> in_float({true, 0.25}, rounded);
  LinearRegression<double> in_double({true, 0.25}, rounded);
  laws::check_precisions_agree(in_float, in_double, point<float>(18), {.name = "linear"});
}

/// H = I_K ⊗ (XᵀX/N) + λ, with a column of ones in X for the intercepts.
TEST(LinearRegression, hessian_is_the_closed_form) {
  const std::int64_t n = 30;
  const std::int64_t d = 4;
  const std::int64_t targets = 2;
  const RegressionData data = gaussian(n, d, targets);
  LinearRegression<double> objective({true, 0.1}, data);
  const std::int64_t size = objective.parameters();
  ASSERT_EQ(size, targets * (d + 1));
  Eigen::MatrixXd x(n, d + 1);
  x.col(d).setOnes();
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < d; ++j) x(i, j) = data.x[static_cast<std::size_t>(i * d + j)];
  }
  const Eigen::MatrixXd gram = x.transpose() * x / static_cast<double>(n);
  // Position of (output k, input j) in θ: weights first, then the intercepts.
  const auto place = [&](std::int64_t k, std::int64_t j) {
    return j < d ? k * d + j : targets * d + k;
  };
  Eigen::MatrixXd expected = 0.1 * Eigen::MatrixXd::Identity(size, size);
  for (std::int64_t k = 0; k < targets; ++k) {
    for (std::int64_t i = 0; i <= d; ++i) {
      for (std::int64_t j = 0; j <= d; ++j) expected(place(k, i), place(k, j)) += gram(i, j);
    }
  }
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(size, size);
  const std::vector<double> vectors(identity.data(), identity.data() + identity.size());
  laws::Evaluated<double> at(objective);
  const std::vector<double> block = at.hessian(point<double>(size), vectors);
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::int64_t j = 0; j < size; ++j) {
      EXPECT_NEAR(block[static_cast<std::size_t>(i * size + j)], expected(i, j), 1e-13);
    }
  }
}

/// The minimiser solves the normal equations, where the gradient vanishes.
TEST(LinearRegression, gradient_vanishes_at_the_ridge_solution) {
  const RegressionData data = gaussian(25, 3, 1);
  const double l2 = 0.2;
  LinearRegression<double> objective({false, l2}, data);
  const Eigen::Map<const Eigen::Matrix<double, 25, 3, Eigen::RowMajor>> x(data.x.data());
  const Eigen::Map<const Eigen::VectorXd> y(data.y.data(), 25);
  const Eigen::Matrix3d h = x.transpose() * x / 25.0 + l2 * Eigen::Matrix3d::Identity();
  const Eigen::Vector3d solution = h.ldlt().solve(x.transpose() * y / 25.0);
  const std::vector<double> theta(solution.data(), solution.data() + 3);
  laws::Evaluated<double> at(objective);
  EXPECT_LT(laws::norm(at.gradient(theta)), 1e-14);
  const double loss =
      0.5 * (x * solution - y).squaredNorm() / 25.0 + 0.5 * l2 * solution.squaredNorm();
  EXPECT_NEAR(at.loss(theta), loss, 1e-14);
}

data::Labelled images() {
  data::Labelled set;
  set.name = "tiny";
  set.shape = {1, 2, 2};
  set.inputs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  set.labels = {0, 2, 1};
  set.classes = 3;
  return set;
}

TEST(LinearRegression, takes_one_hot_targets_from_labels) {
  LinearRegression<double> objective({}, images());
  EXPECT_EQ(objective.parameters(), 12);
  EXPECT_EQ(objective.outputs(), 3);
  laws::Evaluated<double> at(objective);
  // At θ = 0 the residual is minus the one-hot target: ℓ = ½ for each example.
  EXPECT_THAT(at.losses(objective.initial(Noise(1))), ::testing::Each(0.5));
  const std::vector<double> gradient = at.gradient(objective.initial(Noise(1)));
  EXPECT_NEAR(gradient[0], -1.0 / 3, 1e-15);  // class 0 <- example 0, input 1
  EXPECT_NEAR(gradient[4], -9.0 / 3, 1e-15);  // class 1 <- example 2
  EXPECT_NEAR(gradient[8], -5.0 / 3, 1e-15);  // class 2 <- example 1
}

TEST(LinearRegression, refuses_bad_data_in_one_line) {
  const auto message = [](const RegressionData& data, double l2) {
    try {
      const LinearRegression<double> objective({false, l2}, data);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  RegressionData data = gaussian(4, 2, 1);
  EXPECT_THAT(message(data, -1), ::testing::HasSubstr("linear.l2 = -1: must be >= 0"));
  data.x[3] = std::nan("");
  EXPECT_EQ(message(data, 0), "linear.data.x[3] = nan: must be a finite number");
  data = gaussian(4, 2, 1);
  data.y.pop_back();
  EXPECT_EQ(message(data, 0), "linear.data.y = 3 numbers: must hold 4 numbers");
  EXPECT_THAT(message({}, 0), ::testing::HasSubstr("at least one of each"));
  data::Labelled labelled = images();
  labelled.labels[1] = 3;
  EXPECT_THROW(LinearRegression<double>({}, labelled), Error);
  LinearRegression<double> plain({}, gaussian(4, 2, 1));
  const data::CropFlip crop;
  Batch batch;
  batch.augmentation = &crop;
  const std::vector<double> theta(2);
  EXPECT_THROW(plain.loss(theta, batch), Error);
}

}  // namespace
}  // namespace thermoscape
