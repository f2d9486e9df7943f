#include "thermoscape/analysis/pca.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "analysis/synthetic.hpp"
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

TEST(Pca, BadInput) {
  EXPECT_THROW((void)pca(Eigen::MatrixXd(0, 3)), Error);
  EXPECT_THROW((void)pca(Eigen::MatrixXd::Ones(3, 3), {4}), Error);
  Eigen::MatrixXd broken = Eigen::MatrixXd::Ones(3, 3);
  broken(1, 1) = std::nan("");
  EXPECT_THROW((void)pca(broken), Error);
}

}  // namespace
}  // namespace thermoscape::analysis
