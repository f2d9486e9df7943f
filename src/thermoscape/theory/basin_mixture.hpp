#pragma once
#include <vector>

#include <Eigen/Core>

#include "thermoscape/theory/steady_state.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The Laplace approximation of the steady state ρ ∝ e^{-2v/T}: one Gaussian a basin,
///   ρ ≈ Σ w_k N(μ_k, Σ_k)      ∂U + (T/2)∂·D = 0 at μ_k      ∂²v = D^{-1}[∂²U + (T/2)∂(∂·D)]
///   Σ_k = (T/2)(∂²v)^{-1}      w_k ∝ e^{-2v(μ_k)/T} |∂²v|^{-1/2}
///   b_k = θ_k - μ_k ≈ (T/2) C^{-1} ∂·D      C = ∂²U at the minimum θ_k of the loss
/// T = λ/S [time] as in steady_state.hpp: the state leans to where the noise is low. Corrections
/// are O(T) relative to each number. Reference: shift-curvature, Eqs. 6, 25 (with 2/T throughout).

/// A basin of a steady state in one dimension.
struct Basin {
  Value minimum;         ///< θ_k [θ], the nearest minimum of the loss; undefined if it has none
  double centre = 0;     ///< μ_k [θ]
  Value bias;            ///< θ_k - μ_k [θ]
  Value linear_bias;     ///< (T/2) D'(μ)/U''(θ_k) [θ]
  Value variance;        ///< Σ_k [θ]²; undefined where Σ_k is wider than the ends: v'' = 0
  Value weight;          ///< w_k, in sum 1; undefined for all if a variance is
  double potential = 0;  ///< v(μ_k) [time] over that of the most likely θ
};
/// Every minimum of v, increasing. At reflecting ends there is no Gaussian: none is listed.
[[nodiscard]] std::vector<Basin> laplace_basins(const SteadyState& state);

/// w_k ∝ exp(-2v_k/T - ½ ln|∂²v_k|), normalised; safe at any T > 0. Lists of equal length >= 1: v
/// [time], ln|∂²v|. Throws Error otherwise.
[[nodiscard]] std::vector<double> mixture_weights(const std::vector<double>& potentials,
                                                  const std::vector<double>& log_determinants,
                                                  double temperature);

/// b = (T/2) C^{-1} ∂·D [P] for a curvature C [P, P], symmetric and positive definite, and the
/// divergence (∂·D)_i = Σ_j ∂_j D_ij [P]. Throws Error for other shapes or C.
[[nodiscard]] Eigen::VectorXd mixture_bias(const Eigen::MatrixXd& curvature,
                                           const Eigen::VectorXd& noise_divergence,
                                           double temperature);

/// Σ = (T/2) [C + (T/2) ∂(∂·D)]^{-1} D [P, P]. `noise` D symmetric, `divergence_slope` ∂_j(∂·D)_i.
struct BasinCovariance {
  Eigen::MatrixXd covariance;
  /// out_of_range if Σ is not symmetric (the force D^{-1}(∂U + (T/2)∂·D) has a curl, so no v
  /// exists: see anisotropic_ou.hpp), undefined if μ is no maximum of ρ.
  Status status = Status::ok;
};
[[nodiscard]] BasinCovariance mixture_covariance(const Eigen::MatrixXd& curvature,
                                                 const Eigen::MatrixXd& noise,
                                                 const Eigen::MatrixXd& divergence_slope,
                                                 double temperature);

/// ln ∫ exp(-(2/(T J!)) Σ λ_i z_i^J) dz = n ln 2Γ(1+1/J) + (n/J) ln(T J!/2) - (1/J) Σ ln λ_i: takes
/// the place of -½ ln|∂²v| + ½ n ln πT for a basin whose first derivative is the even order J (2:
/// quadratic, 4: quartic), diagonal with λ_i = ∂_i^J v > 0 [n]. (Print: a single factor 2Γ for any
/// n.) Throws Error unless J is even and >= 2.
/// Reference: shift-curvature, E.
[[nodiscard]] double log_even_order_integral(const std::vector<double>& derivatives,
                                             int order,
                                             double temperature);
/// w_k ∝ exp(-2v_k/T + I_k) for the logarithms I_k of the integrals above: basins of any mixture of
/// orders.
[[nodiscard]] std::vector<double> even_order_weights(const std::vector<double>& potentials,
                                                     const std::vector<double>& log_integrals,
                                                     double temperature);

}  // namespace thermoscape::theory
