#pragma once
#include <string>

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {

/// Throws Error unless `matrix` is size x size, finite and symmetric to 1e-10 of its largest
/// element.
inline void require_symmetric(const Eigen::MatrixXd& matrix, Eigen::Index size, const char* where) {
  if (matrix.rows() != size || matrix.cols() != size) {
    reject({where,
            fmt::format("{} x {}", matrix.rows(), matrix.cols()),
            fmt::format("must be {} x {}", size, size),
            ""});
  }
  const double largest = matrix.cwiseAbs().maxCoeff();
  if (!matrix.allFinite() ||
      !((matrix - matrix.transpose()).cwiseAbs().maxCoeff() <= 1e-10 * largest)) {
    reject({where, "", "must be finite and symmetric", ""});
  }
}

/// The same, and positive definite.
inline void require_positive_definite(const Eigen::MatrixXd& matrix,
                                      Eigen::Index size,
                                      const char* where) {
  require_symmetric(matrix, size, where);
  if (matrix.llt().info() != Eigen::Success) reject({where, "", "must be positive definite", ""});
}

/// Throws Error unless `vector` has `size` finite elements.
inline void require_vector(const Eigen::VectorXd& vector, Eigen::Index size, const char* where) {
  if (vector.size() != size || !vector.allFinite()) {
    reject({where,
            fmt::format("{} elements", vector.size()),
            fmt::format("must be {} finite numbers", size),
            ""});
  }
}

}  // namespace thermoscape::theory
