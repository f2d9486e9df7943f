#include "thermoscape/landscape/dense_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "objective/mlp_problem.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using namespace reference;

/// A symmetric matrix [P, P].
using Matrix = Eigen::MatrixXd;
constexpr HessianTerm kTerms[] = {
    HessianTerm::full, HessianTerm::gauss_newton, HessianTerm::residual};

template <class Real>
Matrix dense(Objective<Real>& objective,
             const std::vector<double>& theta,
             HessianTerm term = HessianTerm::full,
             const Batch& batch = {}) {
  std::vector<Real> out(theta.size() * theta.size());
  const std::vector<Real> at = cast<Real>(theta);
  dense_hessian<Real>(objective, at, batch, term, out);
  const std::vector<double> wide(out.begin(), out.end());
  const auto p = static_cast<Eigen::Index>(theta.size());
  return Eigen::Map<const Matrix>(wide.data(), p, p);
}

Matrix by_products(Objective<double>& objective,
                   const std::vector<double>& theta,
                   HessianTerm term = HessianTerm::full) {
  const auto p = static_cast<Eigen::Index>(theta.size());
  Matrix out(p, p);
  dense_hessian_by_products<double>(
      objective, theta, {}, term, {out.data(), static_cast<std::size_t>(out.size())});
  return out;
}

double distance(const Matrix& a, const Matrix& b) {
  return (a - b).norm() / b.norm();
}

/// The terms of one build against products with unit vectors in double.
template <class Real>
void expect_terms(const Problem& problem, InstructionSet set, double tolerance) {
  Mlp<double> oracle = problem.build<double>(InstructionSet::portable);
  Mlp<Real> mlp = problem.build<Real>(set);
  const std::vector<double> theta = problem.theta();
  const double size = by_products(oracle, theta).norm();
  for (const HessianTerm term : kTerms) {
    const Matrix matrix = dense<Real>(mlp, theta, term);
    EXPECT_LT((matrix - by_products(oracle, theta, term)).norm(), tolerance * size);
    EXPECT_EQ((matrix - matrix.transpose()).norm(), 0);
  }
}

// Sums of a few hundred products and a recursion over layers: as the tolerances of the products.
TEST(DenseHessian, of_a_network_matches_products_for_every_setting_and_instruction_set) {
  for (const std::string activation : {"relu", "tanh", "gelu", "identity"}) {
    for (const std::string loss : {"cross-entropy", "mse"}) {
      const bool biases = activation != "gelu";
      const Problem problem({4, 6, 3, 5}, 37, activation, loss, biases, biases ? 0.2 : 0.0);
      for (const InstructionSet set : available_sets()) {
        SCOPED_TRACE(activation + " " + loss + " " + std::string(name(set)));
        expect_terms<float>(problem, set, kFloat);
        expect_terms<double>(problem, set, kDouble);
      }
    }
  }
}

// No hidden layer, a single example, widths of 1, several blocks, inputs in the wide layout.
TEST(DenseHessian, of_a_network_matches_products_for_every_shape) {
  const std::vector<std::pair<std::vector<int>, std::size_t>> shapes{
      {{3, 4}, 17}, {{1, 1, 2}, 5}, {{7, 5, 6}, 1}, {{2, 6, 7, 3, 2}, 900}, {{70, 3, 4}, 50}};
  for (const auto& [sizes, n] : shapes) {
    SCOPED_TRACE(testing::PrintToString(sizes));
    const Problem problem(sizes, n, "tanh");
    expect_terms<float>(problem, widest_instruction_set(), kFloat);
    expect_terms<double>(problem, widest_instruction_set(), kDouble);
  }
}

TEST(DenseHessian, of_a_batch_is_that_of_its_examples_and_of_the_clones) {
  const Problem problem({4, 6, 3}, 40, "tanh");
  Mlp<double> mlp = problem.build<double>();
  std::vector<std::int32_t> first(25);
  std::vector<std::int32_t> rest(15);
  for (std::int32_t i = 0; i < 25; ++i) first[static_cast<std::size_t>(i)] = i;
  for (std::int32_t i = 0; i < 15; ++i) rest[static_cast<std::size_t>(i)] = 25 + i;
  Batch a;
  a.examples = first;
  Batch b;
  b.examples = rest;
  const std::vector<double> theta = problem.theta();
  const Matrix all = dense<double>(mlp, theta);
  const Matrix mean = (25 * dense<double>(mlp, theta, HessianTerm::full, a) +
                       15 * dense<double>(mlp, theta, HessianTerm::full, b)) /
                      40;
  EXPECT_LT(distance(mean, all), kDouble);

  const std::unique_ptr<Objective<double>> clone = mlp.clone();
  Matrix beside;
  std::thread([&] { beside = dense<double>(*clone, theta); }).join();
  EXPECT_EQ((beside - all).norm(), 0);
}

// A well-fitted example: G of ln(1 + e^-m) is p (1 - p) on two logits, down to where 1 - p rounds
// to nothing; relative accuracy of the exponential, a few units of the last place.
TEST(DenseHessian, gauss_newton_keeps_its_digits_for_well_fitted_examples) {
  MlpSettings settings;
  settings.hidden = {};
  settings.biases = false;
  for (const double margin : {1.0, 20.0, 60.0}) {
    Mlp<double> mlp(settings, std::vector<double>{1.0}, std::vector<std::int32_t>{0}, 2);
    const Matrix g = dense<double>(mlp, {margin, 0}, HessianTerm::gauss_newton);
    const double e = std::exp(-margin);
    const double exact = e / ((1 + e) * (1 + e));
    EXPECT_NEAR(g(0, 0) / exact, 1, 4e-15);
    EXPECT_NEAR(g(0, 1) / -exact, 1, 4e-15);
    EXPECT_NEAR(g(1, 1) / exact, 1, 4e-15);
  }
}

TEST(DenseHessian, of_a_quadratic_comes_from_products_and_has_no_other_term) {
  Quadratic<double> quadratic(QuadraticSettings{.stiffness = {3, 2, 0.5}, .soft = 1});
  const std::vector<double> theta(4, 0.25);
  const std::vector<double> eigenvalues = hessian_spectrum(quadratic, theta).eigenvalues;
  ASSERT_EQ(eigenvalues.size(), 4u);
  const double exact[] = {0, 0.5, 2, 3};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(eigenvalues[i], exact[i], 1e-14);
  EXPECT_THROW((void)hessian_spectrum(quadratic, theta, {}, HessianTerm::gauss_newton), Error);
}

// trace and squared norm of the matrix by products; G >= 0 to rounding.
TEST(HessianSpectrum, of_a_network_is_that_of_the_matrix_by_products) {
  const Problem problem({5, 8, 3}, 60);
  Mlp<double> mlp = problem.build<double>();
  for (const HessianTerm term : kTerms) {
    const HessianSpectrum spectrum = hessian_spectrum(mlp, problem.theta(), {}, term);
    ASSERT_EQ(spectrum.status, Status::ok);
    const Matrix matrix = by_products(mlp, problem.theta(), term);
    ASSERT_EQ(static_cast<Eigen::Index>(spectrum.eigenvalues.size()), matrix.rows());
    EXPECT_TRUE(std::is_sorted(spectrum.eigenvalues.begin(), spectrum.eigenvalues.end()));
    double sum = 0;
    double squares = 0;
    for (const double x : spectrum.eigenvalues) {
      sum += x;
      squares += x * x;
    }
    EXPECT_NEAR(sum, matrix.trace(), 1e-12 * matrix.norm());
    EXPECT_NEAR(squares, matrix.squaredNorm(), 1e-12 * matrix.squaredNorm());
    if (term == HessianTerm::gauss_newton) {
      EXPECT_GT(spectrum.eigenvalues.front(), -1e-14 * matrix.norm());
    }
  }
}

// The discrete Laplacian of a chain of n: 2 - 2 cos(π k / (n + 1)).
TEST(HessianSpectrum, of_the_laplacian_is_known) {
  constexpr int kSize = 50;
  Matrix laplacian = Matrix::Zero(kSize, kSize);
  for (int i = 0; i < kSize; ++i) {
    laplacian(i, i) = 2;
    if (i > 0) laplacian(i, i - 1) = laplacian(i - 1, i) = -1;
  }
  Matrix copy = laplacian;
  const std::span<double> numbers(copy.data(), kSize * kSize);
  const HessianSpectrum spectrum = symmetric_eigenvalues(numbers);
  ASSERT_EQ(spectrum.status, Status::ok);
  for (int k = 1; k <= kSize; ++k) {
    EXPECT_NEAR(spectrum.eigenvalues[static_cast<std::size_t>(k - 1)],
                2 - 2 * std::cos(M_PI * k / (kSize + 1)),
                1e-13);
  }
  copy = laplacian;
  copy(3, 4) = std::nan("");
  EXPECT_EQ(symmetric_eigenvalues(numbers).status, Status::diverged);
  EXPECT_THROW((void)symmetric_eigenvalues(numbers.first(7)), Error);
}

TEST(DenseHessian, rejects_what_it_cannot_hold) {
  const Problem small({4, 6, 3}, 10);
  Mlp<float> mlp = small.build<float>();
  std::vector<float> theta(static_cast<std::size_t>(mlp.parameters()));
  std::vector<float> wrong(theta.size());
  EXPECT_THROW(mlp.dense_hessian(theta, {}, HessianTerm::full, wrong), Error);
  const Problem large({200, 200, 3}, 2);
  Mlp<float> wide = large.build<float>();
  theta.resize(static_cast<std::size_t>(wide.parameters()));
  EXPECT_THROW(wide.dense_hessian(theta, {}, HessianTerm::full, wrong), Error);
}

}  // namespace
}  // namespace thermoscape
