#include "thermoscape/objective/quadratic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "laws/objective_laws.hpp"

namespace thermoscape {
namespace {

const std::vector<double> kStiffness{0.5, 1.0, 2.0, 5.0, 0.01, 30.0, 1e3};

template <class Real>
std::vector<Real> point(std::int64_t size) {
  std::vector<Real> theta(static_cast<std::size_t>(size));
  Noise(11).normal<Real>("test.theta", 0, theta);
  return theta;
}

template <class Real>
class QuadraticTest : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(QuadraticTest, Reals);

TYPED_TEST(QuadraticTest, keeps_the_laws_of_an_objective) {
  for (const std::int64_t soft : {0, 4}) {
    Quadratic<TypeParam> objective({kStiffness, soft});
    laws::check_objective_laws(
        objective, point<TypeParam>(objective.parameters()), {.name = "quadratic"});
  }
}

TYPED_TEST(QuadraticTest, is_the_closed_form) {
  Quadratic<TypeParam> objective({{2.0, 8.0}, 1});
  const std::vector<TypeParam> theta{3, -0.5, 100};
  EXPECT_EQ(objective.parameters(), 3);
  EXPECT_EQ(objective.examples(), 2);
  EXPECT_DOUBLE_EQ(objective.loss(theta, {}), 0.5 * 2 * 9 + 0.5 * 8 * 0.25);
  laws::Evaluated<TypeParam> at(objective);
  EXPECT_THAT(at.gradient(theta), ::testing::ElementsAre(6, -4, 0));
  EXPECT_THAT(at.losses(theta), ::testing::ElementsAre(18, 2));
  EXPECT_THAT(at.hessian(theta, {1, 1, 1, 0, 2, 0}), ::testing::ElementsAre(2, 8, 0, 0, 16, 0));
  const std::vector<std::int32_t> second{1};
  EXPECT_DOUBLE_EQ(objective.loss(theta, Batch{second}), 2);
  EXPECT_THAT(at.gradient(theta, Batch{second}), ::testing::ElementsAre(0, -8, 0));
}

TEST(Quadratic, agrees_in_both_precisions) {
  Quadratic<float> in_float({kStiffness, 2});
  Quadratic<double> in_double({kStiffness, 2});
  laws::check_precisions_agree(in_float, in_double, point<float>(9), {.name = "quadratic"});
}

TEST(Quadratic, refuses_bad_settings_in_one_line) {
  const auto message = [](QuadraticSettings settings) {
    try {
      const Quadratic<double> objective(settings);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(message({{1.0, -1.0}, 0}), "quadratic.stiffness = -1: must be > 0 [loss]/[θ]²");
  EXPECT_THAT(message({{}, 0}), ::testing::HasSubstr("at least one stiffness"));
  EXPECT_THAT(message({{1.0}, -1}), ::testing::HasSubstr("quadratic.soft = -1"));
  Quadratic<double> objective({{1.0}, 0});
  const std::vector<double> theta{1, 2};
  EXPECT_THROW(objective.loss(theta, {}), Error);
}

}  // namespace
}  // namespace thermoscape
