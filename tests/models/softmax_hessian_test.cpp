#include "thermoscape/models/softmax_hessian.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/theory/softmax.hpp"

namespace thermoscape {
namespace {

constexpr Eigen::Index kClasses = 3;
constexpr Eigen::Index kExamples = 5;
constexpr Eigen::Index kSize = 4;
const std::vector<std::int64_t> kLabels{0, 2, 1, 1, 0};

Matrix random(Eigen::Index rows, Eigen::Index columns, std::uint64_t step) {
  Matrix m(rows, columns);
  Noise(1).normal(
      "test.matrix", step, std::span<double>(m.data(), static_cast<std::size_t>(m.size())));
  return m;
}

/// Logits linear in θ, z = z0 + Jθ, have no logit curvature: the G-term is the whole Hessian.
TEST(SoftmaxHessian, derivatives_are_those_of_a_linear_model) {
  const Matrix z0 = 2 * random(kClasses, kExamples, 0);
  const Matrix j = random(kSize, kClasses * kExamples, 1);
  const auto logits = [&](const Vector& theta) -> Matrix {
    return z0 + (j.transpose() * theta).reshaped(kClasses, kExamples);
  };
  const auto loss = [&](const Vector& theta) {
    const Matrix z = logits(theta);
    double sum = 0;
    for (Eigen::Index i = 0; i < kExamples; ++i) {
      sum += theory::cross_entropy(z.col(i), kLabels[static_cast<std::size_t>(i)]) / kExamples;
    }
    return sum;
  };
  const auto gradient = [&](const Vector& theta) {
    return softmax_gradient(class_probabilities(logits(theta)), j, kLabels);
  };
  const Vector origin = Vector::Zero(kSize);
  const Matrix hessian = softmax_hessian(class_probabilities(z0), j);
  constexpr double kStep = 1e-5;
  for (Eigen::Index a = 0; a < kSize; ++a) {
    const Vector step = kStep * Vector::Unit(kSize, a);
    EXPECT_NEAR(gradient(origin)[a], (loss(step) - loss(-step)) / (2 * kStep), 1e-9);
    const Vector column = (gradient(step) - gradient(-step)) / (2 * kStep);
    EXPECT_LT((hessian.col(a) - column).norm(), 1e-9);
  }
  const Matrix factor = hessian_factor(class_probabilities(z0), j);
  EXPECT_LT((factor * factor.transpose() - hessian).norm(), 1e-14);
}

/// Logits far apart leave most columns of the factor out; the Hessian keeps all its digits.
TEST(SoftmaxHessian, frozen_probabilities_lose_nothing) {
  const Matrix p = class_probabilities(60 * random(kClasses, 40, 2));
  const Matrix j = random(kSize, kClasses * 40, 3);
  const Matrix factor = hessian_factor(p, j);
  const Matrix hessian = softmax_hessian(p, j);
  EXPECT_LT((factor * factor.transpose() - hessian).norm(), 1e-14 * hessian.norm());
}

TEST(SoftmaxHessian, logit_hessian_annihilates_the_constant) {
  const Matrix p = class_probabilities(3 * random(kClasses, kExamples, 4));
  const Matrix mean = mean_logit_hessian(p);
  EXPECT_LT((mean * Vector::Ones(kClasses)).norm(), 1e-15);
  Matrix sum = Matrix::Zero(kClasses, kClasses);
  for (Eigen::Index i = 0; i < kExamples; ++i) {
    sum += theory::logit_hessian(p.col(i).array().log().matrix()) / kExamples;
  }
  EXPECT_LT((sum - mean).norm(), 1e-15);
}

TEST(SoftmaxHessian, separated_form_drops_the_cross_terms_only) {
  const Matrix p = class_probabilities(random(kClasses, kExamples, 5));
  const Matrix c = random(kSize, kClasses, 6);
  const Matrix e = 0.3 * random(kSize, kClasses * kExamples, 7);
  const Matrix shared = c.replicate(1, kExamples);
  const Matrix none = Matrix::Zero(e.rows(), e.cols());
  EXPECT_LT((separated_hessian(p, c, none) - softmax_hessian(p, shared)).norm(), 1e-14);
  // Cross terms are odd in E: they cancel between E and -E.
  const Matrix even = (softmax_hessian(p, shared + e) + softmax_hessian(p, shared - e)) / 2;
  EXPECT_LT((separated_hessian(p, c, e) - even).norm(), 1e-14);
  // At most C - 1 directions carry the shared part, however long the c_k.
  const Vector spectrum = separated_hessian(p, c * Vector{{1.0, 5.0, 20.0}}.asDiagonal(), none)
                              .selfadjointView<Eigen::Lower>()
                              .eigenvalues();
  EXPECT_LT(spectrum[1], 1e-13 * spectrum[3]);
  EXPECT_GT(spectrum[2], 1e-6 * spectrum[3]);
}

TEST(SoftmaxHessian, refuses_shapes_that_do_not_fit) {
  const Matrix p = class_probabilities(random(kClasses, kExamples, 8));
  const Matrix j = random(kSize, kClasses * kExamples, 9);
  EXPECT_THROW((void)hessian_factor(p, j.leftCols(4)), Error);
  EXPECT_THROW((void)softmax_gradient(p, j, {0, 1}), Error);
  EXPECT_THROW((void)softmax_gradient(p, j, {0, 1, 2, 3, 0}), Error);
  EXPECT_THROW((void)separated_hessian(p, random(kSize, 2, 0), j), Error);
  EXPECT_THROW((void)class_probabilities(Matrix::Constant(2, 2, INFINITY)), Error);
}

}  // namespace
}  // namespace thermoscape
