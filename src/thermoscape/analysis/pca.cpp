#include "thermoscape/analysis/pca.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

/// Makes the columns orthonormal in order; columns that are (near) zero become a completion of the
/// basis.
void orthonormalise(Eigen::MatrixXd& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
  const Eigen::MatrixXd q =
      qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
  columns = q;
}

}  // namespace

Eigen::MatrixXd Pca::project(const Eigen::Ref<const Eigen::MatrixXd>& data) const {
  if (data.cols() != mean.size()) {
    reject({"pca.project",
            fmt::format("{} columns", data.cols()),
            fmt::format("must have {} columns", mean.size()),
            ""});
  }
  return (data.rowwise() - mean.transpose()) * components;
}

Pca pca(const Eigen::Ref<const Eigen::MatrixXd>& data, const PcaOptions& options) {
  const Eigen::Index n = data.rows(), d = data.cols();
  if (n == 0 || d == 0 || !data.allFinite()) {
    reject({"pca.data",
            fmt::format("{} x {}", n, d),
            "must be a finite matrix that is not empty",
            ""});
  }
  const Eigen::Index most = std::min(n, d);
  if (options.components < 0 || options.components > most) {
    reject({"pca.components",
            fmt::format("{}", options.components),
            fmt::format("must lie in [0, {}]", most),
            ""});
  }
  const Eigen::Index k = options.components == 0 ? most : options.components;
  Pca out;
  out.mean = data.colwise().mean().transpose();
  const Eigen::MatrixXd centred = data.rowwise() - out.mean.transpose();
  const double count = static_cast<double>(n);
  out.total_variance = centred.squaredNorm() / count;
  const bool covariance = d <= n;
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(most, most);
  if (covariance) {
    matrix.selfadjointView<Eigen::Lower>().rankUpdate(centred.transpose(), 1 / count);
  } else {
    matrix.selfadjointView<Eigen::Lower>().rankUpdate(centred, 1 / count);
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
  out.variances = solver.eigenvalues().reverse().head(k).cwiseMax(0);
  const Eigen::MatrixXd vectors = solver.eigenvectors().rowwise().reverse().leftCols(k);
  if (covariance) {
    out.components = vectors;
  } else {
    out.components = centred.transpose() * vectors;
    for (Eigen::Index i = 0; i < k; ++i) {
      const double norm = out.components.col(i).norm();
      if (norm > 0) out.components.col(i) /= norm;
    }
    orthonormalise(out.components);
  }
  for (Eigen::Index i = 0; i < k; ++i) {
    Eigen::Index largest = 0;
    out.components.col(i).cwiseAbs().maxCoeff(&largest);
    if (out.components(largest, i) < 0) out.components.col(i) *= -1;
  }
  return out;
}

}  // namespace thermoscape::analysis
