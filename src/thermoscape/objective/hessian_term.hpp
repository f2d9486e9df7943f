#pragma once

namespace thermoscape {

/// The parts of ∇²L = G + R with the Jacobian J = ∂z/∂θ of the logits:
///   G = (1/n) Σ_i J_iᵀ (∂²ℓ/∂z²) J_i,   R = (1/n) Σ_i Σ_c (∂ℓ/∂z_c) ∇²z_c + penalty
enum class HessianTerm {
  full,
  gauss_newton,  ///< G, positive semi-definite for a convex ℓ
  residual       ///< R, which vanishes with the errors ∂ℓ/∂z
};

}  // namespace thermoscape
