#pragma once
#include <cstdint>
#include <functional>
#include <span>

#include <Eigen/Core>

namespace thermoscape::analysis {

struct PcaOptions {
  std::int64_t components = 0;  ///< how many to return; 0: min(n, d)
};

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A data matrix [rows, columns] that need not lie in memory: a recorded trajectory, or one that is
/// made on the way. `read(first, block)` writes the rows first ... first + block.rows() - 1 into
/// block [., columns]. Passes ask for them from the first row to the last, several times, and
/// expect the same numbers each time.
struct Rows {
  Eigen::Index rows = 0;
  Eigen::Index columns = 0;
  std::function<void(Eigen::Index first, Eigen::Ref<RowMatrix> block)> read;
};
/// A matrix in memory as Rows; it must outlive them.
[[nodiscard]] Rows rows_of(const Eigen::Ref<const Eigen::MatrixXd>& data);
/// The same for values [rows, columns] in row-major order.
[[nodiscard]] Rows rows_of(std::span<const double> values, Eigen::Index columns);

/// Calls f(first, block) for blocks of successive rows.
void for_each_block(const Rows& data,
                    const std::function<void(Eigen::Index, Eigen::Ref<RowMatrix>)>& f);

/// Principal axes of a data matrix.
struct Pca {
  Eigen::VectorXd mean;        ///< [d]
  Eigen::MatrixXd components;  ///< [d, k], orthonormal columns, variance descending
  Eigen::VectorXd variances;   ///< [k], about the mean, divided by n (not n - 1)
  double total_variance = 0;   ///< trace of the covariance: explained share = variances / total

  /// Coordinates [n, k] of the rows of data [n, d].
  [[nodiscard]] Eigen::MatrixXd project(const Eigen::Ref<const Eigen::MatrixXd>& data) const;
  [[nodiscard]] Eigen::MatrixXd project(const Rows& data) const;
};

/// Exact principal component analysis of `data` [n, d], one row an observation, in double
/// throughout.
///   σ_i² = eigenvalues of (1/n) Σ (x - mean)(x - mean)ᵀ
/// The smaller of the covariance [d, d] and the Gram matrix [n, n] is diagonalised. A covariance
/// gives its modes to about 1e-17 of the largest, and a trajectory that drifts has many of interest
/// below that. So where n >= d a first mode that dominates is found by subspace iteration and the
/// covariance taken in coordinates without it; where that does not suffice, and always where n < d,
/// the data are projected onto the modes that are not resolved and their own, smaller matrix is
/// diagonalised. Relative error below 1e-6 for every mode above 1e-10 of the second, as of a
/// singular value decomposition. The largest entry of each component is positive. Throws Error for
/// an empty or not finite matrix or components out of [0, min(n, d)].
/// Cost: n d min(n, d) + 4 min(n, d)³ multiplications, on one thread, and up to thrice that where
/// trailing modes are resolved again; reads the rows five to fifteen times. Memory: 3 d² numbers
/// beside the data (n >= d), 2 n² + 2 n d otherwise. Reference: variance-flatness, section 2.
[[nodiscard]] Pca pca(const Rows& data, const PcaOptions& options = {});
[[nodiscard]] Pca pca(const Eigen::Ref<const Eigen::MatrixXd>& data,
                      const PcaOptions& options = {});

}  // namespace thermoscape::analysis
