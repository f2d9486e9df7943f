#include "thermoscape/landscape/dense_hessian.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

constexpr Eigen::Index kBlock = 64;  // unit vectors a call: its scratch stays in the cache

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Calls product(first, units [k, P]) for consecutive blocks of unit vectors.
template <class Product>
void for_unit_blocks(Eigen::Index size, Product&& product) {
  RowMatrix units;
  for (Eigen::Index first = 0; first < size; first += kBlock) {
    const Eigen::Index count = std::min(kBlock, size - first);
    units.setZero(count, size);
    for (Eigen::Index i = 0; i < count; ++i) units(i, first + i) = 1;
    product(first, std::span<const double>(units.data(), static_cast<std::size_t>(units.size())));
  }
}

std::span<double> span_of(RowMatrix& matrix) {
  return {matrix.data(), static_cast<std::size_t>(matrix.size())};
}

/// S_i v for one example: v [C] becomes S v, p [C] the softmax of its logits. The variance form
/// p_c (v_c - Σ p v) keeps its digits where all but one probability nearly vanish.
void apply_output_curvature(const double* p, Eigen::Index classes, double* v) {
  double mean = 0;
  for (Eigen::Index c = 0; c < classes; ++c) mean += p[c] * v[c];
  for (Eigen::Index c = 0; c < classes; ++c) v[c] = p[c] * (v[c] - mean);
}

RowMatrix softmax_rows(const RowMatrix& logits) {
  RowMatrix p = logits;
  for (Eigen::Index i = 0; i < p.rows(); ++i) {
    const double top = p.row(i).maxCoeff();
    p.row(i) = (p.row(i).array() - top).exp();
    p.row(i) /= p.row(i).sum();
  }
  return p;
}

}  // namespace

Matrix dense_hessian(Objective<double>& objective, std::span<const double> theta) {
  const Eigen::Index size = objective.parameters();
  RowMatrix hessian(size, size);
  for_unit_blocks(size, [&](Eigen::Index first, std::span<const double> units) {
    const auto offset = static_cast<std::size_t>(first * size);
    objective.hessian_products(
        theta, Batch{}, units, span_of(hessian).subspan(offset, units.size()));
  });
  return 0.5 * (hessian + hessian.transpose());
}

Matrix gauss_newton(Objective<double>& objective, std::span<const double> theta) {
  if (objective.output_loss() == OutputLoss::none) {
    reject({"gauss_newton", "", "needs an objective with logits", "the model returns its loss"});
  }
  const Eigen::Index size = objective.parameters();
  const Eigen::Index examples = objective.examples();
  const Eigen::Index classes = objective.outputs();
  RowMatrix jacobian(size, examples * classes);  // row p: ∂z/∂θ_p
  for_unit_blocks(size, [&](Eigen::Index first, std::span<const double> units) {
    const auto count = static_cast<std::size_t>(units.size()) / static_cast<std::size_t>(size);
    const auto width = static_cast<std::size_t>(examples * classes);
    objective.jacobian_products(
        theta,
        Batch{},
        units,
        span_of(jacobian).subspan(static_cast<std::size_t>(first) * width, count * width));
  });
  const double weight = 1 / static_cast<double>(examples);
  if (objective.output_loss() == OutputLoss::squared)
    return weight * jacobian * jacobian.transpose();
  RowMatrix logits(examples, classes);
  objective.logits(theta, Batch{}, span_of(logits));
  const RowMatrix p = softmax_rows(logits);
  RowMatrix curved = jacobian;
  for (Eigen::Index row = 0; row < size; ++row) {
    for (Eigen::Index i = 0; i < examples; ++i) {
      apply_output_curvature(p.row(i).data(), classes, curved.row(row).data() + i * classes);
    }
  }
  const Matrix product = weight * jacobian * curved.transpose();
  return 0.5 * (product + product.transpose());
}

Eigenvalues symmetric_eigenvalues(const Matrix& symmetric) {
  if (!symmetric.allFinite()) return {{}, Status::diverged};
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(symmetric, Eigen::EigenvaluesOnly);
  if (solver.info() != Eigen::Success) return {{}, Status::not_converged};
  const Vector descending = solver.eigenvalues().reverse();
  return {{descending.begin(), descending.end()}, Status::ok};
}

}  // namespace thermoscape
