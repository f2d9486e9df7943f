#include "thermoscape/landscape/operators.hpp"

#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"
#include "thermoscape/landscape/dense_hessian.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

// Sums of a few hundred products in double, in another order: 1e-12 of the size.
constexpr double kRounding = 1e-12;

Problem problem(const std::string& loss) {
  return Problem({4, 6, 3}, 37, "tanh", loss, true, 0.2);
}

/// The matrix by another route: kernels of the network, no products.
Matrix by_kernels(Mlp<double>& mlp, const std::vector<double>& theta, HessianTerm term) {
  const auto p = static_cast<Eigen::Index>(theta.size());
  Matrix out(p, p);
  mlp.dense_hessian(theta, {}, term, {out.data(), static_cast<std::size_t>(out.size())});
  return out;
}

/// Gradients of single examples, each by loss_gradient of its own batch, the penalty taken off.
Matrix gradients(Mlp<double>& mlp, const std::vector<double>& theta, double l2) {
  Matrix g(static_cast<Eigen::Index>(theta.size()), mlp.examples());
  const Eigen::Map<const Vector> at(theta.data(), g.rows());
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(mlp.examples()); ++i) {
    const std::vector<std::int32_t> one{i};
    mlp.loss_gradient(theta, Batch{one}, {g.col(i).data(), static_cast<std::size_t>(g.rows())});
    g.col(i) -= l2 * at;
  }
  return g;
}

TEST(HessianOperator, every_term_is_the_matrix_of_the_kernels_whatever_the_micro_batch) {
  for (const std::string loss : {"cross-entropy", "mse"}) {
    const Problem own = problem(loss);
    Mlp<double> mlp = own.build<double>();
    const std::vector<double> theta = own.theta();
    for (const HessianTerm term :
         {HessianTerm::full, HessianTerm::gauss_newton, HessianTerm::residual}) {
      const Matrix expected = by_kernels(mlp, theta, term);
      for (const std::int64_t micro_batch : {0, 1, 10, 36, 100}) {
        const LinearOperator a = hessian_operator(mlp, theta, term, {{}, micro_batch});
        EXPECT_LT((dense_matrix(a, 7) - expected).norm(), kRounding * expected.norm())
            << loss << ", " << micro_batch;
        EXPECT_EQ(a.applications(), a.size());
      }
    }
  }
}

TEST(HessianOperator, averages_over_chosen_examples) {
  const Problem own = problem("cross-entropy");
  Mlp<double> mlp = own.build<double>();
  const std::vector<double> theta = own.theta();
  const std::vector<std::int32_t> chosen{3, 5, 20, 36, 7};
  for (const HessianTerm term : {HessianTerm::full, HessianTerm::residual}) {
    Matrix expected(mlp.parameters(), mlp.parameters());
    mlp.dense_hessian(
        theta, Batch{chosen}, term, {expected.data(), static_cast<std::size_t>(expected.size())});
    const LinearOperator a = hessian_operator(mlp, theta, term, {chosen, 2});
    EXPECT_LT((dense_matrix(a) - expected).norm(), kRounding * expected.norm());
  }
}

TEST(GradientOperator, is_the_moment_of_single_gradients_by_either_route) {
  for (const std::string loss : {"cross-entropy", "mse"}) {
    const Problem own = problem(loss);
    Mlp<double> mlp = own.build<double>();
    const std::vector<double> theta = own.theta();
    const Matrix g = gradients(mlp, theta, 0.2);
    const double n = static_cast<double>(g.cols());
    const Matrix second = g * g.transpose() / n;
    const Vector mean = g.rowwise().mean();
    const Matrix covariance = second - mean * mean.transpose();
    for (const std::int64_t micro_batch : {0, 10}) {
      const auto matrix = [&](GradientMoment moment, std::span<const std::int32_t> labels) {
        return dense_matrix(gradient_operator(mlp, theta, moment, labels, {{}, micro_batch}));
      };
      for (const std::span<const std::int32_t> labels :
           {std::span<const std::int32_t>(), std::span<const std::int32_t>(own.labels)}) {
        EXPECT_LT((matrix(GradientMoment::second_moment, labels) - second).norm(),
                  kRounding * second.norm());
        EXPECT_LT((matrix(GradientMoment::covariance, labels) - covariance).norm(),
                  kRounding * second.norm());
      }
    }
  }
}

TEST(Operators, restrict_project_shift_and_subtract) {
  const Problem own = problem("cross-entropy");
  Mlp<double> mlp = own.build<double>();
  const std::vector<double> theta = own.theta();
  const LinearOperator hessian = hessian_operator(mlp, theta);
  const LinearOperator g = hessian_operator(mlp, theta, HessianTerm::gauss_newton);
  const Matrix full = by_kernels(mlp, theta, HessianTerm::full);
  EXPECT_LT((dense_matrix(hessian - g) - by_kernels(mlp, theta, HessianTerm::residual)).norm(),
            kRounding * full.norm());
  const std::vector<ParameterGroup> layers = layers_of(mlp);
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].name, "layer1");
  EXPECT_EQ(layers[0].count, 30);
  EXPECT_EQ(layers[1].first, 30);
  EXPECT_EQ(layers[1].count, 21);
  const Matrix block = dense_matrix(restricted(hessian, coordinates_of(layers[1])));
  EXPECT_LT((block - full.bottomRightCorner(21, 21)).norm(), kRounding * full.norm());
  const LinearOperator moved = shifted(hessian, 0.5);
  EXPECT_LT((dense_matrix(moved) - full - 0.5 * Matrix::Identity(51, 51)).norm(),
            kRounding * full.norm());
}

TEST(Operators, what_has_no_logits_or_names_says_so) {
  QuadraticSettings settings;
  settings.stiffness = {2.0, 3.0};
  settings.soft = 1;
  Quadratic<double> bowl(settings);
  const std::vector<double> theta(3, 1.0);
  const Matrix matrix = dense_matrix(hessian_operator(bowl, theta));
  EXPECT_LT((matrix - Matrix(Vector{{2.0, 3.0, 0.0}}.asDiagonal())).norm(), 1e-14);
  EXPECT_THROW(static_cast<void>(hessian_operator(bowl, theta, HessianTerm::gauss_newton)), Error);
  EXPECT_THROW(static_cast<void>(hessian_operator(bowl, {1.0})), Error);
  ASSERT_EQ(layers_of(bowl).size(), 1U);
  EXPECT_EQ(layers_of(bowl)[0].count, 3);
}

}  // namespace
}  // namespace thermoscape
