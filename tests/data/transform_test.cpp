#include <cmath>

#include <Eigen/Dense>

#include "data/support.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/data/reduce.hpp"
#include "thermoscape/data/standardise.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

/// n correlated Gaussian examples x = A ξ + b of the given shape.
Labelled correlated(std::int64_t n, std::vector<std::int64_t> shape, std::uint64_t seed) {
  Labelled set = counting(std::vector<std::int32_t>(static_cast<std::size_t>(n), 0), 1, 1);
  set.shape = std::move(shape);
  const auto d = static_cast<std::size_t>(set.width());
  std::vector<double> mix(d * d), xi(d);
  Noise(seed).normal("test.mix", 0, std::span(mix));
  set.inputs.clear();
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(n); ++i) {
    Noise(seed).normal("test.inputs", i, std::span(xi));
    for (std::size_t j = 0; j < d; ++j) {
      double x = 3.0 + static_cast<double>(j);
      for (std::size_t k = 0; k < d; ++k) x += mix[j * d + k] * xi[k];
      set.inputs.push_back(static_cast<float>(x));
    }
  }
  return set;
}

Eigen::MatrixXd matrix(const Labelled& set) {
  return Eigen::Map<const Eigen::Matrix<float, -1, -1, Eigen::RowMajor>>(
             set.inputs.data(), set.size(), set.width())
      .cast<double>();
}
/// Covariance with divisor n, from its definition.
Eigen::MatrixXd covariance(const Labelled& set) {
  const Eigen::MatrixXd x = matrix(set);
  const Eigen::MatrixXd centred = x.rowwise() - x.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(set.size());
}

TEST(Standardise, FeaturesGetMeanZeroAndVarianceOneAndConstantsAreSaid) {
  Labelled set = correlated(200, {4}, 1);
  for (std::size_t i = 2; i < set.inputs.size(); i += 4)
    set.inputs[i] = 0.3f;  // rounds differently from 0.3
  const Standardisation fit = fit_standardisation(set, Grouping::feature);
  EXPECT_EQ(fit.constant, 1);
  EXPECT_EQ(fit.scale[2], 1.0);
  const Labelled out = apply(fit, set);
  const Eigen::MatrixXd x = matrix(out);
  for (const int j : {0, 1, 3}) {
    EXPECT_NEAR(x.col(j).mean(), 0, 1e-6);  // float rounding of values of order one
    EXPECT_NEAR(x.col(j).squaredNorm() / 200, 1, 1e-6);
    EXPECT_NEAR(fit.mean[static_cast<std::size_t>(j)], matrix(set).col(j).mean(), 1e-12);
  }
  EXPECT_EQ(x.col(2).cwiseAbs().maxCoeff(), 0);
  EXPECT_THAT(out.steps.back(), HasSubstr("1 of 4 do not vary"));
  EXPECT_EQ(out.records[0].name, "input_mean");
  EXPECT_EQ(out.records[1].values[0], fit.scale[0]);
  // Undone with the recorded numbers, the inputs come back.
  const Eigen::VectorXd scale = Eigen::Map<const Eigen::VectorXd>(fit.scale.data(), 4);
  const Eigen::VectorXd mean = Eigen::Map<const Eigen::VectorXd>(fit.mean.data(), 4);
  const Eigen::MatrixXd back = (x * scale.asDiagonal()).rowwise() + mean.transpose();
  EXPECT_LT((back - matrix(set)).cwiseAbs().maxCoeff(), 1e-5);
}

TEST(Standardise, ChannelsShareTheirNumbers) {
  const Labelled set = correlated(50, {2, 3, 2}, 2);
  const Standardisation fit = fit_standardisation(set, Grouping::channel);
  const Eigen::MatrixXd in = matrix(set);
  ASSERT_EQ(fit.mean.size(), 2u);
  EXPECT_NEAR(fit.mean[0], in.leftCols(6).mean(), 1e-12);
  EXPECT_NEAR(fit.mean[1], in.rightCols(6).mean(), 1e-12);
  const Eigen::MatrixXd x = matrix(apply(fit, set));
  EXPECT_NEAR(x.leftCols(6).mean(), 0, 1e-6);
  EXPECT_NEAR(x.rightCols(6).squaredNorm() / 300, 1, 1e-6);
  EXPECT_THAT(
      complaint([] { (void)fit_standardisation(correlated(5, {4}, 1), Grouping::channel); }),
      HasSubstr("channel axis"));
  EXPECT_THAT(complaint([&] { (void)apply(fit, correlated(5, {4}, 1)); }), HasSubstr("must be 12"));
}

TEST(Reduce, AgreesWithEigenvectorsOfTheCovariance) {
  // More examples than inputs, and fewer: two algorithms inside, one answer.
  for (const std::int64_t n : {300, 12}) {
    const Labelled set = correlated(n, {20}, 3);
    const analysis::Pca pca = fit_principal_components(set, 5);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance(set));
    for (int a = 0; a < 5; ++a) {
      const double expected = solver.eigenvalues()(19 - a);
      EXPECT_NEAR(pca.variances(a), expected, 1e-10 * expected);
      EXPECT_NEAR(std::abs(pca.components.col(a).dot(solver.eigenvectors().col(19 - a))), 1, 1e-8);
      EXPECT_GT(pca.components.col(a).maxCoeff(), -pca.components.col(a).minCoeff());
    }
    EXPECT_NEAR(pca.total_variance, solver.eigenvalues().sum(), 1e-9 * pca.total_variance);
  }
}

TEST(Reduce, WhitenedTrainingInputsHaveUnitCovariance) {
  const Labelled set = correlated(300, {20}, 4);
  const analysis::Pca pca = fit_principal_components(set, 6);
  const Labelled white = apply(pca, set);
  EXPECT_THAT(white.shape, ElementsAre(6));
  EXPECT_EQ(white.labels, set.labels);
  EXPECT_LT((covariance(white) - Eigen::MatrixXd::Identity(6, 6)).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_LT(matrix(white).colwise().mean().cwiseAbs().maxCoeff(), 1e-6);

  const Eigen::MatrixXd plain = covariance(apply(pca, set, false));
  for (int a = 0; a < 6; ++a) EXPECT_NEAR(plain(a, a), pca.variances(a), 1e-6 * pca.variances(0));
  // Another set goes through the map of the training set.
  const Labelled other = correlated(3, {20}, 9);
  const Eigen::MatrixXd expected =
      (matrix(other).rowwise() - pca.mean.transpose()) * pca.components;
  EXPECT_LT((matrix(apply(pca, other, false)) - expected).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(Reduce, RecordsWhatItDid) {
  const Labelled set = correlated(100, {8}, 5);
  const analysis::Pca pca = fit_principal_components(set, 3);
  const Labelled out = apply(pca, set);
  ASSERT_EQ(out.records.size(), 4u);
  EXPECT_EQ(out.records[0].name, "pca_directions");
  EXPECT_THAT(out.records[0].shape, ElementsAre(3, 8));
  EXPECT_EQ(out.records[0].values[8 + 2], pca.components(2, 1));  // row 1 is direction 1
  EXPECT_EQ(out.records[3].name, "pca_explained");
  EXPECT_NEAR(out.records[3].values[0], pca.variances(0) / covariance(set).trace(), 1e-10);
}

TEST(Reduce, RefusesMoreComponentsThanThereAreDirections) {
  Labelled flat = correlated(100, {6}, 6);
  for (std::size_t i = 0; i < flat.inputs.size(); i += 6) {
    flat.inputs[i + 4] = flat.inputs[i] * 2;
    flat.inputs[i + 5] = 1;
  }
  EXPECT_EQ(fit_principal_components(flat, 4).variances.size(), 4);
  EXPECT_THAT(complaint([&] { (void)fit_principal_components(flat, 5); }),
              HasSubstr("= 5: must be in [1, 4]"));
  EXPECT_THAT(complaint([&] { (void)fit_principal_components(flat, 7); }), HasSubstr("[1, 6]"));
  EXPECT_THAT(complaint([] { (void)fit_principal_components(correlated(5, {8}, 1), 5); }),
              HasSubstr("[1, 4]"));
  Labelled equal = flat;
  std::fill(equal.inputs.begin(), equal.inputs.end(), 0.7f);
  EXPECT_THAT(complaint([&] { (void)fit_principal_components(equal, 1); }), HasSubstr("vary"));
  EXPECT_THAT(
      complaint([&] { (void)apply(fit_principal_components(flat, 2), correlated(3, {7}, 1)); }),
      HasSubstr("must be 6"));
}

}  // namespace
}  // namespace thermoscape::data
