#include "thermoscape/theory/softmax.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

const Vector kLogits{{1.0, -0.5, 0.2, 3.1}};

/// ln Σ e^{z} - z_y in long double.
double plain_loss(const Vector& z, Eigen::Index y) {
  long double sum = 0;
  for (const double x : z) sum += std::exp(static_cast<long double>(x) - z.maxCoeff());
  return static_cast<double>(std::log(sum) + z.maxCoeff() - z[y]);
}

TEST(Softmax, derivatives_are_those_of_the_cross_entropy) {
  constexpr double kStep = 1e-5;
  for (Eigen::Index y = 0; y < 4; ++y) {
    EXPECT_NEAR(cross_entropy(kLogits, y), plain_loss(kLogits, y), 1e-14);
    EXPECT_NEAR(margin_loss(kLogits, y).loss, plain_loss(kLogits, y), 1e-14);
    const Vector gradient = logit_gradient(kLogits, y);
    const Matrix hessian = logit_hessian(kLogits);
    for (Eigen::Index k = 0; k < 4; ++k) {
      const Vector step = kStep * Vector::Unit(4, k);
      EXPECT_NEAR(gradient[k],
                  (plain_loss(kLogits + step, y) - plain_loss(kLogits - step, y)) / (2 * kStep),
                  1e-9);
      const Vector column =
          (logit_gradient(kLogits + step, y) - logit_gradient(kLogits - step, y)) / (2 * kStep);
      EXPECT_LT((hessian.col(k) - column).norm(), 1e-9);
    }
    EXPECT_NEAR(gradient.sum(), 0, 1e-16);
  }
  EXPECT_NEAR(softmax(kLogits).sum(), 1, 1e-15);
}

TEST(Softmax, margin_and_amplitude_are_the_runner_up) {
  const MarginLoss m = margin_loss(kLogits, 3);
  EXPECT_DOUBLE_EQ(m.margin, 2.1);
  EXPECT_NEAR(m.amplitude, 1 + std::exp(-1.5) + std::exp(-0.8), 1e-15);
  EXPECT_DOUBLE_EQ(margin_loss(kLogits, 1).margin, -3.6);
}

TEST(Softmax, far_apart_logits_keep_their_digits) {
  const Vector z{{1000.0, 900.0, -1000.0}};
  EXPECT_NEAR(cross_entropy(z, 0), std::exp(-100.0), 1e-15 * std::exp(-100.0));
  EXPECT_DOUBLE_EQ(cross_entropy(z, 2), 2000);
  EXPECT_NEAR(logit_gradient(z, 0)[0], -std::exp(-100.0), 1e-14 * std::exp(-100.0));
  EXPECT_EQ(cross_entropy(Vector{{5.0}}, 0), 0);
}

/// The Fisher matrix as the mean over all labels of squared scores, and by the data's labels.
TEST(Softmax, fisher_diagonal_is_the_mean_square_of_scores) {
  const Matrix w{{0.3, -0.8}, {1.1, 0.2}, {-0.4, 0.5}};
  const Matrix x{{1.0, 0.4}, {-0.7, 2.0}, {0.1, -1.3}, {0.9, 0.9}};
  const std::vector<std::int64_t> labels{2, 0, 1, 1};
  const FisherDiagonal fisher = fisher_diagonal(w, x, labels);
  constexpr double kStep = 1e-5;
  for (Eigen::Index k = 0; k < 3; ++k) {
    for (Eigen::Index j = 0; j < 2; ++j) {
      double model = 0;
      double data = 0;
      for (Eigen::Index i = 0; i < 4; ++i) {
        const Vector p = softmax(w * x.row(i).transpose());
        for (Eigen::Index y = 0; y < 3; ++y) {
          Matrix up = w;
          up(k, j) += kStep;
          Matrix down = w;
          down(k, j) -= kStep;
          const double score = (plain_loss(up * x.row(i).transpose(), y) -
                                plain_loss(down * x.row(i).transpose(), y)) /
                               (2 * kStep);
          model += p[y] * score * score / 4;
          if (y == labels[static_cast<std::size_t>(i)]) data += score * score / 4;
        }
      }
      EXPECT_NEAR(fisher.model(k, j), model, 1e-9);
      EXPECT_NEAR(fisher.data(k, j), data, 1e-9);
    }
  }
}

TEST(Softmax, refuses_bad_input_in_one_line) {
  EXPECT_THROW((void)softmax(Vector{}), Error);
  EXPECT_THROW((void)softmax(Vector{{1.0, std::nan("")}}), Error);
  EXPECT_THROW((void)margin_loss(Vector{{1.0}}, 0), Error);
  EXPECT_THROW((void)fisher_diagonal(Matrix::Ones(2, 3), Matrix::Ones(4, 2), {0, 0, 0, 0}), Error);
  try {
    (void)logit_gradient(kLogits, 4);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "label = 4: must be a class from 0 to 3");
  }
}

}  // namespace
}  // namespace thermoscape::theory
