#include "thermoscape/landscape/gradient_span.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/landscape/dense_hessian.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"

namespace thermoscape {

namespace {

/// Rank of a matrix with few columns, from the roots of the eigenvalues of its Gram matrix. Those
/// are known to 1e-8 of the largest only, which is where singular values are cut at the least.
std::int64_t rank_of(const Matrix& columns, double tolerance) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(columns.transpose() * columns,
                                                     Eigen::EigenvaluesOnly);
  const Vector& squares = solver.eigenvalues();
  const double cut = std::pow(std::max(tolerance, 3e-7), 2) * squares.maxCoeff();
  return (squares.array() > cut).count();
}

/// Columns Jᵀ(∂²ℓ/∂z²)^{1/2} of all examples [P, n C].
Matrix gauss_newton_factor(Objective<double>& objective,
                           std::span<const double> theta,
                           std::span<const std::int32_t> members) {
  const auto classes = static_cast<Eigen::Index>(objective.outputs());
  Matrix factor(static_cast<Eigen::Index>(theta.size()),
                static_cast<Eigen::Index>(members.size()) * classes);
  Vector z(classes);
  for (std::size_t e = 0; e < members.size(); ++e) {
    const Batch one{.examples = members.subspan(e, 1)};
    const auto width = static_cast<std::size_t>(classes);
    objective.logits(theta, one, {z.data(), width});
    Matrix root = Matrix::Identity(classes, classes);
    if (objective.output_loss() == OutputLoss::cross_entropy) {
      Vector p = (z.array() - z.maxCoeff()).exp();
      p /= p.sum();
      const Matrix curvature = Matrix(p.asDiagonal()) - p * p.transpose();
      const Eigen::SelfAdjointEigenSolver<Matrix> solver(curvature);
      // The common shift of all logits is no direction; its eigenvalue is rounding.
      const Vector values = solver.eigenvalues();
      const double cut = 1e-13 * values.maxCoeff();
      const Vector roots = (values.array() > cut).select(values.cwiseMax(0).cwiseSqrt(), 0);
      root = solver.eigenvectors() * roots.asDiagonal();
    }
    Matrix products(factor.rows(), classes);
    objective.jacobian_pullback(theta,
                                one,
                                {root.data(), width * width},
                                {products.data(), static_cast<std::size_t>(products.size())});
    factor.middleCols(static_cast<Eigen::Index>(e) * classes, classes) = products;
  }
  return factor;
}

}  // namespace

GradientSpan gradient_span(Objective<double>& objective,
                           std::span<const double> theta,
                           std::span<const std::int32_t> members,
                           double ridge,
                           double tolerance) {
  if (members.size() < 2 || theta.size() > 4000) {
    reject({"gradient_span",
            std::to_string(members.size()) + " examples, " + std::to_string(theta.size()) +
                " parameters",
            "needs at least 2 examples and at most 4000 parameters",
            ""});
  }
  const Batch batch{.examples = members};
  const auto size = static_cast<Eigen::Index>(theta.size());
  GradientSpan span;
  span.examples = static_cast<std::int64_t>(members.size());
  Matrix gradients(size, static_cast<Eigen::Index>(members.size()));
  objective.example_gradients(
      theta, batch, [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
        gradients.middleCols(first, rows) = Eigen::Map<const Matrix>(block.data(), size, rows);
      });
  // Examples that are nearly fitted have small gradients, but directions of their own.
  const auto unit = [](Matrix columns) {
    for (Eigen::Index c = 0; c < columns.cols(); ++c) {
      const double length = columns.col(c).norm();
      if (length > 0) columns.col(c) /= length;
    }
    return columns;
  };
  span.gradients = rank_of(unit(gradients), tolerance);
  // The covariance is that of weighted examples: weights above zero leave its rank as it is.
  const Matrix scaled = unit(gradients);
  span.covariance = rank_of(scaled.colwise() - scaled.rowwise().mean().eval(), tolerance);
  if (objective.outputs() > 1)
    span.gauss_newton = rank_of(unit(gauss_newton_factor(objective, theta, members)), tolerance);
  std::vector<double> hessian(theta.size() * theta.size());
  dense_hessian<double>(objective, theta, batch, HessianTerm::full, hessian);
  for (std::size_t i = 0; i < theta.size(); ++i) hessian[i * theta.size() + i] -= ridge;
  const HessianSpectrum spectrum = symmetric_eigenvalues(hessian);
  double largest = 0;
  for (const double one : spectrum.eigenvalues) largest = std::max(largest, std::abs(one));
  span.hessian = std::count_if(spectrum.eigenvalues.begin(),
                               spectrum.eigenvalues.end(),
                               [&](double x) { return std::abs(x) > tolerance * largest; });
  return span;
}

}  // namespace thermoscape
