#pragma once
#include <cstdint>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {

/// An orthonormal basis [P, d] of a uniformly random d-dimensional subspace of R^P: the columns of
/// a normal matrix (stream "random_plane.directions", step `address`), orthonormalised.
/// Throws Error unless 1 <= d <= P.  Cost: 2 P d².
[[nodiscard]] Matrix random_plane(Eigen::Index parameters,
                                  Eigen::Index dimension,
                                  const Noise& noise,
                                  std::uint64_t address);

/// tr A / ‖A‖_F of a symmetric matrix: √d where all of its d directions curve upwards alike, -√d
/// where all curve downwards, 0 where they cancel.  0 for a matrix of zeros.
[[nodiscard]] double trace_over_norm(const Matrix& matrix);

}  // namespace thermoscape
