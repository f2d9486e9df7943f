#include "thermoscape/models/random_hessian.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/models/softmax_hessian.hpp"
#include "thermoscape/theory/random_hessian_scales.hpp"
#include "thermoscape/theory/softmax_gaussian.hpp"

namespace thermoscape {
namespace {

RandomHessian small() {
  RandomHessian model;
  model.examples = 80;
  model.classes = 5;
  model.parameters = 160;
  model.logit_deviation = 6;
  model.shared_deviation = 1 / std::sqrt(160.0);
  model.residual_deviation = 0.5 / std::sqrt(160.0);
  return model;
}

TEST(RandomHessian, top_of_the_spectrum_is_that_of_dense_algebra) {
  for (const std::int64_t parameters : {60, 160}) {  // dense and Lanczos
    RandomHessian model = small();
    model.parameters = parameters;
    const RandomHessianDraw draw = sample(model, Noise(2), 0);
    const RandomHessianSpectrum s = spectrum(draw);
    // Through the Gram matrix of the factor, [C N, C N].
    const Matrix factor = hessian_factor(draw.probabilities, draw.jacobian);
    const Eigen::SelfAdjointEigenSolver<Matrix> gram(factor.transpose() * factor);
    const Vector expected = gram.eigenvalues().tail(6).reverse();
    EXPECT_LT((s.eigenvalues - expected).norm(), 1e-9 * expected[0]);
    EXPECT_NEAR(s.trace, gram.eigenvalues().sum(), 1e-12 * s.trace);
    EXPECT_NEAR(s.trace_over_norm, s.trace / gram.eigenvalues().norm(), 1e-12 * s.trace_over_norm);
    const Vector gradient = softmax_gradient(draw.probabilities, draw.jacobian, draw.labels);
    double share = 0;
    for (Eigen::Index i = 1; i <= 5; ++i) {
      const Vector v = factor * gram.eigenvectors().col(gram.eigenvectors().cols() - i);
      share += std::pow(v.dot(gradient), 2) / v.squaredNorm() / gradient.squaredNorm();
    }
    EXPECT_NEAR(s.gradient_share, share, 1e-8);
    EXPECT_NEAR(s.outlier_gap, expected[3] / expected[4], 1e-7);
    EXPECT_NEAR(s.bulk_gap, expected[4] / expected[5], 1e-7);
  }
}

TEST(RandomHessian, moments_are_those_of_theory) {
  const RandomHessian model = small();
  const RandomHessianAverages s = average_spectrum(model, Noise(2), 40, 2);
  const theory::RandomHessianLimits limits = theory::random_hessian_limits(
      {model.logit_deviation, 5, 160, model.shared_deviation, model.residual_deviation});
  const theory::SoftmaxAverages p = theory::softmax_averages({model.logit_deviation, 5});
  EXPECT_NEAR(s.trace.value, limits.hessian_trace, 4 * s.trace.standard_error);
  EXPECT_LT(s.trace.standard_error, 0.03 * s.trace.value);
  EXPECT_NEAR(s.max_probability.value, p.max_probability, 4 * s.max_probability.standard_error);
  // C - 1 outliers, not C.
  EXPECT_GT(s.outlier_gap.value, 2);
  EXPECT_LT(s.bulk_gap.value, 1.3);
}

TEST(RandomHessian, labels_have_the_accuracy_to_the_example) {
  RandomHessian model = small();
  for (const double accuracy : {0.0, 0.6, 0.95, 1.0}) {
    model.accuracy = accuracy;
    const RandomHessianDraw draw = sample(model, Noise(2), 3);
    int right = 0;
    for (Eigen::Index i = 0; i < 80; ++i) {
      Eigen::Index best = 0;
      draw.probabilities.col(i).maxCoeff(&best);
      right += best == draw.labels[static_cast<std::size_t>(i)] ? 1 : 0;
    }
    EXPECT_EQ(right, std::lround(accuracy * 80));
  }
}

TEST(RandomHessian, logit_gradients_split_into_shared_and_residual) {
  const RandomHessian model = small();
  const RandomHessianDraw draw = sample(model, Noise(2), 1);
  const Matrix residual = draw.jacobian - draw.shared.replicate(1, 80);
  const auto n = static_cast<double>(residual.size());
  // A variance of n normals has relative error √(2/n).
  const double variance = 0.25 / 160;
  EXPECT_NEAR(residual.squaredNorm() / n, variance, 4 * variance * std::sqrt(2 / n));
  EXPECT_NEAR(draw.shared.squaredNorm() / 800, 1.0 / 160, 4.0 / 160 * std::sqrt(2.0 / 800));
}

TEST(RandomHessian, draws_depend_on_seed_and_number_only) {
  const RandomHessian model = small();
  const RandomHessianAverages one = average_spectrum(model, Noise(2), 5, 1);
  const RandomHessianAverages three = average_spectrum(model, Noise(2), 5, 3);
  EXPECT_EQ(one.top_eigenvalue.value, three.top_eigenvalue.value);
  EXPECT_EQ(one.gradient_share.standard_error, three.gradient_share.standard_error);
  EXPECT_NE(sample(model, Noise(2), 0).shared(0, 0), sample(model, Noise(2), 1).shared(0, 0));
  EXPECT_NE(sample(model, Noise(2), 0).shared(0, 0), sample(model, Noise(3), 0).shared(0, 0));
}

TEST(RandomHessian, refuses_bad_input_in_one_line) {
  const auto message = [](const RandomHessian& model) -> std::string {
    try {
      (void)average_spectrum(model, Noise(2), 2);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  RandomHessian model = small();
  model.accuracy = 1.5;
  EXPECT_THAT(message(model), ::testing::HasSubstr("random-hessian.accuracy = 1.5: must be in"));
  model = small();
  model.parameters = 5;
  EXPECT_EQ(message(model), "random-hessian.parameters = 5: must be > the number of classes, 5");
  EXPECT_THROW((void)average_spectrum(small(), Noise(2), 1), Error);
  EXPECT_THROW((void)average_spectrum(small(), Noise(2), 2, 0), Error);
}

}  // namespace
}  // namespace thermoscape
