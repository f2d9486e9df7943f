#pragma once
#include <cstdint>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {

struct RandomisedPcaOptions {
  std::int64_t components = 200;   ///< k
  std::int64_t oversampling = 50;  ///< further random directions that are thrown away
  std::int64_t iterations = 4;     ///< power iterations, two passes over the data each
};

/// The leading k modes where neither covariance nor Gram matrix fits: power iteration on a random
/// block. Each component is exact for the span it lies in, so variances are never too large; with q
/// iterations the share of mode i that is missed falls as (σ_{k+p+1}/σ_i)^(4q+2), p the
/// oversampling. Stream "randomised_pca.start".
/// Throws Error as pca does, and unless k + p <= min(n, d).
/// Cost: 4 (q + 1) n d (k + p) multiplications. Memory: 3 d (k + p) numbers.
/// Oracle: pca. Reference: Halko, Martinsson, Tropp, SIAM Rev. 53, 217 (2011), algorithm 4.4.
[[nodiscard]] Pca randomised_pca(const Rows& data,
                                 const Noise& noise,
                                 const RandomisedPcaOptions& options = {});

}  // namespace thermoscape::analysis
