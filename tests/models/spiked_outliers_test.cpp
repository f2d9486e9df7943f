// Outliers of drawn matrices against the spiked-matrix equation, with the bulk measured and in
// closed form.
#include "thermoscape/models/spiked_outliers.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/models/random_hessian.hpp"
#include "thermoscape/models/softmax_hessian.hpp"

namespace thermoscape {
namespace {

RandomHessian small() {
  RandomHessian model;
  model.examples = 120;
  model.classes = 4;
  model.parameters = 300;
  model.logit_deviation = 3;
  model.shared_deviation = 1 / std::sqrt(300.0);
  model.residual_deviation = 0.7 / std::sqrt(300.0);
  return model;
}

Vector falling(const Matrix& matrix) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(matrix, Eigen::EigenvaluesOnly)
      .eigenvalues()
      .reverse();
}

Matrix residuals_of(const RandomHessianDraw& draw) {
  return draw.jacobian - draw.shared.replicate(1, draw.probabilities.cols());
}

// Without residuals H = cPcᵀ: the equation is its characteristic polynomial.
TEST(SpikedOutliers, AreExactWithoutABulk) {
  const RandomHessian model = small();
  const RandomHessianDraw draw = sample(model, Noise(3), 0);
  const BulkSpectrum none(std::vector<double>(300, 0.0), 300);
  const Vector exact =
      falling(draw.shared * mean_logit_hessian(draw.probabilities) * draw.shared.transpose());
  for (const SharedPart part : {SharedPart::separated, SharedPart::crossed}) {
    const std::vector<double> found =
        spiked_outliers(draw.probabilities, draw.shared, none, 0, part);
    ASSERT_EQ(found.size(), 3u);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(found[k] / exact[static_cast<Eigen::Index>(k)], 1, 1e-8);
    }
  }
}

// Draws at D = 300: the mean over 10 draws and 3 outliers of predicted/measured - 1. One draw
// scatters by about 1/D^(1/2) = 6 %/√3, since cᵀ(λ-B)⁻¹c fluctuates about g cᵀc: 1.1 % for the
// mean.
TEST(SpikedOutliers, AreThoseOfDraws) {
  const RandomHessian model = small();
  std::vector<RandomHessianDraw> draws;
  std::vector<double> pooled;
  for (std::uint64_t d = 0; d < 10; ++d) {
    draws.push_back(sample(model, Noise(5), d));
    const Vector bulk =
        falling(softmax_hessian(draws.back().probabilities, residuals_of(draws.back())));
    pooled.insert(pooled.end(), bulk.begin(), bulk.end());
  }
  const BulkSpectrum bulk(pooled, 300);
  double plain = 0;
  double crossed = 0;
  double lift = 0;  // of the outliers by the cross terms, drawn and predicted from the same c and p
  double predicted_lift = 0;
  for (const RandomHessianDraw& draw : draws) {
    const Vector with = falling(softmax_hessian(draw.probabilities, draw.jacobian));
    const Vector without =
        falling(separated_hessian(draw.probabilities, draw.shared, residuals_of(draw)));
    const auto separated = spiked_outliers(
        draw.probabilities, draw.shared, bulk, model.residual_deviation, SharedPart::separated);
    const auto complete = spiked_outliers(
        draw.probabilities, draw.shared, bulk, model.residual_deviation, SharedPart::crossed);
    ASSERT_EQ(separated.size(), 3u);
    ASSERT_EQ(complete.size(), 3u);
    EXPECT_TRUE(std::is_sorted(complete.rbegin(), complete.rend()));
    for (std::size_t k = 0; k < 3; ++k) {
      const auto at = static_cast<Eigen::Index>(k);
      plain += (separated[k] / without[at] - 1) / 30;
      crossed += (complete[k] / with[at] - 1) / 30;
      lift += (with[at] / without[at] - 1) / 30;
      predicted_lift += (complete[k] / separated[k] - 1) / 30;
    }
  }
  EXPECT_NEAR(plain, 0, 0.015);
  EXPECT_NEAR(crossed, 0, 0.015);
  // c drops out of the comparison: what is left is cᵀ(λ-B)⁻¹Y, 1/√(D N) times the cross terms.
  EXPECT_GT(predicted_lift, 0.005);
  EXPECT_NEAR(lift, predicted_lift, 0.005);
}

// The measured transform against the closed form at the same probabilities: both are deterministic
// to O(1/D) here.
TEST(BulkSpectrum, StieltjesTransformIsThatOfTheClosedForm) {
  const RandomHessian model = small();
  const RandomHessianDraw draw = sample(model, Noise(7), 0);
  const Vector values = falling(softmax_hessian(draw.probabilities, residuals_of(draw)));
  const BulkSpectrum bulk({values.begin(), values.end()}, 300);
  for (const double factor : {1.3, 2.0, 5.0}) {
    const double x = factor * bulk.edge();
    const double closed = bulk_stieltjes(draw.probabilities, model.residual_deviation, 300, x);
    // g - 1/x is what the bulk adds; its trace fluctuates by √(2/(N D)) or less, 1 %.
    EXPECT_NEAR((bulk.stieltjes(x) - 1 / x) / (closed - 1 / x), 1, 0.03) << factor;
  }
}

TEST(SpikedOutliers, AreNoneWhereTheBulkSwallowsThem) {
  RandomHessian model = small();
  model.shared_deviation *= 0.02;
  const RandomHessianDraw draw = sample(model, Noise(3), 0);
  const Vector values = falling(softmax_hessian(draw.probabilities, residuals_of(draw)));
  const BulkSpectrum bulk({values.begin(), values.end()}, 300);
  EXPECT_TRUE(
      spiked_outliers(
          draw.probabilities, draw.shared, bulk, model.residual_deviation, SharedPart::separated)
          .empty());
}

TEST(BulkSpectrum, RefusesPointsInsideAndRaggedDraws) {
  const BulkSpectrum bulk({1, 2, 3, 4}, 2);
  EXPECT_EQ(bulk.edge(), 4);
  EXPECT_NEAR(bulk.stieltjes(5), (1.0 / 4 + 1.0 / 3 + 1.0 / 2 + 1) / 4, 1e-15);
  EXPECT_THROW((void)bulk.stieltjes(4), Error);
  EXPECT_THROW(BulkSpectrum({1, 2, 3}, 2), Error);
  EXPECT_THROW(BulkSpectrum({}, 2), Error);
  EXPECT_THROW(BulkSpectrum({1, std::nan("")}, 2), Error);
  EXPECT_THROW(
      (void)spiked_outliers(
          Matrix::Constant(3, 4, 1.0 / 3), Matrix::Zero(2, 2), bulk, 1, SharedPart::separated),
      Error);
}

}  // namespace
}  // namespace thermoscape
