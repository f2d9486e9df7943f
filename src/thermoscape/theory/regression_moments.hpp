#pragma once
#include <Eigen/Core>

#include "thermoscape/theory/sgdm_covariance.hpp"

namespace thermoscape::theory {

/// Least squares L = |Y - Xθ|²/(2N) with weight decay λ, N examples in d dimensions, about its
/// minimum: what the theory of SGD takes, exactly.
///   H = XᵀX/N,  μ = (H+λ)^{-1} XᵀY/N,  g_i = x_i(x_i·μ - y_i),  Σ = (1/N) Σ g_ig_iᵀ - ḡḡᵀ,  ḡ =
///   -λμ
/// Without replacement Σ/S is to be multiplied by (N-S)/(N-1).
/// Throws Error unless X [N, d] and Y [N] agree, N >= 2, λ >= 0, and H + λ is positive definite.
/// O(N d²).  Reference: limiting-dynamics, section 5 and appendix B. (Appendix B's Σ = σ²H is the
/// limit of many examples whose residuals do not depend on x.)
struct RegressionMoments {
  Eigen::MatrixXd hessian;         ///< [d, d] H, without weight decay
  Eigen::VectorXd eigenvalues;     ///< [d] of H, ascending
  Eigen::VectorXd minimum;         ///< [d] μ
  Eigen::MatrixXd gradient_noise;  ///< [d, d] Σ at μ
  double residual_variance = 0;    ///< mean square of x_i·μ - y_i: σ² of Σ = σ²H
};
[[nodiscard]] RegressionMoments regression_moments(const Eigen::MatrixXd& inputs,
                                                   const Eigen::VectorXd& targets,
                                                   double weight_decay);

/// (N-S)/(N-1), what drawing a batch without replacement multiplies its noise by, 1 <= S <= N.
[[nodiscard]] double without_replacement_factor(double examples, double batch_size);

/// Σ(P) for this data set, θ spread about μ with covariance P, for self_consistent_covariance:
///   Σ(P) = (1/N) Σ_i x_ix_iᵀ(x_i·Px_i + r_i²) - HPH - ḡḡᵀ
/// times `factor`, one without_replacement_factor or 1. O(N d²) a call.
[[nodiscard]] NoiseAtSpread regression_noise(const Eigen::MatrixXd& inputs,
                                             const Eigen::VectorXd& targets,
                                             double weight_decay,
                                             double factor = 1);

}  // namespace thermoscape::theory
