#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <Eigen/Core>

namespace thermoscape {

using Matrix = Eigen::MatrixXd;  ///< column-major: a block of vectors is [size, k]
using Vector = Eigen::VectorXd;

/// A square linear map on R^size applied to blocks of vectors; a value whose copies share one
/// counter of applications.
class LinearOperator {
 public:
  using Apply = std::function<void(const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out)>;

  /// `apply` writes out = A in for blocks [size, k], any k >= 1.
  LinearOperator(Eigen::Index size, Apply apply)
      : size_(size), apply_(std::move(apply)), applications_(std::make_shared<std::int64_t>(0)) {}

  [[nodiscard]] Eigen::Index size() const { return size_; }
  /// Products with single vectors so far: the cost of whatever used the operator.
  [[nodiscard]] std::int64_t applications() const { return *applications_; }

  void apply(const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) const {
    *applications_ += in.cols();
    apply_(in, out);
  }
  [[nodiscard]] Matrix operator*(const Eigen::Ref<const Matrix>& in) const {
    Matrix out(size_, in.cols());
    apply(in, out);
    return out;
  }

 private:
  Eigen::Index size_;
  Apply apply_;
  std::shared_ptr<std::int64_t> applications_;
};

[[nodiscard]] LinearOperator operator+(const LinearOperator& a, const LinearOperator& b);
[[nodiscard]] LinearOperator operator-(const LinearOperator& a, const LinearOperator& b);
/// A + shift I.
[[nodiscard]] LinearOperator shifted(const LinearOperator& a, double shift);
/// The sub-matrix on the given coordinates (strictly increasing).
[[nodiscard]] LinearOperator restricted(const LinearOperator& a,
                                        std::vector<Eigen::Index> coordinates);
/// PᵀAP for orthonormal columns P [size, k].
[[nodiscard]] LinearOperator projected(const LinearOperator& a, Matrix basis);

}  // namespace thermoscape
