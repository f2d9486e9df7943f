#include "thermoscape/landscape/dense_hessian.hpp"

#include <algorithm>
#include <vector>

#include "thermoscape/landscape/output_curvature.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

/// Rows of the matrix that are worked on at a time.
std::int64_t rows_at_once(std::int64_t numbers_each) {
  constexpr std::int64_t kMostNumbers = 1 << 22;
  return std::max<std::int64_t>(1, kMostNumbers / std::max<std::int64_t>(1, numbers_each));
}

/// Calls f(first, count, unit vectors [count, P]) until all P rows are done.
template <class Real, class F>
void for_unit_vectors(std::int64_t parameters, std::int64_t most, F&& f) {
  std::vector<Real> units;
  for (std::int64_t first = 0; first < parameters; first += most) {
    const std::int64_t count = std::min(most, parameters - first);
    units.assign(static_cast<std::size_t>(count * parameters), Real(0));
    for (std::int64_t i = 0; i < count; ++i) {
      units[static_cast<std::size_t>(i * parameters + first + i)] = 1;
    }
    f(first, count, std::span<const Real>(units));
  }
}

template <class Real>
std::span<Real> rows(std::span<Real> matrix,
                     std::int64_t width,
                     std::int64_t first,
                     std::int64_t count) {
  return matrix.subspan(static_cast<std::size_t>(first * width),
                        static_cast<std::size_t>(count * width));
}

template <class Real>
void gauss_newton(Objective<Real>& objective,
                  std::span<const Real> theta,
                  const Batch& batch,
                  std::span<Real> out) {
  const std::int64_t parameters = objective.parameters();
  const std::int64_t examples = batch_size(batch, objective.examples());
  const auto classes = static_cast<std::size_t>(objective.outputs());
  const auto each = static_cast<std::size_t>(examples) * classes;
  std::vector<Real> logits(each);
  objective.logits(theta, batch, logits);
  std::vector<Real> moved;
  for_unit_vectors<Real>(parameters,
                         rows_at_once(parameters + static_cast<std::int64_t>(each)),
                         [&](std::int64_t first, std::int64_t count, std::span<const Real> units) {
                           moved.resize(static_cast<std::size_t>(count) * each);
                           objective.jacobian_products(theta, batch, units, moved);
                           for (std::size_t at = 0; at < moved.size(); at += classes) {
                             apply_output_curvature<Real>(
                                 objective.output_loss(),
                                 std::span<const Real>(logits).subspan(at % each, classes),
                                 std::span<Real>(moved).subspan(at, classes));
                           }
                           const std::span<Real> to = rows(out, parameters, first, count);
                           objective.jacobian_pullback(theta, batch, moved, to);
                           for (Real& x : to) x /= static_cast<Real>(examples);
                         });
}

template <class Real>
void full(Objective<Real>& objective,
          std::span<const Real> theta,
          const Batch& batch,
          std::span<Real> out) {
  const std::int64_t parameters = objective.parameters();
  for_unit_vectors<Real>(parameters,
                         rows_at_once(2 * parameters),
                         [&](std::int64_t first, std::int64_t count, std::span<const Real> units) {
                           objective.hessian_products(
                               theta, batch, units, rows(out, parameters, first, count));
                         });
}

template <class Real>
void symmetrise(std::size_t n, std::span<Real> matrix) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Real mean = (matrix[i * n + j] + matrix[j * n + i]) / 2;
      matrix[i * n + j] = mean;
      matrix[j * n + i] = mean;
    }
  }
}

}  // namespace

template <class Real>
void dense_hessian_by_products(Objective<Real>& objective,
                               std::span<const Real> theta,
                               const Batch& batch,
                               HessianTerm term,
                               std::span<Real> out) {
  const std::int64_t parameters = objective.parameters();
  require_size(theta.size(), parameters, "dense_hessian", "theta");
  require_size(out.size(), parameters * parameters, "dense_hessian", "hessian");
  if (term != HessianTerm::full && objective.outputs() == 0) {
    refuse_logits("dense_hessian", "gauss_newton");
  }
  if (term == HessianTerm::gauss_newton) {
    gauss_newton(objective, theta, batch, out);
  } else {
    full(objective, theta, batch, out);
  }
  if (term == HessianTerm::residual) {
    std::vector<Real> other(out.size());
    gauss_newton<Real>(objective, theta, batch, other);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] -= other[i];
  }
  symmetrise(static_cast<std::size_t>(parameters), out);
}

template <class Real>
void dense_hessian(Objective<Real>& objective,
                   std::span<const Real> theta,
                   const Batch& batch,
                   HessianTerm term,
                   std::span<Real> out) {
  if (auto* const network = dynamic_cast<Mlp<Real>*>(&objective)) {
    network->dense_hessian(theta, batch, term, out);
  } else {
    dense_hessian_by_products(objective, theta, batch, term, out);
  }
}

template void dense_hessian(
    Objective<float>&, std::span<const float>, const Batch&, HessianTerm, std::span<float>);
template void dense_hessian(
    Objective<double>&, std::span<const double>, const Batch&, HessianTerm, std::span<double>);
template void dense_hessian_by_products(
    Objective<float>&, std::span<const float>, const Batch&, HessianTerm, std::span<float>);
template void dense_hessian_by_products(
    Objective<double>&, std::span<const double>, const Batch&, HessianTerm, std::span<double>);

}  // namespace thermoscape
