#include "thermoscape/theory/landscape_constraint.hpp"

#include <fmt/format.h>
#include <Eigen/Cholesky>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

void check_size(Eigen::Index size, Eigen::Index expected, const char* where) {
  if (size == expected) return;
  reject({where, fmt::format("length {}", size), fmt::format("must have length {}", expected), ""});
}

void check_finite(bool finite, const char* where) {
  if (!finite) reject({where, "not finite", "must be finite numbers", ""});
}

void check(const LandscapeConstraint& c) {
  check_size(c.directions.cols(), c.centre.size(), "directions");
  check_size(c.flatness.size(), c.directions.rows(), "flatness");
  for (const double f : c.flatness) require_positive(f, "flatness");
  check_finite(c.centre.allFinite() && c.directions.allFinite(), "landscape constraint");
  require_non_negative(c.strength, "strength");
}

void check(const ElasticConstraint& c) {
  check_size(c.fisher.size(), c.centre.size(), "fisher");
  for (const double f : c.fisher) require_non_negative(f, "fisher");
  check_finite(c.centre.allFinite(), "elastic constraint");
  require_non_negative(c.strength, "strength");
}

/// Q of the penalty ½ (w-w1)ᵀQ(w-w1).
Matrix quadratic_form(const LandscapeConstraint& c) {
  const Matrix scaled = c.flatness.cwiseInverse().asDiagonal() * c.directions;
  return 2 * c.strength * scaled.transpose() * scaled;
}
Matrix quadratic_form(const ElasticConstraint& c) {
  return (c.strength * c.fisher).asDiagonal();
}

template <class Constraint>
ConstrainedMinimum solve(const Constraint& c, const Matrix& curvature, const Vector& minimum) {
  check(c);
  const Eigen::Index n = c.centre.size();
  check_size(curvature.rows(), n, "curvature");
  check_size(curvature.cols(), n, "curvature");
  check_size(minimum.size(), n, "minimum");
  check_finite(curvature.allFinite() && minimum.allFinite(), "second task");
  if (!curvature.isApprox(curvature.transpose(), 1e-12)) {
    reject({"curvature", "", "must be symmetric", ""});
  }
  const Matrix q = quadratic_form(c);
  const Eigen::LLT<Matrix> factor(curvature + q);
  if (factor.info() != Eigen::Success) return {};
  Vector weights = factor.solve(curvature * minimum + q * c.centre);
  if (!weights.allFinite()) return {};
  return {std::move(weights), Status::ok};
}

}  // namespace

Penalty penalty(const LandscapeConstraint& constraint, const Vector& weights) {
  check(constraint);
  check_size(weights.size(), constraint.centre.size(), "weights");
  const Vector along = constraint.directions * (weights - constraint.centre);
  const Vector scaled = along.cwiseQuotient(constraint.flatness);
  return {constraint.strength * scaled.squaredNorm(),
          2 * constraint.strength * constraint.directions.transpose() *
              scaled.cwiseQuotient(constraint.flatness)};
}

Penalty penalty(const ElasticConstraint& constraint, const Vector& weights) {
  check(constraint);
  check_size(weights.size(), constraint.centre.size(), "weights");
  const Vector shift = weights - constraint.centre;
  const Vector gradient = constraint.strength * constraint.fisher.cwiseProduct(shift);
  return {gradient.dot(shift) / 2, gradient};
}

ConstrainedMinimum constrained_minimum(const LandscapeConstraint& constraint,
                                       const Matrix& curvature,
                                       const Vector& minimum) {
  return solve(constraint, curvature, minimum);
}

ConstrainedMinimum constrained_minimum(const ElasticConstraint& constraint,
                                       const Matrix& curvature,
                                       const Vector& minimum) {
  return solve(constraint, curvature, minimum);
}

}  // namespace thermoscape::theory
