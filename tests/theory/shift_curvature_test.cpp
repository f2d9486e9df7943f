#include "thermoscape/theory/shift_curvature.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Quadratic basins: the mean over N(μ, Σ) is that over the points μ ± √P Σ^{1/2} e_i, exactly.
TEST(ShiftCurvature, expected_test_loss_is_exact_for_quadratic_basins) {
  std::vector<TestBasin> basins;
  double expected = 0;
  for (int k = 0; k < 3; ++k) {
    TestBasin basin;
    basin.weight = 0.2 + 0.1 * k;
    basin.depth = 0.3 * k - 0.1;
    basin.curvature = MatrixXd{{2.0 + k, 0.3, 0.1}, {0.3, 1, -0.2}, {0.1, -0.2, 0.5}};
    basin.shift = VectorXd{{0.2, -0.1 * k, 0.05}};
    basin.bias = VectorXd{{0.01, 0.02 + k, -0.3}};
    basin.covariance = 0.01 * MatrixXd{{1, 0.2, 0}, {0.2, 2, 0.1 * k}, {0, 0.1 * k, 0.7}};
    const MatrixXd root = MatrixXd(basin.covariance.llt().matrixL());
    for (int i = 0; i < 6; ++i) {
      const VectorXd kick = (i < 3 ? 1 : -1) * std::sqrt(3.0) * root.col(i % 3);
      // θ_train = 0: μ = -b, θ_test = s.
      const VectorXd away = -basin.bias + kick - basin.shift;
      expected += basin.weight * (basin.depth + away.dot(basin.curvature * away) / 2) / 6;
    }
    basins.push_back(basin);
  }
  const TestLoss loss = expected_test_loss(basins);
  EXPECT_NEAR(loss.total, expected, 1e-14);
  EXPECT_NEAR(loss.total, loss.depth + loss.shift + loss.bias + loss.covariance, 1e-15);
  // The bias enters with the sign of the shift.
  for (TestBasin& basin : basins) basin.bias = -basin.bias;
  EXPECT_GT(std::abs(expected_test_loss(basins).bias - loss.bias), 1e-3);
  for (TestBasin& basin : basins) {
    basin.bias = VectorXd();
    basin.covariance = MatrixXd();
  }
  EXPECT_DOUBLE_EQ(expected_test_loss(basins).total, loss.depth + loss.shift);
}

TEST(ShiftCurvature, projection_keeps_what_the_gradients_span) {
  const MatrixXd gradients{
      {1, 2, 0, 1, 0.5}, {0, 1, 1, -1, 2}, {2, 5, 1, 1, 3}, {0, 0, 0, 0, 0}};  // rank 2
  const VectorXd test{{1, 1, 1, 1, -2}};
  const VectorXd train{{0.5, 0.2, 1.5, 0.7, 0.3}};
  const VectorXd s = projected_shift(gradients, test, train);
  EXPECT_LT((gradients * (test - train - s)).norm(), 1e-14);
  EXPECT_LT((projected_shift(gradients, s, VectorXd::Zero(5)) - s).norm(), 1e-14);
  // Normal equations on two rows that span the same.
  const MatrixXd two = gradients.topRows(2);
  const VectorXd direct =
      two.transpose() * (two * two.transpose()).ldlt().solve(two * (test - train));
  EXPECT_LT((s - direct).norm(), 1e-14);
  EXPECT_LT((projected_shift(MatrixXd::Identity(5, 5), test, train) - (test - train)).norm(),
            1e-15);
  EXPECT_EQ(projected_shift(MatrixXd::Zero(2, 5), test, train).norm(), 0);
  EXPECT_EQ(projected_shift(MatrixXd(0, 5), test, train).norm(), 0);
}

Chart curved() {
  Chart chart;
  chart.map = [](const VectorXd& y) {
    return VectorXd{
        {y[0] + 0.3 * y[1] * y[1] + 0.1 * y[0] * y[0] * y[0], y[1] + 0.2 * std::sin(y[0])}};
  };
  chart.jacobian = [](const VectorXd& y) {
    return MatrixXd{{1 + 0.3 * y[0] * y[0], 0.6 * y[1]}, {0.2 * std::cos(y[0]), 1}};
  };
  return chart;
}

TEST(ShiftCurvature, is_invariant_up_to_third_order) {
  const VectorXd test{{0.4, -0.7}};
  const MatrixXd curvature{{2, 0.5}, {0.5, 1.2}};
  const VectorXd direction{{0.6, 0.8}};
  const auto difference = [&](double length) {
    const ReparametrisedShift s =
        reparametrised_shift(curved(), test, curvature, length * direction);
    EXPECT_EQ(s.reparametrised.status, Status::ok);
    return s.reparametrised.value - s.shift_curvature;
  };
  EXPECT_NEAR(difference(2e-3) / difference(1e-3), 8, 0.02);
  EXPECT_NEAR(difference(1e-3) / 1e-9, 0.599, 0.01);
  // A linear map keeps it whole.
  const MatrixXd matrix{{1.5, -0.4}, {0.3, 2}};
  const Chart linear{[matrix](const VectorXd& y) -> VectorXd { return matrix * y; },
                     [matrix](const VectorXd&) { return matrix; }};
  const ReparametrisedShift s = reparametrised_shift(linear, test, curvature, direction);
  EXPECT_NEAR(s.reparametrised.value, s.shift_curvature, 1e-13);
}

TEST(ShiftCurvature, says_when_a_point_has_no_image) {
  // r = y² never falls below 0.
  const Chart fold{[](const VectorXd& y) -> VectorXd { return y.cwiseProduct(y); },
                   [](const VectorXd& y) -> MatrixXd { return 2 * MatrixXd(y.asDiagonal()); }};
  const ReparametrisedShift s =
      reparametrised_shift(fold, VectorXd{{1.0}}, MatrixXd::Identity(1, 1), VectorXd{{2.0}});
  EXPECT_EQ(s.reparametrised.status, Status::not_converged);
  EXPECT_EQ(s.shift_curvature, 4);
}

TEST(ShiftCurvature, a_point_in_a_chart_maps_back) {
  const VectorXd theta{{0.7, -0.4}};
  const ChartPoint point = point_in_chart(curved(), theta, VectorXd::Zero(2));
  ASSERT_EQ(point.status, Status::ok);
  EXPECT_LT((curved().map(point.y) - theta).norm(), 1e-14);
}

TEST(ShiftCurvature, refuses_bad_input) {
  EXPECT_THROW((void)expected_test_loss({}), Error);
  TestBasin basin{1, 0, MatrixXd::Identity(2, 2), VectorXd::Zero(2), {}, {}};
  EXPECT_NO_THROW((void)expected_test_loss({basin}));
  basin.bias = VectorXd::Zero(3);
  EXPECT_THROW((void)expected_test_loss({basin}), Error);
  basin.bias = {};
  basin.curvature = MatrixXd{{1, 1}, {0, 1}};
  EXPECT_THROW((void)expected_test_loss({basin}), Error);
  EXPECT_THROW((void)projected_shift(MatrixXd::Zero(2, 3), VectorXd::Zero(2), VectorXd::Zero(2)),
               Error);
  EXPECT_THROW((void)reparametrised_shift(
                   curved(), VectorXd::Zero(2), MatrixXd::Identity(3, 3), VectorXd::Zero(2)),
               Error);
}

}  // namespace
}  // namespace thermoscape::theory
