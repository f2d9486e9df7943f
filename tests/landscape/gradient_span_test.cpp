#include "thermoscape/landscape/gradient_span.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/generators.hpp"
#include "thermoscape/objective/catalog.hpp"

namespace thermoscape {
namespace {

/// Ranks for `count` examples in `dimension` dimensions and 4 classes.
GradientSpan span_of(const AnyObjective& settings,
                     std::int64_t dimension,
                     std::int64_t count,
                     double ridge = 0) {
  const data::Labelled set = data::generate(data::Mixture{40, dimension, 4, 0.5}, Noise(3));
  const auto objective = make_objective<double>(settings, &set);
  std::vector<double> theta = objective->initial(Noise(5));
  Noise(6).normal<double>("theta", 0, theta);
  std::vector<std::int32_t> members;
  for (std::int32_t i = 0; i < count; ++i) members.push_back(i);
  return gradient_span(*objective, theta, members, ridge);
}

TEST(GradientSpan, OfASoftmaxClassifierFollowsFromItsInputs) {
  // z = Wx: gradients (p - e_y) ⊗ x. Generic inputs: n gradients span n dimensions, the covariance
  // one less, and the curvature x xᵀ ⊗ (p pᵀ - diag p) n (C - 1): the Hessian is G itself.
  const MlpSettings classifier{.hidden = {}, .biases = false};
  const GradientSpan span = span_of(classifier, 10, 6);
  EXPECT_EQ(span.gradients, 6);
  EXPECT_EQ(span.covariance, 5);
  EXPECT_EQ(span.gauss_newton, 6 * 3);
  EXPECT_EQ(span.hessian, 6 * 3);
}

TEST(GradientSpan, IsBoundedByTheParametersThatTheInputsSee) {
  // 3 inputs: x xᵀ spans all of R^3 once n >= 3, and the C - 1 logit directions with it.
  const GradientSpan span = span_of(MlpSettings{.hidden = {}, .biases = false}, 3, 20);
  EXPECT_EQ(span.gradients, 9);
  EXPECT_EQ(span.gauss_newton, 9);
  EXPECT_EQ(span.hessian, 9);
}

TEST(GradientSpan, ThePenaltyIsTakenOut) {
  const MlpSettings with{.hidden = {}, .biases = false, .l2 = 0.3};
  EXPECT_EQ(span_of(with, 10, 6, 0.3).hessian, 18);
  EXPECT_EQ(span_of(with, 10, 6, 0).hessian, 40);
}

TEST(GradientSpan, AHiddenLayerAddsCurvatureOfItsOwn) {
  const GradientSpan span = span_of(MlpSettings{.hidden = {8}, .activation = "tanh"}, 10, 4);
  EXPECT_EQ(span.gradients, 4);
  EXPECT_EQ(span.gauss_newton, 12);
  EXPECT_GT(span.hessian, 12);
}

TEST(GradientSpan, RefusesASingleExample) {
  EXPECT_THROW((void)span_of(MlpSettings{.hidden = {}, .biases = false}, 3, 1), Error);
}

}  // namespace
}  // namespace thermoscape
