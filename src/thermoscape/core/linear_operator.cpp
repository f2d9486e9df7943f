#include "thermoscape/core/linear_operator.hpp"

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {
void same_size(const LinearOperator& a, const LinearOperator& b) {
  if (a.size() != b.size()) {
    reject({"operator sizes",
            std::to_string(a.size()) + " and " + std::to_string(b.size()),
            "must agree",
            ""});
  }
}
}  // namespace

LinearOperator operator+(const LinearOperator& a, const LinearOperator& b) {
  same_size(a, b);
  return {a.size(), [a, b](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            a.apply(in, out);
            out += b * in;
          }};
}

LinearOperator operator-(const LinearOperator& a, const LinearOperator& b) {
  same_size(a, b);
  return {a.size(), [a, b](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            a.apply(in, out);
            out -= b * in;
          }};
}

LinearOperator shifted(const LinearOperator& a, double shift) {
  return {a.size(), [a, shift](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            a.apply(in, out);
            out += shift * in;
          }};
}

LinearOperator restricted(const LinearOperator& a, std::vector<Eigen::Index> coordinates) {
  const auto count = static_cast<Eigen::Index>(coordinates.size());
  return {count,
          [a, coordinates = std::move(coordinates)](const Eigen::Ref<const Matrix>& in,
                                                    Eigen::Ref<Matrix> out) {
            Matrix wide = Matrix::Zero(a.size(), in.cols());
            wide(coordinates, Eigen::all) = in;
            out = (a * wide)(coordinates, Eigen::all);
          }};
}

LinearOperator projected(const LinearOperator& a, Matrix basis) {
  if (basis.rows() != a.size()) {
    reject({"basis",
            std::to_string(basis.rows()) + " rows",
            "must have as many rows as the operator",
            ""});
  }
  const Eigen::Index count = basis.cols();
  return {
      count,
      [a, basis = std::move(basis)](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
        out = basis.transpose() * (a * (basis * in));
      }};
}

}  // namespace thermoscape
