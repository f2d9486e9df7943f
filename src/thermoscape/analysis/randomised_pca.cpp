#include "thermoscape/analysis/randomised_pca.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "thermoscape/analysis/dense.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {

namespace {

/// (1/n) Xᵀ X basis for the centred rows; `total` becomes their variance.
Eigen::MatrixXd covariance_times(const Rows& data,
                                 const Eigen::VectorXd& mean,
                                 const Eigen::MatrixXd& basis,
                                 double& total) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(basis.rows(), basis.cols());
  const double weight = 1 / static_cast<double>(data.rows);
  total = 0;
  for_each_block(data, [&](Eigen::Index, Eigen::Ref<RowMatrix> block) {
    block.rowwise() -= mean.transpose();
    total += weight * block.squaredNorm();
    const Eigen::Map<const Eigen::MatrixXd> x(block.data(), block.cols(), block.rows());
    out += weight * dense::product(x, dense::product(x, basis, dense::Form::transposed));
  });
  return out;
}

Eigen::MatrixXd orthonormal(const Eigen::MatrixXd& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
  return qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
}

}  // namespace

Pca randomised_pca(const Rows& data, const Noise& noise, const RandomisedPcaOptions& options) {
  const Eigen::Index width = options.components + options.oversampling;
  if (options.components < 1 || options.oversampling < 0 ||
      width > std::min(data.rows, data.columns)) {
    reject({"randomised_pca.components",
            fmt::format("{} and {} more", options.components, options.oversampling),
            fmt::format("must be at least one and together at most {}",
                        std::min(data.rows, data.columns)),
            "use pca, which is exact, for all of them"});
  }
  Pca out;
  out.mean = Eigen::VectorXd::Zero(data.columns);
  for_each_block(data, [&](Eigen::Index, Eigen::Ref<RowMatrix> block) {
    out.mean += block.colwise().sum().transpose() / static_cast<double>(data.rows);
  });
  if (!out.mean.allFinite()) {
    reject({"randomised_pca.data", "", "must be a finite matrix that is not empty", ""});
  }
  Eigen::MatrixXd basis(data.columns, width);
  std::vector<double> column(static_cast<std::size_t>(data.columns));
  for (Eigen::Index i = 0; i < width; ++i) {
    noise.normal<double>("randomised_pca.start", static_cast<std::uint64_t>(i), column);
    basis.col(i) = Eigen::Map<const Eigen::VectorXd>(column.data(), data.columns);
  }
  basis = orthonormal(basis);
  for (std::int64_t i = 0; i < options.iterations; ++i) {
    basis = orthonormal(covariance_times(data, out.mean, basis, out.total_variance));
  }
  // Rayleigh-Ritz in the span; the Gram matrix of the projected rows keeps small variances.
  const double weight = 1 / static_cast<double>(data.rows);
  Eigen::MatrixXd small = Eigen::MatrixXd::Zero(width, width);
  out.total_variance = 0;
  for_each_block(data, [&](Eigen::Index, Eigen::Ref<RowMatrix> block) {
    block.rowwise() -= out.mean.transpose();
    out.total_variance += weight * block.squaredNorm();
    const Eigen::Map<const Eigen::MatrixXd> x(block.data(), block.cols(), block.rows());
    dense::add_outer(dense::product(basis, x, dense::Form::transposed), weight, small);
  });
  const Eigen::VectorXd values = dense::diagonalise(small);
  out.variances = values.reverse().head(options.components).cwiseMax(0);
  out.components = dense::product(basis, small.rowwise().reverse().leftCols(options.components));
  for (Eigen::Index i = 0; i < out.components.cols(); ++i) {
    Eigen::Index largest = 0;
    out.components.col(i).cwiseAbs().maxCoeff(&largest);
    if (out.components(largest, i) < 0) out.components.col(i) *= -1;
  }
  return out;
}

}  // namespace thermoscape::analysis
