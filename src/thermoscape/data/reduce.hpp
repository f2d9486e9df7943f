#pragma once
#include <cstdint>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// The first k principal components of the inputs, in double (analysis/pca.hpp: C = (1/n) Σ (x -
/// m)(x - m)ᵀ, C v_a = λ_a v_a, the largest entry of v_a positive). Cost: n d min(n, d) + min(n,
/// d)³ multiplications and 8 n d bytes; under a second for hundreds of images of 28 x 28. Throws
/// Error unless 1 <= k <= rank of the centred inputs (λ_k > 1e-12 λ_1: smaller ones are rounding of
/// the float inputs).
[[nodiscard]] analysis::Pca fit_principal_components(const Labelled& train, std::int64_t k);

/// The set with inputs z_a = v_a·(x - m), divided by √λ_a if `whiten` (then the training set has
/// unit covariance); shape {k}. Records "pca_directions" [component, feature], "pca_mean",
/// "pca_variance" and "pca_explained" (λ_a / tr C). Throws Error if the widths differ.
[[nodiscard]] Labelled apply(const analysis::Pca& pca, const Labelled& set, bool whiten = true);

}  // namespace thermoscape::data
