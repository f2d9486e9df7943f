#pragma once
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/status.hpp"

namespace thermoscape::theory {

/// Penalties that keep a network near its solution w1 of a first task while it learns a second.
/// Weights w: [n].  All throw Error for shapes that differ or a number out of range.
/// Reference: variance-flatness, section V; the paper prints no formula for EWC, whose convention
/// here is that of Kirkpatrick et al. (2017).

/// Landscape-dependent constraint along directions p_i, the rows of P [k, n], with flatness F_i > 0
/// [k] of the first task:   λ Σ ((w-w1)·p_i)²/F_i²
/// The paper takes orthonormal p_i (principal directions); any are accepted.
struct LandscapeConstraint {
  Vector centre;        ///< w1
  Matrix directions;    ///< P
  Vector flatness;      ///< F
  double strength = 0;  ///< λ >= 0
};

/// Elastic weight consolidation with the diagonal of the Fisher matrix, F_jj >= 0 [n]:
///   (λ/2) Σ F_jj (w-w1)_j²
/// 1/F² = M/8 = H/(8 L0), so λ_LDC acts like λ_EWC = λ_LDC/(4 L0) where the Fisher matrix is H.
struct ElasticConstraint {
  Vector centre;
  Vector fisher;
  double strength = 0;
};

/// Value and gradient [n] at w.
struct Penalty {
  double value = 0;
  Vector gradient;
};
[[nodiscard]] Penalty penalty(const LandscapeConstraint& constraint, const Vector& weights);
[[nodiscard]] Penalty penalty(const ElasticConstraint& constraint, const Vector& weights);

/// The w that minimises ½ (w-w2)ᵀK(w-w2) + penalty, K [n, n] symmetric, w2 [n]:
///   (K + Q)^{-1} (K w2 + Q w1),  Q = 2λ PᵀF^{-2}P or λ diag(F_jj)
/// Status undefined where K + Q is not positive definite.  Cost n³.
struct ConstrainedMinimum {
  Vector weights;
  Status status = Status::undefined;
};
[[nodiscard]] ConstrainedMinimum constrained_minimum(const LandscapeConstraint& constraint,
                                                     const Matrix& curvature,
                                                     const Vector& minimum);
[[nodiscard]] ConstrainedMinimum constrained_minimum(const ElasticConstraint& constraint,
                                                     const Matrix& curvature,
                                                     const Vector& minimum);

}  // namespace thermoscape::theory
