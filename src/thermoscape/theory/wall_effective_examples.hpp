#pragma once

namespace thermoscape::theory {

/// ⟨φ⟩ = ⟨(Σℓ)²/Σℓ²⟩ of n independent walls in equilibrium, exact at finite n, where many_walls
/// (exponential_wall.hpp) takes the ratio of averages nμ²/⟨ℓ²⟩. With x = ℓ/T > u, p(x) = e^{-x}/(x
/// E1(u)), and m_k(λ) = ⟨x^k e^{-λx²}⟩,
///   ⟨φ⟩ = ∫_0^∞ ⟨(Σx)² e^{-λΣx²}⟩ dλ = 1 + n(n-1) ∫_0^∞ m_1(λ)² m_0(λ)^{n-2} dλ
/// since m_0' = -m_2. As u → 0 at fixed c = n/Λ the walls become the jumps of a Gamma process and
/// ⟨φ⟩ depends on c alone: about c + 2 (the printed "φ agrees with α" is this, α = n/(Λ-1)). walls
/// n >= 2, real; log_boltzmann ln u (exponential_wall.hpp).  Relative accuracy 1e-4.  Cost: 50 us.
/// Throws Error if an input is out of range.  Reference: thermal-probe, Eq. 8, for the model of its
/// Eqs. 9-11.
[[nodiscard]] double wall_effective_examples(double walls, double log_boltzmann);

}  // namespace thermoscape::theory
