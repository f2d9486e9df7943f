#pragma once
#include <cstddef>
#include <span>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

using Chains = std::span<const std::span<const double>>;

/// Split R-hat: each chain is halved, and the halves must agree.
///   R² = ((n-1)/n W + B/n) / W,  W within and B between variance of the halves [n each].
/// With `rank_normalised` the pooled values become normal scores first, so that heavy tails do not
/// hide a shift. Chains are cut to the shortest and thinned to at most 10^5 values each (R-hat does
/// not depend on it). 1 within O(1/n_eff) for agreeing chains; above 1.1 they do not describe one
/// law. The error bar is not estimated (0).
/// Status: too_short below four values a chain, undefined for no chain or no variance, diverged if
/// a value is not finite.
/// Reference: Vehtari et al., Bayesian Analysis 16, 667 (2021).
[[nodiscard]] Estimate split_r_hat(Chains chains, bool rank_normalised = true);

/// Independent samples in all chains together, m n / (2τ), where τ sums the correlation that also
/// counts the scatter of the chains' means: ρ(k) = 1 - (W - mean_i c_i(k)) / (W (n-1)/n + B/n).
/// Never above the number of values. SE from Sokal's window.  Status as split_r_hat; too_short if
/// the window does not close.
/// Cost: one FFT a chain.
/// Reference: as above, Eq. 10; the window: autocovariance.hpp.
[[nodiscard]] Estimate effective_samples(Chains chains);

}  // namespace thermoscape::analysis
