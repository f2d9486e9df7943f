#include "thermoscape/models/softmax_hessian.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/softmax.hpp"

namespace thermoscape {

namespace {

void check(const Matrix& probabilities, const Matrix& jacobian) {
  if (probabilities.size() > 0 && jacobian.rows() > 0 && jacobian.cols() == probabilities.size()) {
    return;
  }
  reject({"jacobian",
          fmt::format("{} x {}", jacobian.rows(), jacobian.cols()),
          fmt::format("must have a column for each of {} examples and {} classes",
                      probabilities.cols(),
                      probabilities.rows()),
          ""});
}

}  // namespace

Matrix class_probabilities(const Matrix& logits) {
  Matrix probabilities(logits.rows(), logits.cols());
  for (Eigen::Index n = 0; n < logits.cols(); ++n) {
    probabilities.col(n) = theory::softmax(logits.col(n));
  }
  return probabilities;
}

Matrix hessian_factor(const Matrix& probabilities, const Matrix& jacobian) {
  check(probabilities, jacobian);
  const Eigen::Index classes = probabilities.rows();
  const auto n = static_cast<double>(probabilities.cols());
  Matrix factor(jacobian.rows(), jacobian.cols());
  for (Eigen::Index i = 0; i < probabilities.cols(); ++i) {
    const auto p = probabilities.col(i);
    const auto block = jacobian.middleCols(i * classes, classes);
    const Vector mean = block * p;
    factor.middleCols(i * classes, classes) =
        (block.colwise() - mean) * (p / n).cwiseSqrt().asDiagonal();
  }
  return factor;
}

Matrix softmax_hessian(const Matrix& probabilities, const Matrix& jacobian) {
  const Matrix factor = hessian_factor(probabilities, jacobian);
  const Vector weight = factor.colwise().squaredNorm();
  std::vector<Eigen::Index> order(static_cast<std::size_t>(weight.size()));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](auto a, auto b) { return weight[a] < weight[b]; });
  const double negligible = 1e-15 * weight.sum();
  double left_out = 0;
  std::size_t first = 0;
  while (first < order.size() && left_out + weight[order[first]] <= negligible) {
    left_out += weight[order[first++]];
  }
  const std::vector<Eigen::Index> kept(order.begin() + static_cast<std::ptrdiff_t>(first),
                                       order.end());
  const Matrix columns = factor(Eigen::all, kept);
  Matrix hessian = Matrix::Zero(factor.rows(), factor.rows());
  hessian.selfadjointView<Eigen::Lower>().rankUpdate(columns);
  hessian.triangularView<Eigen::StrictlyUpper>() = hessian.transpose();
  return hessian;
}

Vector softmax_gradient(const Matrix& probabilities,
                        const Matrix& jacobian,
                        const std::vector<std::int64_t>& labels) {
  check(probabilities, jacobian);
  if (static_cast<Eigen::Index>(labels.size()) != probabilities.cols()) {
    reject({"labels",
            fmt::format("{} labels", labels.size()),
            fmt::format("must be one for each of {} examples", probabilities.cols()),
            ""});
  }
  Matrix residuals = probabilities;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= probabilities.rows()) {
      reject({"label",
              fmt::format("{}", labels[i]),
              fmt::format("must be a class from 0 to {}", probabilities.rows() - 1),
              ""});
    }
    residuals(labels[i], static_cast<Eigen::Index>(i)) -= 1;
  }
  return jacobian * residuals.reshaped() / static_cast<double>(labels.size());
}

Matrix mean_logit_hessian(const Matrix& probabilities) {
  const auto n = static_cast<double>(probabilities.cols());
  Matrix mean = -probabilities * probabilities.transpose() / n;
  mean.diagonal() += probabilities.rowwise().sum() / n;
  return mean;
}

Matrix separated_hessian(const Matrix& probabilities,
                         const Matrix& shared,
                         const Matrix& residuals) {
  if (shared.rows() != residuals.rows() || shared.cols() != probabilities.rows()) {
    reject({"shared",
            fmt::format("{} x {}", shared.rows(), shared.cols()),
            fmt::format("must be {} x {}", residuals.rows(), probabilities.rows()),
            ""});
  }
  return shared * mean_logit_hessian(probabilities) * shared.transpose() +
         softmax_hessian(probabilities, residuals);
}

}  // namespace thermoscape
