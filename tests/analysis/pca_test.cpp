#include "thermoscape/analysis/pca.hpp"

#include <cmath>
#include <tuple>

#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "analysis/synthetic.hpp"
#include "thermoscape/analysis/randomised_pca.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

Eigen::MatrixXd random_matrix(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  const std::vector<double> z = testing::normals(static_cast<std::size_t>(n * d), seed);
  Eigen::MatrixXd out = Eigen::Map<const Eigen::MatrixXd>(z.data(), n, d);
  for (Eigen::Index j = 0; j < d; ++j)
    out.col(j) = (out.col(j).array() * std::pow(0.8, j) + 3.0).matrix();
  return out;
}

TEST(Pca, ReferenceTrajectory) {
  Eigen::MatrixXd data(12, 3);
  for (int i = 0; i < 36; ++i) data(i / 3, i % 3) = std::sin(1.37 * (i + 1) * (i + 1));
  const Pca p = pca(data);
  EXPECT_NEAR(p.variances(0), 0.6029391378034423, 1e-12);
  EXPECT_NEAR(p.variances(1), 0.41787662458526437, 1e-12);
  EXPECT_NEAR(p.variances(2), 0.26387813824911033, 1e-12);
  EXPECT_NEAR(p.variances.sum(), p.total_variance, 1e-12);
}

TEST(Pca, TallAndWideAgreeWithTheSingularValues) {
  for (const auto& [n, d] : {std::pair{200, 15}, std::pair{15, 200}}) {
    const Eigen::MatrixXd data = random_matrix(n, d, 1);
    const Pca p = pca(data);
    const Eigen::MatrixXd centred = data.rowwise() - data.colwise().mean();
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(centred, Eigen::ComputeThinU | Eigen::ComputeThinV);
    const Eigen::Index k = std::min(n, d);
    const Eigen::VectorXd expected = svd.singularValues().array().square() / n;
    EXPECT_LT((p.variances - expected).cwiseAbs().maxCoeff(), 1e-12 * expected(0));
    EXPECT_LT((p.components.transpose() * p.components - Eigen::MatrixXd::Identity(k, k))
                  .cwiseAbs()
                  .maxCoeff(),
              1e-12);
    for (Eigen::Index i = 0; i < 10; ++i) {
      EXPECT_NEAR(std::abs(p.components.col(i).dot(svd.matrixV().col(i))), 1, 1e-8) << i;
    }
    // Projections are uncorrelated with the stated variances.
    const Eigen::MatrixXd z = p.project(data);
    const Eigen::MatrixXd covariance = z.transpose() * z / n;
    EXPECT_LT((covariance - Eigen::MatrixXd(p.variances.asDiagonal())).cwiseAbs().maxCoeff(),
              1e-12);
  }
}

TEST(Pca, LeadingComponentsAreThoseOfTheWholeAndSignsAreFixed) {
  const Eigen::MatrixXd data = random_matrix(100, 20, 2);
  const Pca all = pca(data), few = pca(data, {4}), flipped = pca(-data, {4});
  EXPECT_EQ(few.components, all.components.leftCols(4));
  EXPECT_LT((few.components - flipped.components).cwiseAbs().maxCoeff(), 1e-10);
  EXPECT_EQ(few.total_variance, all.total_variance);
}

/// A random walk whose modes span `decades` in variance, drifting along the first: what a recorded
/// trajectory looks like. Axes are random rotations of the coordinates.
Eigen::MatrixXd drifting_walk(Eigen::Index n, Eigen::Index d, double decades, std::uint64_t seed) {
  const std::vector<double> z = testing::normals(static_cast<std::size_t>(n * d + d * d), seed);
  Eigen::MatrixXd walk = Eigen::Map<const Eigen::MatrixXd>(z.data(), n, d);
  for (Eigen::Index t = 1; t < n; ++t) walk.row(t) += walk.row(t - 1);
  for (Eigen::Index j = 0; j < d; ++j)
    walk.col(j) *= std::pow(10.0, -0.5 * decades * static_cast<double>(j) / static_cast<double>(d));
  for (Eigen::Index t = 0; t < n; ++t) walk(t, 0) += 3.0 * static_cast<double>(t);
  const Eigen::MatrixXd draws = Eigen::Map<const Eigen::MatrixXd>(z.data() + n * d, d, d);
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(draws);
  return walk * Eigen::MatrixXd(qr.householderQ());
}

/// Largest relative error against singular values over modes above 1e-10 of the second.
double largest_error(const Eigen::MatrixXd& data, int& seen) {
  const Pca p = pca(data);
  const Eigen::MatrixXd centred = data.rowwise() - data.colwise().mean();
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(centred);
  double worst = 0;
  seen = 0;
  for (Eigen::Index i = 0; i < p.variances.size(); ++i) {
    const double expected = std::pow(svd.singularValues()(i), 2) / static_cast<double>(data.rows());
    if (expected < 1e-10 * p.variances(1)) break;
    worst = std::max(worst, std::abs(p.variances(i) / expected - 1));
    ++seen;
  }
  return worst;
}

// Tall and wide. The wide walk has its modes in the first 100 of 300 directions.
TEST(Pca, SmallModesBesideALargeDriftAreThoseOfTheSingularValues) {
  for (const auto& [n, d, decades] : {std::tuple{900, 120, 16.0}, {120, 300, 48.0}}) {
    const Eigen::MatrixXd data = drifting_walk(n, d, decades, 4);
    const Pca p = pca(data);
    int seen = 0;
    EXPECT_LT(largest_error(data, seen), 1e-6) << n;
    EXPECT_GT(seen, 50) << n;
    EXPECT_GT(p.variances(0), 50 * p.variances(1));  // one matrix alone would lose the rest
    EXPECT_LT((p.components.transpose() * p.components - Eigen::MatrixXd::Identity(120, 120))
                  .cwiseAbs()
                  .maxCoeff(),
              1e-12);
    const Eigen::MatrixXd along = p.project(data).leftCols(seen);
    for (Eigen::Index i = 0; i < seen; ++i)
      EXPECT_NEAR(along.col(i).squaredNorm() / n / p.variances(i), 1, 1e-6) << n << ", " << i;
  }
}

TEST(Pca, WhereTheFirstModeIsNotFoundAloneTheTrailingOnesAreResolvedAgain) {
  // Four times the next twenty, which are equal: too close for the subspace of eight, too far for
  // one covariance. And fewer columns than that subspace wants.
  const std::vector<double> z = testing::normals(600 * 60, 7);
  for (const Eigen::Index d : {60, 14}) {
    Eigen::MatrixXd data = Eigen::Map<const Eigen::MatrixXd>(z.data(), 600, d);
    for (Eigen::Index j = 0; j < d; ++j) {
      const double rest = static_cast<double>(j) / static_cast<double>(d);
      data.col(j) *= j == 0 ? 2.2 : j < d / 3 ? 1.0 : std::pow(10.0, -5 * rest);
    }
    const Eigen::MatrixXd draws = Eigen::Map<const Eigen::MatrixXd>(z.data(), d, d);
    const Eigen::MatrixXd rotated =
        data * Eigen::MatrixXd(Eigen::HouseholderQR<Eigen::MatrixXd>(draws).householderQ());
    int seen = 0;
    EXPECT_LT(largest_error(rotated, seen), 1e-6) << d;
    EXPECT_GT(seen, d - 4) << d;
  }
}

TEST(Pca, RowsOutOfMemoryGiveTheSame) {
  const Eigen::MatrixXd data = drifting_walk(1100, 40, 6, 5);  // three blocks, the last ragged
  int passes = 0;
  Eigen::Index next = 0;
  const Rows rows{1100, 40, [&](Eigen::Index first, Eigen::Ref<RowMatrix> block) {
                    passes += first == 0 ? 1 : 0;
                    EXPECT_EQ(first, passes > 0 && first == 0 ? 0 : next);
                    next = first + block.rows();
                    block = data.middleRows(first, block.rows());
                  }};
  const Pca a = pca(rows, {10}), b = pca(data, {10});
  EXPECT_EQ(a.variances, b.variances);
  EXPECT_EQ(a.components, b.components);
  EXPECT_EQ(a.project(rows), b.project(data));
  EXPECT_GE(passes, 2);
}

TEST(RandomisedPca, AgreesWithTheExactOneToItsStatedTolerance) {
  const Eigen::MatrixXd data = drifting_walk(700, 150, 8, 6);
  const Pca exact = pca(data);
  const RandomisedPcaOptions options{.components = 20, .oversampling = 20, .iterations = 4};
  const Pca some = randomised_pca(rows_of(data), Noise(3), options);
  EXPECT_NEAR(some.total_variance / exact.total_variance, 1, 1e-12);
  for (Eigen::Index i = 0; i < 20; ++i) {
    // Share of mode i outside the span, at most of the order of (σ_41/σ_i)^(4q+2) = ratio^9.
    const double missed = std::pow(exact.variances(40) / exact.variances(i), 9);
    const double ratio = some.variances(i) / exact.variances(i);
    EXPECT_LE(ratio, 1 + 1e-10) << i;
    EXPECT_GE(ratio, 1 - 100 * missed - 1e-10) << i;
  }
  EXPECT_EQ(randomised_pca(rows_of(data), Noise(3), options).variances, some.variances);
}

TEST(Pca, BadInput) {
  EXPECT_THROW((void)randomised_pca(rows_of(Eigen::MatrixXd(Eigen::MatrixXd::Ones(9, 9))),
                                    Noise(1),
                                    {.components = 9, .oversampling = 1}),
               Error);
  EXPECT_THROW((void)pca(Eigen::MatrixXd(0, 3)), Error);
  EXPECT_THROW((void)pca(Eigen::MatrixXd::Ones(3, 3), {4}), Error);
  Eigen::MatrixXd broken = Eigen::MatrixXd::Ones(3, 3);
  broken(1, 1) = std::nan("");
  EXPECT_THROW((void)pca(broken), Error);
}

}  // namespace
}  // namespace thermoscape::analysis
