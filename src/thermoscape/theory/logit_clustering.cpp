#include "thermoscape/theory/logit_clustering.hpp"

#include <cmath>

#include <fmt/format.h>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

/// Σ over ordered pairs of different members of a set of `count` unit vectors with sum `sum`.
double pair_sum(const Vector& sum, double count) {
  return sum.squaredNorm() - count;
}

std::vector<double> class_sizes(std::span<const std::int64_t> labels, std::int64_t classes) {
  std::vector<double> sizes(static_cast<std::size_t>(classes), 0.0);
  for (const std::int64_t label : labels) {
    if (label < 0 || label >= classes) {
      reject({"label",
              fmt::format("{}", label),
              fmt::format("must be a class from 0 to {}", classes - 1),
              ""});
    }
    ++sizes[static_cast<std::size_t>(label)];
  }
  for (std::int64_t k = 0; k < classes; ++k) {
    const double size = sizes[static_cast<std::size_t>(k)];
    if (size >= 2) continue;
    reject({fmt::format("class {}", k),
            fmt::format("{} examples", size),
            "must have at least 2 examples",
            ""});
  }
  return sizes;
}

}  // namespace

LogitClustering logit_clustering(std::span<const double> jacobian,
                                 std::span<const std::int64_t> labels,
                                 std::int64_t classes) {
  const std::size_t rows =
      labels.size() * static_cast<std::size_t>(std::max<std::int64_t>(classes, 0));
  if (classes < 2 || rows == 0 || jacobian.empty() || jacobian.size() % rows != 0) {
    reject(
        {"jacobian",
         fmt::format("{} numbers", jacobian.size()),
         fmt::format("must be [N, C, D] of {} labels and {} >= 2 classes", labels.size(), classes),
         ""});
  }
  const std::vector<double> sizes = class_sizes(labels, classes);
  const auto size = static_cast<Eigen::Index>(jacobian.size() / rows);
  const auto n = static_cast<double>(labels.size());
  const auto c = static_cast<double>(classes);
  Matrix of_logit = Matrix::Zero(size, classes);  // Σ_μ u_k^μ
  Matrix of_class = Matrix::Zero(size, classes);  // the same over the examples of class k
  double same_example = 0;                        // Σ_μ Σ_{k≠l} u_k^μ·u_l^μ
  const double* row = jacobian.data();
  for (const std::int64_t label : labels) {
    Vector of_example = Vector::Zero(size);
    for (std::int64_t k = 0; k < classes; ++k, row += size) {
      const Eigen::Map<const Vector> gradient(row, size);
      const double length = gradient.stableNorm();
      if (!(length > 0 && std::isfinite(length))) {
        reject({"jacobian", fmt::format("a row of length {}", length), "must have length > 0", ""});
      }
      const Vector unit = gradient / length;
      of_logit.col(k) += unit;
      if (k == label) of_class.col(k) += unit;
      of_example += unit;
    }
    same_example += pair_sum(of_example, c);
  }
  LogitClustering q;
  double all_pairs = of_logit.rowwise().sum().squaredNorm();
  for (std::int64_t k = 0; k < classes; ++k) {
    const double members = sizes[static_cast<std::size_t>(k)];
    q.same_logit += pair_sum(of_logit.col(k), n) / (c * n * (n - 1));
    q.same_logit_same_class += pair_sum(of_class.col(k), members) / (c * members * (members - 1));
    all_pairs -= of_logit.col(k).squaredNorm();
  }
  q.different_logits = (all_pairs - same_example) / (c * (c - 1) * n * (n - 1));
  return q;
}

double gradient_fraction(const Matrix& residuals, double noise_ratio) {
  require_non_negative(noise_ratio, "noise_ratio");
  if (residuals.size() == 0 || !(residuals.squaredNorm() > 0) || !residuals.allFinite()) {
    reject({"residuals",
            fmt::format("{} x {}", residuals.rows(), residuals.cols()),
            "must be finite, at least one of them not 0",
            ""});
  }
  const auto n = static_cast<double>(residuals.rows());
  const double shared = (residuals.colwise().sum() / n).squaredNorm();
  const double noise = noise_ratio * residuals.squaredNorm() / (n * n);
  if (!(shared + noise > 0)) {
    reject({"residuals", "mean 0", "must not average to 0 where noise_ratio is 0", ""});
  }
  return shared / (shared + noise);
}

}  // namespace thermoscape::theory
