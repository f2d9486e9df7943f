#include "thermoscape/objective/penalised.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/quadratic.hpp"
#include "thermoscape/theory/landscape_constraint.hpp"

namespace thermoscape {
namespace {

const Vector kCentre{{0.3, -0.2, 0.5}};
const Vector kFlatness{{0.5, 2.0}};
constexpr double kStrength = 0.7;

Matrix directions() {
  const Matrix a{{1, 2, 2}, {2, 1, -2}};
  return a / 3;
}

ParameterSubset three_from(std::int64_t first) {
  return ParameterSubset(std::vector<ParameterRange>{{first, 3}});
}

/// λ Σ ((w - w1)·p_i)²/F_i² on parameters 1 to 3 of five.
QuadraticPenalty landscape_penalty() {
  return {
      three_from(1), kCentre, directions(), (2 * kStrength / kFlatness.array().square()).matrix()};
}

std::unique_ptr<Objective<double>> five_modes() {
  return std::make_unique<Quadratic<double>>(
      QuadraticSettings{.stiffness = {1.0, 2.0, 0.5, 3.0, 1.5}});
}

TEST(QuadraticPenalty, ValueAndGradientAreThoseOfTheFormula) {
  const Vector w{{0.9, 0.4, -1.1}};
  const std::vector<double> theta{7, 0.9, 0.4, -1.1, 7};
  std::vector<double> gradient(5, 0.25);
  const auto landscape =
      theory::penalty(theory::LandscapeConstraint{kCentre, directions(), kFlatness, kStrength}, w);
  landscape_penalty().add_gradient(theta, gradient);
  EXPECT_NEAR(landscape_penalty().value(theta), landscape.value, 1e-14);
  for (Eigen::Index i = 0; i < 3; ++i)
    EXPECT_NEAR(gradient[static_cast<std::size_t>(i + 1)] - 0.25, landscape.gradient(i), 1e-14);
  EXPECT_EQ(gradient[0], 0.25);
  EXPECT_EQ(gradient[4], 0.25);
  const Vector fisher{{0.2, 0, 3}};
  const auto elastic = theory::penalty(theory::ElasticConstraint{kCentre, fisher, kStrength}, w);
  const QuadraticPenalty diagonal(three_from(1), kCentre, Matrix(), kStrength * fisher);
  EXPECT_NEAR(diagonal.value(theta), elastic.value, 1e-14);
}

TEST(QuadraticPenalty, ShrinkMinimisesPenaltyAndDistance) {
  const std::vector<double> theta{7, 0.9, 0.4, -1.1, 7};
  for (const double step : {1e-3, 0.1, 50.0}) {
    std::vector<double> moved = theta;
    landscape_penalty().shrink(moved, step);
    // ∇R(x) + (x - θ)/step = 0.
    std::vector<double> residual(5, 0.0);
    landscape_penalty().add_gradient(moved, residual);
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_NEAR(residual[i] + (moved[i] - theta[i]) / step, 0, 1e-11) << step;
  }
}

// Parameters that are not neighbours: as if they were, in a θ of their own.
TEST(QuadraticPenalty, HoldsParametersThatAreNotNeighbours) {
  const ParameterSubset apart(std::vector<ParameterRange>{{0, 1}, {3, 2}});
  const Vector stiffness{{2.0, 0.5}};
  const QuadraticPenalty scattered(apart, kCentre, directions(), stiffness);
  const QuadraticPenalty together(three_from(0), kCentre, directions(), stiffness);
  std::vector<double> theta{0.9, 7, -7, 0.4, -1.1}, own{0.9, 0.4, -1.1};
  EXPECT_EQ(scattered.value(theta), together.value(own));
  EXPECT_EQ(scattered.displacements(theta), together.displacements(own));
  EXPECT_EQ(scattered.end(), 5);
  std::vector<double> gradient(5, 0.0), expected(3, 0.0);
  scattered.add_gradient(theta, gradient);
  together.add_gradient(own, expected);
  EXPECT_EQ(gradient, (std::vector<double>{expected[0], 0, 0, expected[1], expected[2]}));
  scattered.shrink(theta, 0.3);
  together.shrink(own, 0.3);
  EXPECT_EQ(theta, (std::vector<double>{own[0], 7, -7, own[1], own[2]}));
}

TEST(Penalised, GradientAndProductsAreDerivativesOfTheLoss) {
  Penalised<double> objective(five_modes(), {landscape_penalty()});
  const std::vector<double> theta{0.1, 0.9, 0.4, -1.1, 0.2}, v{0.3, -1, 0.5, 0.7, 1};
  std::vector<double> gradient(5), up(theta), down(theta), product(5), g_up(5), g_down(5);
  const double loss = objective.loss_gradient(theta, Batch{}, gradient);
  EXPECT_NEAR(loss, objective.loss(theta, Batch{}), 1e-14);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < 5; ++i) {
    up[i] += kStep * v[i];
    down[i] -= kStep * v[i];
  }
  double along = 0;
  for (std::size_t i = 0; i < 5; ++i) along += gradient[i] * v[i];
  EXPECT_NEAR(
      (objective.loss(up, Batch{}) - objective.loss(down, Batch{})) / (2 * kStep), along, 1e-8);
  objective.hessian_products(theta, Batch{}, v, product);
  objective.loss_gradient(up, Batch{}, g_up);
  objective.loss_gradient(down, Batch{}, g_down);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_NEAR(product[i], (g_up[i] - g_down[i]) / (2 * kStep), 1e-8);
  const auto other = objective.clone();
  EXPECT_EQ(other->loss(theta, Batch{}), loss);
}

TEST(Penalised, ProximalStepsReachTheConstrainedMinimumWhereExplicitOnesDiverge) {
  Penalised<double> objective(
      std::make_unique<Quadratic<double>>(QuadraticSettings{.stiffness = {1.0, 2.0, 0.5}}),
      {QuadraticPenalty(three_from(0), kCentre, directions(), Vector{{4000.0, 25.0}})});
  constexpr double kRate = 0.1;
  EXPECT_GT(kRate * objective.stiffest(), 2);
  std::vector<double> theta{1, 1, 1}, gradient(3);
  for (int s = 0; s < 3000; ++s) {
    objective.whole().loss_gradient(theta, Batch{}, gradient);
    for (std::size_t i = 0; i < 3; ++i) theta[i] -= kRate * gradient[i];
    objective.shrink(theta, kRate);
  }
  // L = ½ Σ k θ²: its minimum is the origin.
  const Matrix curvature = Vector{{1.0, 2.0, 0.5}}.asDiagonal();
  const Vector flatness = (2 / Vector{{4000.0, 25.0}}.array()).sqrt().matrix();
  const auto expected = theory::constrained_minimum(
      theory::LandscapeConstraint{kCentre, directions(), flatness, 1}, curvature, Vector::Zero(3));
  ASSERT_EQ(expected.status, Status::ok);
  for (Eigen::Index i = 0; i < 3; ++i)
    EXPECT_NEAR(theta[static_cast<std::size_t>(i)], expected.weights(i), 1e-9);
}

TEST(Penalised, RefusesWhatDoesNotFit) {
  EXPECT_THROW(QuadraticPenalty(three_from(0), kCentre, directions(), Vector{{1.0}}), Error);
  EXPECT_THROW(QuadraticPenalty(three_from(0), kCentre, 2 * directions(), Vector{{1.0, 1.0}}),
               Error);
  EXPECT_THROW(QuadraticPenalty(three_from(0), kCentre, Matrix(), Vector{{1.0, -1.0, 0.0}}), Error);
  EXPECT_THROW(
      Penalised<double>(five_modes(),
                        {QuadraticPenalty(three_from(3), kCentre, Matrix(), Vector::Ones(3))}),
      Error);
}

}  // namespace
}  // namespace thermoscape
