#pragma once
#include <functional>

#include <Eigen/Core>

#include "thermoscape/core/status.hpp"

namespace thermoscape::theory {

/// SGD with momentum on a quadratic loss whose gradient noise need not commute with the Hessian:
///   v' = βv - Hθ + noise,  θ' = θ + ηv',   H [n, n] symmetric positive definite, weight decay
/// included, θ from the minimum [θ], v [loss]/[θ], noise of covariance Σ/S, S examples a batch.
/// All throw Error for an input out of range; the discrete ones also for η >= 2(1+β)/h_max, naming
/// the bound.  Reference: limiting-dynamics, sections 4-6 and appendix B.
struct QuadraticSgd {
  double learning_rate = 0.01;
  double momentum = 0.9;
  double batch_size = 32;
  Eigen::MatrixXd hessian;
};

/// Stationary covariances [n, n]; `cross` is Cov(θ, v), element (i, j) of θ_i with v_j.
struct SgdCovariance {
  Eigen::MatrixXd position;
  Eigen::MatrixXd cross;
  Eigen::MatrixXd velocity;
};

/// In closed form for each pair of eigenvectors of H, with e = ηh and N = η²Σ_ij/S:
///   continuous  ⟨θ_iθ_j⟩ = N / [(1-β)(e_i+e_j) + (1+β)(e_i-e_j)²/(4(1-β))]
///               ⟨v_iv_j⟩ = ⟨θ_iθ_j⟩ (e_i+e_j)/(η²(1+β)),  ⟨θ_iv_j⟩ = ⟨θ_iθ_j⟩ (e_i-e_j)/(2η(1-β))
///   discrete    ⟨θ_iθ_j⟩ = N / [(1-β)(e_i+e_j - e_ie_j/(1+β)) + β(e_i-e_j)²/(1-β²)]
///               ⟨v_iv_j⟩ as above, ⟨θ_iv_j⟩ = ⟨θ_iθ_j⟩ (e_i-βe_j)/(η(1-β²))
/// O(n³); accurate for any ratio of the curvatures, however small ηh.
[[nodiscard]] SgdCovariance continuous_covariance(const QuadraticSgd& sgd,
                                                  const Eigen::MatrixXd& noise);
[[nodiscard]] SgdCovariance discrete_covariance(const QuadraticSgd& sgd,
                                                const Eigen::MatrixXd& noise);

/// Σ when θ is spread about the minimum with covariance P [n, n]: affine in P.
using NoiseAtSpread = std::function<Eigen::MatrixXd(const Eigen::MatrixXd& position)>;
/// Examples x ~ N(0, H), y = x·θ* + σε drawn afresh, no weight decay: Σ(P) = σ²H + H tr(HP) + HPH.
[[nodiscard]] NoiseAtSpread gaussian_data_noise(Eigen::MatrixXd hessian, double residual_variance);

/// The discrete stationary covariance with the noise that it itself makes, by iteration of Σ(P)
/// from P = 0 to a relative change of 1e-13. ok; diverged if P grows without bound, which it does
/// exactly when the mean square of SGD does; not_converged after 10⁵ iterations, close to that
/// point.
struct SelfConsistent {
  SgdCovariance covariance;
  Status status = Status::undefined;
};
[[nodiscard]] SelfConsistent self_consistent_covariance(const QuadraticSgd& sgd,
                                                        const NoiseAtSpread& noise);

/// The same for Gaussian data in closed form; variances along the eigenvectors of H, ascending:
///   P_i = K_i h_i (σ²+τ)/(1 - K_ih_i²),  τ = σ²c/(1-c),  c = Σ K_ih_i²/(1 - K_ih_i²),
///   K_i = η(1+β)/(S h_i (1-β)(2(1+β) - ηh_i));    in one dimension P = Kσ²H/(1 - 2KH²)
/// undefined unless c < 1 and every K_ih_i² < 1: the mean square then grows without bound.
struct GaussianDataVariance {
  Eigen::VectorXd variance;           ///< [n] P_i
  Eigen::VectorXd additive;           ///< [n] K_iσ²h_i: discrete, with the noise at the minimum
  Eigen::VectorXd continuous;         ///< [n] ησ²/(2S(1-β))
  Status status = Status::undefined;  ///< of `variance`
};
[[nodiscard]] GaussianDataVariance gaussian_data_variance(const QuadraticSgd& sgd,
                                                          double residual_variance);

/// The modified loss Ψ = Ψ_θ + Ψ_v for Σ = σ²H (H here without weight decay λ) and the current
/// velocity j, at a displacement dθ from the minimum and a velocity v, both [n]:
///   Ψ_θ = dθᵀH^{-1}(H+λ)dθ/(η(1+β)σ²)   Ψ_v = vᵀH^{-1}v/(2σ²)   j = (v, -2(H+λ)dθ/(η(1+β)))
/// in units of 1/κ [1]; stationary law ∝ e^{-κΨ}.  Reference: Eqs. 10, 43-47.
struct ModifiedLoss {
  double position = 0;
  double velocity = 0;
  Eigen::VectorXd current;  ///< [2n]
};
[[nodiscard]] ModifiedLoss modified_loss(const QuadraticSgd& sgd,
                                         double weight_decay,
                                         double noise_per_curvature,
                                         const Eigen::VectorXd& displacement,
                                         const Eigen::VectorXd& velocity);

}  // namespace thermoscape::theory
