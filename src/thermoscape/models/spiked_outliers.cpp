#include "thermoscape/models/spiked_outliers.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/models/softmax_hessian.hpp"

namespace thermoscape {

namespace {

/// M_μ = V diag(l) Vᵀ of every example, so that a function of M_μ is one product.
class LogitCurvatures {
 public:
  explicit LogitCurvatures(const Matrix& probabilities) : classes_(probabilities.rows()) {
    for (Eigen::Index i = 0; i < probabilities.cols(); ++i) {
      const Vector p = probabilities.col(i);
      const Matrix curvature = Matrix(p.asDiagonal()) - p * p.transpose();
      const Eigen::SelfAdjointEigenSolver<Matrix> solver(curvature);
      values_.push_back(solver.eigenvalues().cwiseMax(0));
      vectors_.push_back(solver.eigenvectors());
    }
  }
  /// (1/N) Σ M_μ(1 - shrink M_μ)⁻¹.
  [[nodiscard]] Matrix mean(double shrink) const {
    Matrix sum = Matrix::Zero(classes_, classes_);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const Vector weight = values_[i].array() / (1 - shrink * values_[i].array());
      sum.noalias() += vectors_[i] * weight.asDiagonal() * vectors_[i].transpose();
    }
    return sum / static_cast<double>(values_.size());
  }
  [[nodiscard]] double mean_trace(double shrink) const {
    double sum = 0;
    for (const Vector& one : values_) sum += (one.array() / (1 - shrink * one.array())).sum();
    return sum / static_cast<double>(values_.size());
  }
  [[nodiscard]] double largest() const {
    double largest = 0;
    for (const Vector& one : values_) largest = std::max(largest, one.maxCoeff());
    return largest;
  }
  [[nodiscard]] double examples() const { return static_cast<double>(values_.size()); }

 private:
  Eigen::Index classes_;
  std::vector<Vector> values_;
  std::vector<Matrix> vectors_;
};

}  // namespace

BulkSpectrum::BulkSpectrum(std::vector<double> eigenvalues, std::size_t parameters)
    : eigenvalues_(std::move(eigenvalues)), parameters_(parameters) {
  const bool whole =
      parameters > 0 && !eigenvalues_.empty() && eigenvalues_.size() % parameters == 0;
  if (!whole || !std::ranges::all_of(eigenvalues_, [](double x) { return std::isfinite(x); })) {
    reject({"bulk.eigenvalues",
            fmt::format("{} numbers", eigenvalues_.size()),
            fmt::format("must be finite, {} of each draw", parameters),
            ""});
  }
  edge_ = *std::ranges::max_element(eigenvalues_);
}

double BulkSpectrum::stieltjes(double x) const {
  if (!(x > edge_)) {
    reject({"bulk.x",
            fmt::format("{:.6g}", x),
            fmt::format("must lie above the bulk, which ends at {:.6g}", edge_),
            ""});
  }
  double sum = 0;
  for (const double one : eigenvalues_) sum += 1 / (x - one);
  return sum / static_cast<double>(eigenvalues_.size());
}

std::vector<double> spiked_outliers(const Matrix& probabilities,
                                    const Matrix& shared,
                                    const BulkSpectrum& bulk,
                                    double residual_deviation,
                                    SharedPart part) {
  const Eigen::Index classes = probabilities.rows();
  if (shared.cols() != classes || shared.rows() != static_cast<Eigen::Index>(bulk.parameters())) {
    reject({"shared",
            fmt::format("{} x {}", shared.rows(), shared.cols()),
            fmt::format("must be {} x {}", bulk.parameters(), classes),
            ""});
  }
  const auto size = static_cast<double>(bulk.parameters());
  const LogitCurvatures curvatures(probabilities);
  const double tau = part == SharedPart::crossed
                         ? size * residual_deviation * residual_deviation / curvatures.examples()
                         : 0;
  // det(1 - g cᵀc P) = 0 where an eigenvalue of g Lᵀ P L is 1, cᵀc = L Lᵀ.
  const Matrix gram = shared.transpose() * shared;
  const Eigen::SelfAdjointEigenSolver<Matrix> root(gram);
  const Matrix factor =
      root.eigenvectors() * root.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
  const auto strengths = [&](double x) -> Vector {
    const double g = bulk.stieltjes(x);
    // Beyond this g the resolvent of E has left its branch: x lies inside the bulk of E.
    if (g * tau * curvatures.largest() >= 1) return Vector::Constant(classes, 2.0);
    const Matrix kernel = g * factor.transpose() * curvatures.mean(g * tau) * factor;
    return Eigen::SelfAdjointEigenSolver<Matrix>(kernel, Eigen::EigenvaluesOnly)
        .eigenvalues()
        .reverse();
  };
  // Above this no eigenvalue can lie: |H| <= |cPcᵀ| + |B| + 2 √(|cPcᵀ||B|).
  const double spike = (factor.transpose() * mean_logit_hessian(probabilities) * factor).trace();
  const double top = 2 * (spike + bulk.edge()) + 1e-300;
  const double bottom =
      bulk.edge() + std::max(bulk.edge() * std::pow(size, -2.0 / 3), 1e-12 * spike);
  std::vector<double> found;
  if (!(top > bottom)) return found;
  const Vector at_bottom = strengths(bottom);
  for (Eigen::Index i = 0; i + 1 < classes && at_bottom[i] > 1; ++i) {
    double low = bottom;
    double high = top;
    while (high - low > 1e-10 * high) {
      const double middle = (low + high) / 2;
      (strengths(middle)[i] > 1 ? low : high) = middle;
    }
    found.push_back((low + high) / 2);
  }
  return found;
}

double bulk_stieltjes(const Matrix& probabilities,
                      double residual_deviation,
                      double parameters,
                      double x) {
  if (!(x > 0)) reject({"bulk.x", fmt::format("{}", x), "must be > 0", ""});
  const LogitCurvatures curvatures(probabilities);
  const double variance = residual_deviation * residual_deviation;
  const double tau = parameters * variance / curvatures.examples();
  double g = 1 / x;
  for (int i = 0; i < 10000; ++i) {
    const double next = 1 / (x - variance * curvatures.mean_trace(g * tau));
    if (std::abs(next - g) <= 1e-12 * std::abs(next)) return next;
    g = next;
  }
  return g;
}

}  // namespace thermoscape
