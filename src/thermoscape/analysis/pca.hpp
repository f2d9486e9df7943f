#pragma once
#include <cstdint>

#include <Eigen/Core>

namespace thermoscape::analysis {

struct PcaOptions {
  std::int64_t components = 0;  ///< how many to return; 0: min(n, d)
};

/// Principal axes of a data matrix.
struct Pca {
  Eigen::VectorXd mean;        ///< [d]
  Eigen::MatrixXd components;  ///< [d, k], orthonormal columns, variance descending
  Eigen::VectorXd variances;   ///< [k], about the mean, divided by n (not n - 1)
  double total_variance = 0;   ///< trace of the covariance: explained share = variances / total

  /// Coordinates [n, k] of the rows of data [n, d].
  [[nodiscard]] Eigen::MatrixXd project(const Eigen::Ref<const Eigen::MatrixXd>& data) const;
};

/// Exact principal component analysis of `data` [n, d], one row an observation, in double
/// throughout.
///   σ_i² = eigenvalues of (1/n) Σ (x - mean)(x - mean)ᵀ
/// The smaller of the covariance [d, d] and the Gram matrix [n, n] is diagonalised; variances below
/// about 1e-15 of the first are rounding, and their axes any orthonormal completion.  The largest
/// entry of each component is positive.
/// Throws Error for an empty or not finite matrix or components out of [0, min(n, d)].
/// Cost: n d min(n, d) + min(n, d)³ multiplications.
/// Reference: variance-flatness, section 2.
[[nodiscard]] Pca pca(const Eigen::Ref<const Eigen::MatrixXd>& data,
                      const PcaOptions& options = {});

}  // namespace thermoscape::analysis
