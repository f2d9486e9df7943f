#pragma once
#include <tuple>
#include <vector>

#include "thermoscape/theory/sgdm_discrete.hpp"

namespace thermoscape::theory {

/// SGD with momentum and weight decay near a minimum whose Hessian has the eigenvalues ρ_l and
/// whose gradient noise is Σ = σ² H: one eigenplane an eigenvalue, h_l = ρ_l + λ, Σ_l = σ² ρ_l, κ =
/// S(1-β²). Sums over the planes, stationary, in continuous time and, beside it, exactly for the
/// discrete steps. All throw Error for an input out of range, the exact ones also for η >=
/// 2(1+β)/h. Reference: limiting-dynamics, section 8 and appendix G.
struct SgdSpectrum {
  double learning_rate = 1e-4;
  double momentum = 0.9;
  double batch_size = 256;
  double weight_decay = 0;
  double noise_per_curvature = 1;
  std::vector<double> eigenvalues = {1.0};

  static constexpr auto fields() {
    using S = SgdSpectrum;
    return std::tuple{
        field("learning_rate", &S::learning_rate, "[θ]²/[loss]", "learning rate", kPositive),
        field("momentum", &S::momentum, "1", "momentum, in PyTorch's convention", kBelowOne),
        field("batch_size", &S::batch_size, "1", "examples in a batch", kPositive),
        field("weight_decay", &S::weight_decay, "[loss]/[θ]²", "weight decay", kNonNegative),
        field("noise_per_curvature",
              &S::noise_per_curvature,
              "[loss]",
              "covariance of the gradients of single examples over the Hessian",
              kNonNegative),
        field("eigenvalues",
              &S::eigenvalues,
              "[loss]/[θ]²",
              "eigenvalues of the Hessian, without weight decay",
              kPositive)};
  }
};
/// The eigenplane of `eigenvalue`.
[[nodiscard]] SgdNoise eigenplane(const SgdSpectrum& spectrum, double eigenvalue);

/// A number of the continuous theory and the one that discrete steps give.
struct Compared {
  double continuous = 0;
  double exact = 0;
};

/// E|θ_{k+1}-θ_k|² = η² tr Σ/κ [θ²]; exact: each plane times its R.
[[nodiscard]] Compared local_displacement(const SgdSpectrum& spectrum);
/// Mean excess of the loss E[L_λ] - L_λ(μ) = E[K] = η tr Σ/(4S(1-β)) [loss], K = (η(1+β)/4)|v|²;
/// exact: each plane times its R, so that the two energies stay equal. (L_λ(μ) for the printed
/// (λ/2)|μ|², which holds only for a loss centred there.)
[[nodiscard]] Compared equipartition_energy(const SgdSpectrum& spectrum);

/// E|θ_{k+t}-θ_k|² [θ²] after `steps`; a whole number for the exact one. O(planes).
[[nodiscard]] double global_displacement(const SgdSpectrum& spectrum, double steps);
[[nodiscard]] double exact_global_displacement(const SgdSpectrum& spectrum, double steps);
/// Eq. 13 with its weights 1 - k/t and the lag ηk: the trapezoid approximation
///   (η²/κ) Σ_l Σ_l [t + 2 Σ_{k=1}^{t} (t-k) C_l(k)]
/// which at late times keeps a spurious linear term (1-β)/(3(1+β)) (η²/κ) Σ_l t. O(planes · t).
[[nodiscard]] double trapezoid_global_displacement(const SgdSpectrum& spectrum, double steps);
/// The exact one at t = 1, 2, ..., steps, by the recursion. O(planes · steps).
[[nodiscard]] std::vector<double> exact_displacement_curve(const SgdSpectrum& spectrum,
                                                           std::size_t steps);

/// d ln E|Δ_t|²/d ln t of the continuous theory after `steps`: 2 at t -> 0, 0 at t -> ∞. Neither S
/// nor σ² enters.
[[nodiscard]] Value displacement_exponent(const SgdSpectrum& spectrum, double steps);
/// Least-squares slope of ln(curve) on ln t, t = 1, 2, ...: the diffusion exponent c as it is
/// fitted. Throws Error for fewer than two values or one that is not > 0.
[[nodiscard]] double fitted_exponent(const std::vector<double>& curve);

}  // namespace thermoscape::theory
