#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

struct ForceCurlOptions {
  double noise_scale = 0;       ///< T = λ/B >= 0 [time]; 0 leaves the divergence of the noise out
  double isotropic_noise = 0;   ///< β >= 0, adds β² to D; above 0 where D alone has no inverse
  double ridge = 0;             ///< λ of the objective's penalty, which D does not see
  std::int64_t directions = 8;  ///< random directions, >= 3; all their pairs are used
  double step = 1e-4;  ///< of the central difference of ∂·D along a unit vector, over |θ|/√P
};

/// How far the effective force of SGD is from the gradient of a potential, at one point.
struct ForceCurl {
  /// |A| / |S|, the Frobenius norms of the antisymmetric and the symmetric part of ∂V: 0 for a
  /// gradient, of order 1 for a matrix without symmetry. Error by the jackknife over directions.
  Estimate ratio;
  double antisymmetric = 0;  ///< |A|, from the same pairs
  double symmetric = 0;      ///< |S|
};

/// With D the covariance over examples of ∇ℓ_i at θ [P], plus β²,
///   V = D^{-1}(∂U + (T/2) ∂·D)        ∂_w V = D^{-1}[Hw + (T/2) ∂_w(∂·D) - (∂_w D) V]
/// for random normal w; uᵀ∂V w - wᵀ∂V u over all pairs of them estimates |A|, as E (uᵀMw)² = |M|².
///   ∂_w D x = (1/N) Σ [h_i (g_i·x) + g_i (h_i·x)] - [h (g·x) + g (h·x)],  h_i = ∇²ℓ_i w
///   ∂·D = (1/N) Σ [∇²ℓ_i g_i + g_i tr ∇²ℓ_i] - [H g + g tr H]
/// ∂_w(∂·D) is a central difference. Status undefined if D + β² is singular.
/// Throws Error for options out of range. Stream "curl.directions".
/// Cost: N Hessian products of single examples a direction; with T > 0 another 2 N P; memory and
/// factorisation of min(N, P)² numbers, N P for the gradients: for small problems.
/// Oracle: theory/anisotropic_ou.hpp for constant D; ∂V by differences.
/// Reference: shift-curvature, Assumption 1.
[[nodiscard]] ForceCurl force_curl(Objective<double>& objective,
                                   std::span<const double> theta,
                                   const ForceCurlOptions& options,
                                   const Noise& noise);

}  // namespace thermoscape
