#pragma once
#include <Eigen/Core>

#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The Ornstein-Uhlenbeck process in n dimensions, x measured from its mean at rest:
///   dx = -A x dt + √(2D/κ) dW
/// A [n, n] with all eigenvalues in Re λ > 0, D [n, n] symmetric and positive semi-definite, κ > 0.
/// D may be singular (momentum makes it so) as long as noise reaches every direction, that is (A,
/// D^½) is controllable. Units of x, time and κ are the caller's; Ψ has that of 1/κ.
///
/// A = (D + Q) U, uniquely: U = B^{-1} with AB + BAᵀ = 2D, Q = AB - D skew-symmetric. Stationary
/// law ∝ e^{-κΨ}, Ψ = ½ xᵀUx; covariance B/κ; current velocity j = -QUx, which is divergence-free
/// and orthogonal to ∇Ψ. (Eq. 24, with Vᵀ(·)V, holds for symmetric A only; here A is any.)
/// Throws Error if a matrix is not as above. O(n³) to construct.
/// Reference: limiting-dynamics, section 6, appendices D and E.
class OrnsteinUhlenbeck {
 public:
  OrnsteinUhlenbeck(Eigen::MatrixXd drift,
                    Eigen::MatrixXd diffusion,
                    double inverse_temperature = 1);

  [[nodiscard]] Eigen::Index size() const { return drift_.rows(); }
  [[nodiscard]] const Eigen::MatrixXd& drift() const { return drift_; }
  [[nodiscard]] const Eigen::MatrixXd& diffusion() const { return diffusion_; }
  [[nodiscard]] double inverse_temperature() const { return kappa_; }
  [[nodiscard]] const Eigen::MatrixXd& lyapunov() const { return lyapunov_; }    ///< B
  [[nodiscard]] const Eigen::MatrixXd& rotation() const { return rotation_; }    ///< Q
  [[nodiscard]] const Eigen::MatrixXd& potential() const { return potential_; }  ///< U
  [[nodiscard]] Eigen::MatrixXd stationary_covariance() const { return lyapunov_ / kappa_; }

  /// Ψ(x) = ½ xᵀUx
  [[nodiscard]] double modified_potential(const Eigen::VectorXd& x) const;
  /// j(x) = -QUx; the stationary current is j p.
  [[nodiscard]] Eigen::VectorXd current_velocity(const Eigen::VectorXd& x) const;
  /// In coordinates in which the stationary covariance is the identity, A is D̃ + Q̃: |Q̃|/|D̃ + Q̃|
  /// in [0, 1] (Frobenius), the same in all coordinates; 0 in detailed balance, AD = DAᵀ.
  [[nodiscard]] double irreversibility() const;
  [[nodiscard]] bool detailed_balance(double tolerance = 1e-10) const;

  /// e^{-At}, t >= 0.
  [[nodiscard]] Eigen::MatrixXd propagator(double time) const;
  [[nodiscard]] Eigen::VectorXd mean(const Eigen::VectorXd& start, double time) const;
  /// e^{-At}P_0e^{-Aᵀt} + κ^{-1}(B - e^{-At}Be^{-Aᵀt}); the second term by doubling of a short
  /// time, a sum of positive terms, so that it is as accurate at short times: relative error about
  /// ε‖A‖t until the slowest mode has relaxed.
  [[nodiscard]] Eigen::MatrixXd covariance(double time) const;
  [[nodiscard]] Eigen::MatrixXd covariance(const Eigen::MatrixXd& start, double time) const;
  /// Cov(x_t, x_s) = C(t) e^{Aᵀ(t-s)} for t <= s, its transpose for t > s; from a fixed start.
  [[nodiscard]] Eigen::MatrixXd cross_covariance(double t, double s) const;
  /// κ^{-1} B e^{-Aᵀ lag}: Cov(x_t, x_{t+lag}) in the stationary state, lag >= 0.
  [[nodiscard]] Eigen::MatrixXd stationary_cross_covariance(double lag) const;

  /// F = E[Ψ] - H/κ of a Gaussian of given mean and covariance, above its minimum:
  ///   κ(F - F_ss) = KL(p | p_ss) = ½[tr(κUC) - n - ln det(κUC) + κ mᵀUm]
  /// Undefined for a covariance that is not positive definite (a point has no entropy).
  [[nodiscard]] Value free_energy_excess(const Eigen::VectorXd& mean,
                                         const Eigen::MatrixXd& covariance) const;
  /// dF/dt = -E|D^½ ∇(Ψ + ln p/κ)|² = -[mᵀUDUm + tr(GDGC)] <= 0, G = U - C^{-1}/κ: F never rises,
  /// whether or not detailed balance holds.
  [[nodiscard]] Value free_energy_rate(const Eigen::VectorXd& mean,
                                       const Eigen::MatrixXd& covariance) const;

 private:
  void check(const Eigen::VectorXd& x) const;
  /// L^{-1} X L^{-T} for B = LLᵀ.
  [[nodiscard]] Eigen::MatrixXd whitened(const Eigen::MatrixXd& x) const;

  Eigen::MatrixXd drift_;
  Eigen::MatrixXd diffusion_;
  double kappa_;
  Eigen::MatrixXd lyapunov_;
  Eigen::MatrixXd factor_;  ///< L
  Eigen::MatrixXd rotation_;
  Eigen::MatrixXd potential_;
};

/// SGD with momentum as such a process in (θ, v), 2n variables: hessian H [n, n] with weight decay
/// included, symmetric positive definite, noise Σ [n, n] of single examples; they need not commute.
///   A = [[0, -I], [2H/(η(1+β)), 2(1-β)/(η(1+β)) I]],  D = diag(0, 2(1-β)/(η(1+β)) Σ),  κ = S(1-β²)
[[nodiscard]] OrnsteinUhlenbeck sgd_phase_space(const Eigen::MatrixXd& hessian,
                                                const Eigen::MatrixXd& noise,
                                                double learning_rate,
                                                double momentum,
                                                double batch_size);

}  // namespace thermoscape::theory
