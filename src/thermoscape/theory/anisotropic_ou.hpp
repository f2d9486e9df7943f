#pragma once
#include <string_view>
#include <tuple>

#include <Eigen/Core>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The stationary covariance Σ [P, P] of SGD on a quadratic minimum under constant noise,
///   dθ = -C θ dt + √(T D) dW      CΣ + ΣC = T D
/// for C [P, P] symmetric and positive definite, D [P, P] symmetric and non-negative, T = λ/S
/// [time]. Σ = (T/2) C^{-1} D only where CD = DC; else D^{-1}Cθ has a curl, there is no effective
/// potential and a current circulates. Exact, O(P³). Throws Error for other shapes, C or D.
/// Reference: shift-curvature, Eq. 6 and the condition of Eq. 5.
[[nodiscard]] Eigen::MatrixXd anisotropic_covariance(const Eigen::MatrixXd& curvature,
                                                     const Eigen::MatrixXd& noise,
                                                     double temperature);

/// A - Aᵀ of A = D^{-1}C [P, P]: the curl of the force D^{-1}∂U, 0 where CD = DC. D must be
/// positive definite.
[[nodiscard]] Eigen::MatrixXd force_curl(const Eigen::MatrixXd& curvature,
                                         const Eigen::MatrixXd& noise);

/// A direction that no example sees, kept by weight decay αθ and isotropic noise of size β added to
/// each step: θ' = (1 - λα)θ + (noise of variance λT β²), T = λ/S.
///   var θ = T β²/(2α) [θ²]      discrete: over 1 - λα/2, undefined unless λα < 2
/// (Print: Tβ/α, and a decay term without the λ.) `noise` β [loss]/[θ], `weight_decay` α
/// [loss]/[θ]², `learning_rate` λ [time].
/// Reference: shift-curvature, Eq. 13 and D.1.
struct NullDirection {
  double variance = 0;
  Value discrete_variance;

  static constexpr auto fields() {
    using S = NullDirection;
    return std::tuple{field("variance", &S::variance, "[θ]²", "variance of the direction"),
                      field("discrete_variance",
                            &S::discrete_variance,
                            "[θ]²",
                            "the same under steps of finite size")};
  }
};
[[nodiscard]] NullDirection null_direction(double temperature,
                                           double weight_decay,
                                           double noise,
                                           double learning_rate);

}  // namespace thermoscape::theory
