// A network confined to a subspace: the laws every objective keeps, and the chain rule against the
// network itself.
#include "thermoscape/objective/embedded.hpp"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/QR>

#include "laws/objective_laws.hpp"
#include "objective/mlp_problem.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

template <class Real>
SubspaceBasis<Real> random_columns(std::int64_t size, std::int64_t dimension) {
  std::vector<double> draws(static_cast<std::size_t>(size * dimension));
  Noise(11).normal<double>("test.basis", 0, draws);
  const Eigen::Map<const Eigen::MatrixXd> columns(draws.data(), size, dimension);
  return (columns / std::sqrt(static_cast<double>(size))).template cast<Real>();
}

template <class Real>
std::vector<Real> as(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

template <class Real>
class EmbeddedTest : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(EmbeddedTest, Precisions);

TYPED_TEST(EmbeddedTest, keeps_the_laws_on_a_plane_and_along_axes) {
  const Problem problem({4, 6, 3}, 20, "tanh");
  const auto origin = as<TypeParam>(problem.theta());
  const auto size = static_cast<std::int64_t>(origin.size());
  std::vector<TypeParam> z(5);
  Noise(3).normal<TypeParam>("test.z", 0, z);
  const auto whole = [&] { return problem.build<TypeParam>().clone(); };
  Embedded<TypeParam> plane(whole(), origin, random_columns<TypeParam>(size, 5));
  laws::check_objective_laws(plane, z, {.name = "plane"});
  Embedded<TypeParam> axes(whole(), origin, FreeCoordinates{0, 3, 4, 20, size - 1});
  laws::check_objective_laws(axes, z, {.name = "axes"});
}

TEST(Embedded, DerivativesAreThoseOfTheWholeProjected) {
  const Problem problem({4, 6, 3}, 20, "tanh");
  Mlp<double> network = problem.build<double>();
  const std::vector<double> origin = problem.theta();
  const auto size = static_cast<std::int64_t>(origin.size());
  const Eigen::MatrixXd basis = random_columns<double>(size, 4);
  Embedded<double> plane(network.clone(), origin, basis);
  ASSERT_EQ(plane.parameters(), 4);
  const Eigen::Vector4d z(0.3, -0.2, 0.5, 0.1);
  const std::span<const double> at(z.data(), 4);
  const Eigen::VectorXd theta = Eigen::Map<const Eigen::VectorXd>(origin.data(), size) + basis * z;
  const std::vector<double> lifted = plane.whole_theta(at);
  for (std::int64_t i = 0; i < size; ++i) {
    EXPECT_NEAR(lifted[static_cast<std::size_t>(i)], theta[i], 1e-14);
  }
  const std::span<const double> whole(theta.data(), static_cast<std::size_t>(size));
  Eigen::VectorXd gradient(size);
  const double loss = network.loss_gradient(whole, {}, {gradient.data(), lifted.size()});
  Eigen::Vector4d own;
  EXPECT_NEAR(plane.loss_gradient(at, {}, {own.data(), 4}), loss, 1e-14);
  EXPECT_LT((own - basis.transpose() * gradient).norm(), 1e-13);

  Eigen::MatrixXd products(size, 4);
  network.hessian_products(whole,
                           {},
                           {basis.data(), static_cast<std::size_t>(basis.size())},
                           {products.data(), static_cast<std::size_t>(products.size())});
  const Eigen::Matrix4d unit = Eigen::Matrix4d::Identity();
  Eigen::Matrix4d hessian;
  plane.hessian_products(at, {}, {unit.data(), 16}, {hessian.data(), 16});
  EXPECT_LT((hessian - basis.transpose() * products).norm(), 1e-13 * hessian.norm() + 1e-14);
}

TEST(Embedded, StartsAtItsOriginAndClonesAlike) {
  const Problem problem({4, 6, 3}, 20);
  Mlp<double> network = problem.build<double>();
  const std::vector<double> origin = problem.theta();
  Embedded<double> axes(network.clone(), origin, FreeCoordinates{1, 2});
  const std::vector<double> start = axes.initial(Noise(1));
  EXPECT_EQ(start, (std::vector<double>{0, 0}));
  EXPECT_EQ(axes.loss(start, {}), network.loss(origin, {}));
  EXPECT_EQ(axes.clone()->loss(std::vector<double>{1, 2}, {}),
            axes.loss(std::vector<double>{1, 2}, {}));
}

TEST(Embedded, ALayerIsChosenByName) {
  const Problem problem({4, 6, 3}, 20);
  Mlp<double> network = problem.build<double>();
  const std::vector<ParameterGroup> groups = network.parameter_groups();
  ASSERT_GE(groups.size(), 4u);
  const FreeCoordinates last = chosen_coordinates(network, groups.back().name, "test");
  ASSERT_EQ(static_cast<std::int64_t>(last.size()), groups.back().count);
  EXPECT_EQ(last.front(), groups.back().first);
  EXPECT_EQ(last.back(), groups.back().first + groups.back().count - 1);
  EXPECT_EQ(static_cast<std::int64_t>(chosen_coordinates(network, "*", "test").size()),
            network.parameters());
  EXPECT_THROW((void)chosen_coordinates(network, "nothing.*", "test"), Error);
}

TEST(Embedded, RefusesWhatDoesNotFit) {
  const auto whole = [] {
    return std::make_unique<Quadratic<double>>(QuadraticSettings{.stiffness = {3, 2}, .soft = 1});
  };
  const auto complaint = [&](Embedded<double>::Subspace subspace, std::size_t origin) {
    try {
      Embedded<double> made(whole(), std::vector<double>(origin), std::move(subspace));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(complaint(FreeCoordinates{1, 1}, 3), testing::HasSubstr("strictly increasing"));
  EXPECT_THAT(complaint(FreeCoordinates{3}, 3), testing::HasSubstr("in 0 ... 2"));
  EXPECT_THAT(complaint(FreeCoordinates{}, 3), testing::HasSubstr("coordinates"));
  EXPECT_THAT(complaint(SubspaceBasis<double>(Eigen::MatrixXd::Zero(2, 1)), 3),
              testing::HasSubstr("must be 3 x d"));
  EXPECT_THAT(complaint(FreeCoordinates{0}, 2), testing::HasSubstr("origin"));
  EXPECT_EQ(complaint(FreeCoordinates{0, 2}, 3), "accepted");
}

}  // namespace
}  // namespace thermoscape
