#pragma once
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The random landscape of minibatch losses in the principal directions of SGD, n modes:
///   L^μ = L^μ_min exp[½ (θ-θ^μ)ᵀ M^μ (θ-θ^μ)],   L^μ_0 = L^μ(0) = L^μ_min exp[½ Σ M_ij θ_i θ_j]
/// with independent M_ii ~ N(M0_i, σ_M,i²), M_ij = M_ji ~ N(0, σ_ij²), θ^μ_i ~ N(m_i, σ_θ,i²), m_1
/// = θ1⁰ and m_i = 0 else (mode 1 drifts), and L^μ_0 of mean L0 and deviation σ_L. Reference:
/// variance-flatness, Eqs. 8-14, S6-S10, with the corrections stated at the functions. All throw
/// Error for lengths that differ, a mode out of range or a number out of range. Modes count from 0.
struct MiniLossEnsemble {
  Vector mean_curvature;       ///< M0 [n], 1/[θ]²
  Vector curvature_deviation;  ///< σ_M [n] >= 0, 1/[θ]²
  Vector centre_deviation;     ///< σ_θ [n] >= 0, [θ]
  Matrix coupling_deviation;   ///< σ_ij [n, n] >= 0, 1/[θ]²; the diagonal is not read
  double drift_centre = 0;     ///< θ1⁰, [θ]
};

/// How SGD sees the ensemble: each step draws a fresh L^μ_0 of mean L0 and deviation σ_L, moves by
/// -α ∂L^μ.
struct MiniLossNoise {
  double loss = 0.02;          ///< L0 > 0, [loss]
  double loss_deviation = 0;   ///< σ_L >= 0, [loss]
  double learning_rate = 0.1;  ///< α > 0, [θ]²/[loss]
};

/// M_ii of the overall loss, ln⟨L^μ⟩/L0 = ½ M_ii θ_i² - ... to second order [n]:
///   M_ii = M0 + σ_θ²(M0² + σ_M²) + Σ_{j≠i} σ_ij²⟨θ_j²⟩ + σ_M²m_i²
/// (The last term, of mode 1 alone, is missing in print.) The flatness is F_i = √(8/M_ii).
[[nodiscard]] Vector overall_curvature(const MiniLossEnsemble& ensemble);

/// ln⟨L^μ/L^μ_0⟩ at the displacement t along a mode, exact for any t: with A = t²σ_θ², p = t²/2 - t
/// m_i, S_j = 1 - t²σ_ij²σ_θ,j²,
///   (p M0 + p²σ_M²/2 + A M0²/2)/(1-Aσ_M²) - ½ ln(1-Aσ_M²) + Σ_j [t²σ_ij²m_j²/(2S_j) - ½ ln S_j]
/// Undefined where the average diverges, |t| >= 1/(σ_θσ_M) or |t| >= 1/(σ_ijσ_θ,j).
[[nodiscard]] Value log_mean_loss(const MiniLossEnsemble& ensemble,
                                  Eigen::Index mode,
                                  double displacement);

/// Variance of θ̃_i = θ_i + M_ii^{-1} Σ_{j≠i} M_ij θ_j, the minimum along mode i (print omits θ_j):
///   leading  σ_θ² + M0^{-2} Σ_j σ_ij²⟨θ_j²⟩;   corrected: M0^{-2}(1 + 3r² + 15r⁴), r = σ_M/M0
/// ⟨M_ii^{-2}⟩ diverges for a normal M_ii, so both are asymptotic in r: out_of_range for r > 0.1
/// (leading) and 0.3 (corrected). Undefined for M0 = 0.
struct CentreVariance {
  Value leading;
  Value corrected;
};
[[nodiscard]] CentreVariance centre_variance(const MiniLossEnsemble& ensemble, Eigen::Index mode);

/// SGD at θ = 0, each [n]:
///   mean_step    α L0 M0 m_i (the drift of mode 1), [θ]
///   step_square  D = ⟨v²⟩ = α²⟨L0²⟩[(M0²+σ_M²)⟨θ_i²⟩ + Σ_j σ_ij²⟨θ_j²⟩], per step; ⟨(Δθ)²⟩ = D t
///   printed      Eq. 14, which drops σ_M² and θ1⁰
///   temperature  T_act = (⟨v²⟩ - ⟨v⟩²)/(2α), [loss]
///   relaxation   τ = 1/(α L0 M0), steps: how long σ_i² ∝ D_i can hold
struct MiniLossSteps {
  Vector mean_step;
  Vector step_square;
  Vector printed;
  Vector temperature;
  Vector relaxation;
};
[[nodiscard]] MiniLossSteps mini_loss_steps(const MiniLossEnsemble& ensemble,
                                            const MiniLossNoise& noise);

/// Stationary ⟨(θ_i - m_i)²⟩ [n] under θ' = θ - α L^μ_0 M^μ(θ - θ^μ), a fresh draw each step;
/// exact: with R = a²⟨L²⟩ (M0²+σ_M²), C_ij = a²⟨L²⟩ σ_ij²,
///   X_i (2αL0M0_i - R_i) - Σ_j C_ij X_j = R_i σ_θ,i² + Σ_j C_ij σ_θ,j²
/// (mode 1 has relaxed onto θ1⁰). Status undefined where the second moment grows without bound.
/// Cost n³.
struct StationarySpread {
  Vector second_moment;
  Status status = Status::undefined;
};
[[nodiscard]] StationarySpread stationary_spread(const MiniLossEnsemble& ensemble,
                                                 const MiniLossNoise& noise);

/// Equilibrium at temperature T in L = Lmin (1 + 4δ²/F²): var δ = T F²/(8 Lmin) [θ²], which grows
/// with flatness.
[[nodiscard]] double equilibrium_variance(double temperature, double flatness, double minimum_loss);

}  // namespace thermoscape::theory
