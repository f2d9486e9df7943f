#pragma once
#include <tuple>

#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape::theory {

/// SGD with momentum along one eigenvector of the Hessian as the linear recursion it is, exactly:
///   v' = βv - hθ + noise,  θ' = θ + ηv'      (θ, v)' = M (θ, v),  M = [[1-ηh, ηβ], [-h, β]]
/// with noise of variance Σ/S; v_k = (θ_k - θ_{k-1})/η [loss]/[θ]. `steps` is a whole number >= 0.
/// All digits are kept at any number of steps, near critical damping ηh = (1∓√β)² and for ηh below
/// the last place of 1. Cost: a few powers; where it says log k, that many more.
/// All throw Error for an input out of range; the stationary ones also for a learning rate η >=
/// 2(1+β)/h, naming the bound, since the recursion then diverges.
/// Reference: limiting-dynamics, Eqs. 2-6 and 11-13, which take the continuous limit of this.

/// M^k on (θ, ηv): dimensionless.
///   position_position = s_{k+1} - βs_k   position_velocity = βs_k
///   velocity_position = -ηh s_k          velocity_velocity = β(s_k - s_{k-1})
///   s_k = (μ₊^k - μ₋^k)/(μ₊ - μ₋), the displacement k steps on from a unit kick; μ² - (1+β-ηh)μ +
///   β = 0
struct StepPropagator {
  double position_position = 1;
  double position_velocity = 0;
  double velocity_position = 0;
  double velocity_velocity = 1;
  double kick = 0;  ///< s_k
};
[[nodiscard]] StepPropagator step_propagator(double rate_times_curvature,
                                             double momentum,
                                             double steps);

/// Mean (θ, v) after `steps` from `start`, stable or not.
[[nodiscard]] PhasePoint discrete_mean(const SgdNoise& noise,
                                       const PhasePoint& start,
                                       double steps);

/// The continuous mean at the times that match step k: v_k = (θ_k - θ_{k-1})/η belongs to t = η(k -
/// ½), and the start (a, 0) of the recursion to rest at t = -η/2, so that θ_k is held against
/// θ(η(k+½)) and v_k against v(ηk).
[[nodiscard]] PhasePoint half_step_mean(const SgdNoise& noise, double position, double steps);

/// R = 1/(1 - ηh/(2(1+β))): both variances are R times those in continuous time.
[[nodiscard]] double discrete_factor(const SgdNoise& noise);
/// Stationary var θ = RηΣ/(2S(1-β)h), var v = RΣ/(S(1-β²)), cov(θ_k, v_k) = (η/2) var v.
[[nodiscard]] PhaseCovariance discrete_stationary(const SgdNoise& noise);
/// Covariance after `steps` from a start with covariance P_0, stable or not:
///   M^kP_0M^{kᵀ} + (Σ/S) Σ_{j<k} M^j g gᵀ M^{jᵀ},  g = (η, 1);  cost log k
/// What noise adds keeps its digits up to the limit of stability.
[[nodiscard]] PhaseCovariance discrete_covariance(const SgdNoise& noise,
                                                  double steps,
                                                  const PhaseCovariance& start = {});

/// Stationary autocorrelation of v at a lag of `steps`: [M^k P]_vv / P_vv.
[[nodiscard]] double discrete_velocity_correlation(const SgdNoise& noise, double steps);
/// Stationary E|θ_k - θ_0|² = 2[(1 - M^k)P]_θθ [θ²]; one step gives η² var v. Cost log k.
[[nodiscard]] double discrete_displacement(const SgdNoise& noise, double steps);

/// Its growth (E_{k+1} - E_{k-1})/2 by half the steps next to k [θ²], 0 at k = 0: k times this over
/// the displacement is its local exponent, 2 for straight motion and 1 for diffusion.
[[nodiscard]] double discrete_displacement_growth(const SgdNoise& noise, double steps);

/// Throws Error "WHERE.learning_rate = ...: must be < 2(1+β)/h = ..." unless the recursion is
/// stable.
void require_stable(double learning_rate,
                    double momentum,
                    double largest_curvature,
                    const char* where);

}  // namespace thermoscape::theory
