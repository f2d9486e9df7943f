#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape::theory {

/// Mean cosines between logit gradients J_k^μ = ∂z_k^μ/∂θ, over pairs of different examples μ ≠ ν:
///   same_logit             q_SL    one logit k
///   same_logit_same_class  q_SLSC  one logit k, both examples of class k
///   different_logits       q_DL    two logits k ≠ l
/// Every logit, and for q_DL every pair of logits, has the same weight.
struct LogitClustering {
  double same_logit = 0;
  double same_logit_same_class = 0;
  double different_logits = 0;
};

/// `jacobian`: [N, C, D] row-major, C >= 2, no row all zero; `labels`: [N], at least 2 examples of
/// every class. Exact, through sums of unit vectors: cost N C D, not N² C² D.
/// Throws Error if shapes differ, a class has fewer than 2 examples, or a row is zero or not
/// finite. Reference: local-geometry, Eqs. 11-13.
[[nodiscard]] LogitClustering logit_clustering(std::span<const double> jacobian,
                                               std::span<const std::int64_t> labels,
                                               std::int64_t classes);

/// Share of E|g|² in the span of the shared logit gradients c_k, g = (1/N) Σ_μ Σ_k r_k^μ (c_k +
/// E_k^μ), given the residuals r = p - y, one row an example [N, C]:
///   |r̄|²/(|r̄|² + ν Σ_μ |r_μ|²/N²),  ν = σ_E²/σ_c²,  r̄ = (1/N) Σ r_μ
/// Throws Error for an empty or all-zero r or ν < 0.  Reference: local-geometry, section 4; the
/// formula is not in the paper.
[[nodiscard]] double gradient_fraction(const Matrix& residuals, double noise_ratio);

}  // namespace thermoscape::theory
