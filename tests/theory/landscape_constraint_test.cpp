#include "thermoscape/theory/landscape_constraint.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

LandscapeConstraint landscape() {
  return {Vector{{0.1, -0.3, 0.2, 1.0}},
          Matrix{{0.6, 0.8, 0.0, 0.0}, {0.0, 0.0, std::sqrt(0.5), -std::sqrt(0.5)}},
          Vector{{0.5, 2.0}},
          10.0};
}
ElasticConstraint elastic() {
  return {Vector{{0.1, -0.3, 0.2, 1.0}}, Vector{{2.0, 0.1, 0.0, 0.7}}, 10.0};
}
const Matrix kCurvature{
    {2.0, 0.3, 0.0, 0.1}, {0.3, 1.0, 0.1, 0.0}, {0.0, 0.1, 0.5, 0.0}, {0.1, 0.0, 0.0, 0.8}};
const Vector kMinimum{{1.0, -1.0, 2.0, 0.5}};

template <class Constraint>
void check_gradient_and_minimum(const Constraint& constraint) {
  const Vector w{{0.3, -0.2, 0.5, 0.4}};
  const Penalty at = penalty(constraint, w);
  for (Eigen::Index i = 0; i < 4; ++i) {
    const Vector step = 1e-3 * Vector::Unit(4, i);
    // Central differences of a quadratic are exact but for rounding.
    const double slope =
        (penalty(constraint, w + step).value - penalty(constraint, w - step).value) / 2e-3;
    EXPECT_NEAR(at.gradient[i], slope, 1e-10) << i;
  }
  EXPECT_EQ(penalty(constraint, constraint.centre).value, 0);
  const ConstrainedMinimum best = constrained_minimum(constraint, kCurvature, kMinimum);
  ASSERT_EQ(best.status, Status::ok);
  const Vector force =
      kCurvature * (best.weights - kMinimum) + penalty(constraint, best.weights).gradient;
  EXPECT_LT(force.norm(), 1e-12);
}

TEST(LandscapeConstraint, gradient_and_minimum_follow_from_the_penalty) {
  check_gradient_and_minimum(landscape());
  check_gradient_and_minimum(elastic());
}

/// Along the coordinate axes the two penalties are one: λ_EWC F_jj = 2 λ_LDC/F_j².
TEST(LandscapeConstraint, equals_elastic_weights_along_the_axes) {
  LandscapeConstraint l = landscape();
  l.directions = Matrix::Identity(4, 4);
  l.flatness = Vector{{0.5, 2.0, 1.0, 3.0}};
  ElasticConstraint e = elastic();
  e.strength = 4;
  e.fisher = 2 * l.strength / e.strength * l.flatness.cwiseAbs2().cwiseInverse();
  const Vector w{{0.3, -0.2, 0.5, 0.4}};
  EXPECT_NEAR(penalty(l, w).value, penalty(e, w).value, 1e-12);
  EXPECT_LT((constrained_minimum(l, kCurvature, kMinimum).weights -
             constrained_minimum(e, kCurvature, kMinimum).weights)
                .norm(),
            1e-12);
}

TEST(LandscapeConstraint, moves_from_the_second_minimum_to_the_first) {
  LandscapeConstraint l = landscape();
  l.strength = 0;
  EXPECT_LT((constrained_minimum(l, kCurvature, kMinimum).weights - kMinimum).norm(), 1e-13);
  l.strength = 1e12;
  const Vector stiff = constrained_minimum(l, kCurvature, kMinimum).weights;
  EXPECT_LT((l.directions * (stiff - l.centre)).norm(), 1e-9);  // only along the directions
  EXPECT_GT((stiff - l.centre).norm(), 0.1);
}

TEST(LandscapeConstraint, an_indefinite_sum_has_no_minimum) {
  EXPECT_EQ(constrained_minimum(landscape(), -10 * kCurvature, kMinimum).status, Status::undefined);
  EXPECT_EQ(constrained_minimum(elastic(), Matrix::Zero(4, 4), kMinimum).status,
            Status::undefined);  // one Fisher entry is 0
}

TEST(LandscapeConstraint, refuses_bad_input_in_one_line) {
  LandscapeConstraint l = landscape();
  l.flatness[1] = 0;
  EXPECT_THROW((void)penalty(l, kMinimum), Error);
  ElasticConstraint e = elastic();
  e.fisher[1] = -1;
  EXPECT_THROW((void)penalty(e, kMinimum), Error);
  EXPECT_THROW((void)penalty(elastic(), Vector::Zero(3)), Error);
  Matrix crooked = kCurvature;
  crooked(0, 1) += 0.1;
  try {
    (void)constrained_minimum(landscape(), crooked, kMinimum);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("curvature: must be symmetric"));
  }
}

}  // namespace
}  // namespace thermoscape::theory
