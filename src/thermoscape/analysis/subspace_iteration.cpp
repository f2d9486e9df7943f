#include "thermoscape/analysis/subspace_iteration.hpp"

#include <algorithm>
#include <numeric>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include "thermoscape/analysis/krylov_basis.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

namespace {

/// Orthonormal columns with the span of x; directions that x lacks are filled in by the
/// reflections.
Matrix orthonormal(const Matrix& x) {
  return Eigen::HouseholderQR<Matrix>(x).householderQ() * Matrix::Identity(x.rows(), x.cols());
}

/// Indices by falling |value|.
std::vector<Eigen::Index> by_size(const Vector& values) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Eigen::Index i, Eigen::Index j) {
    return std::abs(values[i]) > std::abs(values[j]);
  });
  return order;
}

}  // namespace

Eigenpairs subspace_iteration(const LinearOperator& a,
                              const Noise& noise,
                              const SubspaceOptions& options) {
  check_range(a.size(), kAtLeastOne, "", "subspace_iteration.size");
  check_range(options.count, kAtLeastOne, "", "subspace_iteration.count");
  check_range(options.extra, kNonNegative, "", "subspace_iteration.extra");
  check_range(options.most_products, kNonNegative, "", "subspace_iteration.most_products");
  check_range(options.certainty.tolerance, kPositive, "", "subspace_iteration.tolerance");
  const Eigen::Index wanted = std::min<Eigen::Index>(options.count, a.size());
  const Eigen::Index extra =
      options.extra > 0 ? options.extra : std::max<Eigen::Index>(4, wanted / 4);
  const Eigen::Index width = std::min<Eigen::Index>(wanted + extra, a.size());
  const std::int64_t most = options.most_products > 0 ? options.most_products : 500 * width;

  Eigenpairs result;
  result.status = Status::not_converged;
  Matrix x = orthonormal(random_block(a.size(), width, noise, 0));
  Matrix pairs = x.leftCols(0);
  bool settled = false;
  while (!settled && !result.interrupted && result.products + width <= most) {
    Matrix y = a * x;
    result.products += width;
    if (!y.allFinite()) {
      result.status = Status::diverged;
      break;
    }
    const Matrix projected = x.transpose() * y;
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(0.5 * (projected + projected.transpose()));
    const std::vector<Eigen::Index> order = by_size(solver.eigenvalues());
    const Matrix rotation = solver.eigenvectors()(Eigen::all, order);
    const Vector values = solver.eigenvalues()(order);
    x = Matrix(x * rotation);
    y = Matrix(y * rotation);
    result.norm = values.cwiseAbs().maxCoeff();
    std::vector<Eigen::Index> done;
    for (Eigen::Index i = 0; i < wanted; ++i) {
      const double residual = (y.col(i) - values[i] * x.col(i)).norm();
      if (options.certainty.settled(residual, values[i], result.norm)) done.push_back(i);
    }
    const auto count = static_cast<std::int64_t>(done.size());
    settled = count == wanted;
    result.interrupted = !settled && options.look && !options.look(result.products, count);
    pairs = result.interrupted ? Matrix(x(Eigen::all, done)) : Matrix(x.leftCols(wanted));
    if (!settled) x = orthonormal(y);
  }
  result.vectors = std::move(pairs);
  return certify(a, std::move(result), options.certainty, width);
}

}  // namespace thermoscape::analysis
