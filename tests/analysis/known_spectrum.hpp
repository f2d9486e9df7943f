#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <Eigen/QR>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::testing {

/// Orthonormal columns spread over all coordinates.
inline Matrix random_orthonormal(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed = 1) {
  Matrix m(rows, columns);
  Noise(seed).normal<double>("test.orthonormal", 0, {m.data(), static_cast<std::size_t>(m.size())});
  return Eigen::HouseholderQR<Matrix>(m).householderQ() * Matrix::Identity(rows, columns);
}

/// The symmetric matrix Q diag(λ) Qᵀ in a random basis.
inline Matrix with_spectrum(const std::vector<double>& values, std::uint64_t seed = 1) {
  const auto n = static_cast<Eigen::Index>(values.size());
  const Matrix q = random_orthonormal(n, n, seed);
  const Matrix product =
      q * Eigen::Map<const Vector>(values.data(), n).asDiagonal() * q.transpose();
  return 0.5 * (product + product.transpose());
}

inline LinearOperator operator_of(Matrix m) {
  const Eigen::Index size = m.rows();
  return {size, [m = std::move(m)](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            out = m * in;
          }};
}

/// As operator_of, but the products of vectors from number `good` on are not a number.
inline LinearOperator failing_after(Matrix m, std::int64_t good) {
  const Eigen::Index size = m.rows();
  auto left = std::make_shared<std::int64_t>(good);
  return {size,
          [m = std::move(m), left](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            out = m * in;
            *left -= in.cols();
            if (*left < 0) out.setConstant(std::numeric_limits<double>::quiet_NaN());
          }};
}

/// Outliers above a bulk of both signs, as a Hessian has.
inline std::vector<double> like_a_hessian(std::size_t size) {
  std::vector<double> values{9, 7.5, 6, 5, 4.2, 3.7, 3.1, 2.6, 2.2, 1.9};
  for (std::size_t i = values.size(); i < size; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(size);
    values.push_back(0.9 * std::pow(1 - u, 3) - 0.35 * u * u);
  }
  std::sort(values.rbegin(), values.rend());
  return values;
}

}  // namespace thermoscape::testing
