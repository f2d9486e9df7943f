#include "thermoscape/core/linear_operator.hpp"

#include <gtest/gtest.h>
#include <Eigen/QR>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {
namespace {

Matrix random_matrix(std::uint64_t seed, Eigen::Index rows, Eigen::Index columns) {
  Matrix m(rows, columns);
  Noise(seed).normal<double>(
      "test.matrix", 0, std::span(m.data(), static_cast<std::size_t>(m.size())));
  return m;
}

LinearOperator operator_of(const Matrix& m) {
  return {m.rows(),
          [m](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) { out = m * in; }};
}

class LinearOperators : public testing::Test {
 protected:
  const Matrix a = random_matrix(1, 7, 7);
  const Matrix b = random_matrix(2, 7, 7);
  const Matrix block = random_matrix(3, 7, 3);
  const LinearOperator op_a = operator_of(a);
  const LinearOperator op_b = operator_of(b);

  // Sums of at most 49 products of numbers below 5.
  static void expect_equal(const Matrix& x, const Matrix& y) {
    ASSERT_EQ(x.rows(), y.rows());
    ASSERT_EQ(x.cols(), y.cols());
    EXPECT_LT((x - y).cwiseAbs().maxCoeff(), 1e-12);
  }
};

TEST_F(LinearOperators, AlgebraIsThatOfDenseMatrices) {
  expect_equal(op_a * block, a * block);
  expect_equal((op_a + op_b) * block, (a + b) * block);
  expect_equal((op_a - op_b) * block, (a - b) * block);
  expect_equal(shifted(op_a, -0.7) * block, a * block - 0.7 * block);
  expect_equal(shifted(op_a - op_b, 2) * block, (a - b) * block + 2 * block);
}

TEST_F(LinearOperators, RestrictionIsTheSubMatrix) {
  const std::vector<Eigen::Index> coordinates = {1, 2, 5};
  const Matrix in = random_matrix(4, 3, 2);
  expect_equal(restricted(op_a, coordinates) * in, a(coordinates, coordinates) * in);
}

TEST_F(LinearOperators, ProjectionIsCompression) {
  const Matrix basis =
      Eigen::HouseholderQR<Matrix>(random_matrix(5, 7, 4)).householderQ() * Matrix::Identity(7, 4);
  const Matrix in = random_matrix(6, 4, 2);
  const LinearOperator p = projected(op_a, basis);
  EXPECT_EQ(p.size(), 4);
  expect_equal(p * in, basis.transpose() * a * basis * in);
}

TEST_F(LinearOperators, CopiesShareTheCountOfProducts) {
  const LinearOperator copy = op_a;
  (void)(op_a * block);
  (void)(copy * block.leftCols(1));
  EXPECT_EQ(op_a.applications(), 4);
  EXPECT_EQ(copy.applications(), 4);
  const LinearOperator sum = op_a + op_b;
  (void)(sum * block);
  EXPECT_EQ(sum.applications(), 3);
  EXPECT_EQ(op_a.applications(), 7);
  EXPECT_EQ(op_b.applications(), 3);
}

TEST_F(LinearOperators, RefuseSizesThatDoNotFit) {
  const LinearOperator small = operator_of(random_matrix(7, 3, 3));
  EXPECT_THROW((void)(op_a + small), Error);
  EXPECT_THROW((void)(op_a - small), Error);
  EXPECT_THROW((void)projected(op_a, random_matrix(8, 3, 2)), Error);
}

}  // namespace
}  // namespace thermoscape
