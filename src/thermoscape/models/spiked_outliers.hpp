#pragma once
#include <vector>

#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

/// The spectrum of a bulk matrix B [D, D], pooled over independent draws, and its Stieltjes
/// transform g(x) = (1/D) tr (x - B)⁻¹ outside it [1/λ].
class BulkSpectrum {
 public:
  /// `eigenvalues`: those of all draws, in any order; D: their number in one draw.
  /// Throws Error unless there are whole draws of them, all finite.
  BulkSpectrum(std::vector<double> eigenvalues, std::size_t parameters);

  [[nodiscard]] double edge() const { return edge_; }  ///< largest eigenvalue of all draws
  [[nodiscard]] std::size_t parameters() const { return parameters_; }
  /// Throws Error unless x > edge().  Cost: one pass over the eigenvalues.
  [[nodiscard]] double stieltjes(double x) const;

 private:
  std::vector<double> eigenvalues_;
  std::size_t parameters_;
  double edge_;
};

/// How the shared logit gradients c enter the Hessian of the random model.
enum class SharedPart {
  separated,  ///< H = cPcᵀ + B (Eq. 16): det(1 - g(λ) cᵀc P) = 0, P = (1/N) Σ_μ M_μ
  crossed  ///< H = (1/N) Σ (c+E)M_μ(c+E)ᵀ (Eq. 10): P -> P(g) = (1/N) Σ M_μ(1 - g τ M_μ)⁻¹
};

/// The eigenvalues of H above the bulk B = (1/N) Σ_μ E^μ M_μ E^μᵀ, M_μ = diag p_μ - p_μ p_μᵀ,
/// largest first, by the additive spiked-matrix equation: c is independent of B, so that
/// cᵀ(λ - B)⁻¹c -> g(λ) cᵀc for D -> ∞. τ = D σ_E²/N; with the cross terms the rank-C perturbation
/// meets the resolvent of E on the side of the examples, which is (1 - gτM_μ)⁻¹/λ block by block.
/// An outlier counts where it is separated from edge() by more than D^(-2/3) of it.
/// probabilities [C, N];  shared c [D, C].  At most C - 1 of them, since P 1 = 0 for any c.
/// Throws Error if shapes differ.  Cost: N C³ per bisection step.
/// Reference: Benaych-Georges and Nadakuditi, Adv. Math. 227, 494 (2011); the form with cross terms
/// is not in the paper (tests/models/spiked_outliers_test.cpp holds it against draws).
[[nodiscard]] std::vector<double> spiked_outliers(const Matrix& probabilities,
                                                  const Matrix& shared,
                                                  const BulkSpectrum& bulk,
                                                  double residual_deviation,
                                                  SharedPart part);

/// g(x) of B in closed form for N, D -> ∞ at given probabilities:
///   g = 1/(x - (σ_E²/N) Σ_μ tr M_μ(1 - gτM_μ)⁻¹)
/// for x above the bulk; by fixed-point iteration to 1e-12.  Throws Error unless x > 0.
/// Oracle of BulkSpectrum and the reverse.
[[nodiscard]] double bulk_stieltjes(const Matrix& probabilities,
                                    double residual_deviation,
                                    double parameters,
                                    double x);

}  // namespace thermoscape
