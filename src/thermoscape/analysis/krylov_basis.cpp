#include "thermoscape/analysis/krylov_basis.hpp"

#include <algorithm>

namespace thermoscape::analysis {

Matrix random_block(Eigen::Index size, Eigen::Index k, const Noise& noise, std::uint64_t first) {
  Matrix block(size, k);
  for (Eigen::Index i = 0; i < k; ++i) {
    noise.normal<double>("krylov.start",
                         first + static_cast<std::uint64_t>(i),
                         {block.col(i).data(), static_cast<std::size_t>(size)});
  }
  return block;
}

KrylovBasis::KrylovBasis(Eigen::Index size,
                         Eigen::Index capacity,
                         Eigen::Index block,
                         const Noise& noise)
    : noise_(noise),
      block_(block),
      v_(size, std::min(capacity, size)),
      t_(Matrix::Zero(v_.cols(), v_.cols())) {
  for (; pending_ < std::min(block_, v_.cols()); ++pending_) randomise(pending_);
}

void KrylovBasis::orthogonalise(Eigen::Ref<Matrix> w, Eigen::Index count) const {
  const auto before = v_.leftCols(count);
  for (int pass = 0; pass < 2; ++pass) w.noalias() -= before * (before.transpose() * w);
}

void KrylovBasis::randomise(Eigen::Index at) {
  v_.col(at) = random_block(v_.rows(), 1, noise_, draws_++);
  v_.col(at).normalize();
  orthogonalise(v_.col(at), at);
  v_.col(at).normalize();
}

Vector KrylovBasis::residuals(const Eigen::Ref<const Matrix>& s) const {
  if (pending_ == 0) return Vector::Zero(s.cols());
  return (r_ * s).colwise().norm().transpose();
}

void KrylovBasis::append(Matrix w, double least) {
  const Eigen::Index added = pending_;
  const Eigen::Index total = columns_ + added;
  const auto v = v_.leftCols(total);
  Matrix coefficients = v.transpose() * w;
  w.noalias() -= v * coefficients;
  const Matrix correction = v.transpose() * w;
  w.noalias() -= v * correction;
  coefficients += correction;
  t_.block(0, columns_, total, added) = coefficients;
  t_.block(columns_, 0, added, total) = coefficients.transpose();
  const auto corner = t_.block(columns_, columns_, added, added);
  const Matrix symmetric = 0.5 * (corner + corner.transpose());
  t_.block(columns_, columns_, added, added) = symmetric;

  columns_ = total;
  pending_ = std::min({block_, v_.cols() - total, v_.rows() - total});
  r_ = Matrix::Zero(pending_, total);
  Matrix upper = Matrix::Zero(pending_, added);
  for (Eigen::Index i = 0; i < pending_; ++i) {
    const Eigen::Index at = total + i;
    if (i >= added) {  // after a narrow block
      randomise(at);
      continue;
    }
    const auto own = v_.middleCols(total, i);
    for (int pass = 0; pass < 2; ++pass) {
      const Vector along = own.transpose() * w.col(i);
      w.col(i).noalias() -= own * along;
      upper.block(0, i, i, 1) += along;
    }
    const double length = w.col(i).norm();
    if (length <= least) {
      ++exhausted_;
      randomise(at);
      continue;
    }
    upper(i, i) = length;
    v_.col(at) = w.col(i) / length;
    orthogonalise(v_.col(at), at);  // a short column keeps more of the others than rounding
    v_.col(at).normalize();
  }
  // Columns of a wider last block that no longer fit: only where the space itself is full.
  for (Eigen::Index i = pending_; i < added; ++i) {
    upper.col(i) = v_.middleCols(total, pending_).transpose() * w.col(i);
  }
  r_.rightCols(added) = upper;
}

void KrylovBasis::widen(Eigen::Index extra, Eigen::Index capacity) {
  const Eigen::Index before = v_.cols();
  const Eigen::Index room = std::max(before, std::min(capacity, v_.rows()));
  v_.conservativeResize(Eigen::NoChange, room);
  t_.conservativeResizeLike(Matrix::Zero(room, room));
  block_ += extra;
  const Eigen::Index old = pending_;
  pending_ = std::min(old + extra, room - columns_);
  for (Eigen::Index i = old; i < pending_; ++i) randomise(columns_ + i);
  r_.conservativeResizeLike(Matrix::Zero(pending_, r_.cols()));
}

void KrylovBasis::restart(const Matrix& s, const Vector& values) {
  const Eigen::Index kept = s.cols();
  const Matrix rotated = v_.leftCols(columns_) * s;
  const Matrix next = v_.middleCols(columns_, pending_);
  r_ = Matrix(r_ * s);
  v_.leftCols(kept) = rotated;
  v_.middleCols(kept, pending_) = next;
  t_.setZero();
  t_.topLeftCorner(kept, kept) = values.asDiagonal();
  columns_ = kept;
}

}  // namespace thermoscape::analysis
