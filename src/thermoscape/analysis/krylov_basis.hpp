#pragma once
#include <cstdint>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {

/// The growing orthonormal basis of a block Krylov iteration: A V = V T + Q R Eᵀ, where E picks the
/// coordinates of the last block and Q is the block to be multiplied next.
class KrylovBasis {
 public:
  /// Room for `capacity` vectors, the next block included; starts with a random block.
  KrylovBasis(Eigen::Index size, Eigen::Index capacity, Eigen::Index block, const Noise& noise);

  [[nodiscard]] Eigen::Index columns() const { return columns_; }  ///< of V
  [[nodiscard]] Eigen::Index pending() const { return pending_; }  ///< columns of Q
  [[nodiscard]] Eigen::Index block() const { return block_; }  ///< what it is where there is room
  [[nodiscard]] auto next() const { return v_.middleCols(columns_, pending_); }
  [[nodiscard]] auto basis() const { return v_.leftCols(columns_); }
  [[nodiscard]] auto projected() const { return t_.topLeftCorner(columns_, columns_); }
  /// ‖R Eᵀ s‖ of each column of S [columns, k].
  [[nodiscard]] Vector residuals(const Eigen::Ref<const Matrix>& s) const;

  /// Moves Q into V, given W = A Q, and makes the next Q. What is left of a column of W and not
  /// longer than `least` is no direction: a random one takes its place.
  void append(Matrix w, double least);
  /// How many directions the operator has mapped into the basis so far: each ended a Krylov space.
  [[nodiscard]] std::int64_t exhausted() const { return exhausted_; }
  /// Adds `extra` random columns to Q and to every block after it, and room for `capacity` vectors.
  void widen(Eigen::Index extra, Eigen::Index capacity);
  /// V <- V S for k orthonormal columns S with SᵀTS diagonal.
  void restart(const Matrix& s, const Vector& values);

 private:
  /// Fills column `at` of v_ with a random unit vector orthogonal to all before it.
  void randomise(Eigen::Index at);
  /// Removes the components along the first `count` columns; twice, since once is not enough.
  void orthogonalise(Eigen::Ref<Matrix> w, Eigen::Index count) const;

  Noise noise_;
  std::uint64_t draws_ = 0;
  std::int64_t exhausted_ = 0;
  Eigen::Index columns_ = 0;
  Eigen::Index pending_ = 0;
  Eigen::Index block_;
  Matrix v_;  ///< [size, capacity]
  Matrix t_;  ///< [capacity, capacity]
  Matrix r_;  ///< R Eᵀ [pending, columns]
};

/// A block of standard normal columns [size, k]: stream "krylov.start", one step a column from
/// `first` on.
[[nodiscard]] Matrix random_block(Eigen::Index size,
                                  Eigen::Index k,
                                  const Noise& noise,
                                  std::uint64_t first);

}  // namespace thermoscape::analysis
