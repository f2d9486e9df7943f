#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// Participation number of the example losses, φ = (Σℓ)² / Σℓ², in [1, n]: how many examples carry
/// the loss. It is the square of the L1/L2 ratio. Walls give φ = n/Λ, near the Gamma shape α =
/// n/(Λ-1); a true quadratic N_c/3. `losses` [n] of one snapshot; exact, so the standard error is
/// 0.
/// Status: undefined if all are 0; out_of_range if one is negative; diverged if one is not finite.
/// Reference: thermal-probe, Eq. 8.
[[nodiscard]] Estimate effective_examples(std::span<const double> losses);

/// φ of each row of `losses` [snapshots, examples], row-major.
/// Throws Error unless examples divides the length.
[[nodiscard]] std::vector<Estimate> effective_examples_rows(std::span<const double> losses,
                                                            std::size_t examples);

}  // namespace thermoscape::analysis
