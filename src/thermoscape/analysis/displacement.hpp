#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {

/// A trajectory in single precision, one look a row [n, P].
using Path = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct DisplacementOptions {
  std::int64_t blocks = 20;
  std::int64_t resamplings = 400;
  std::int64_t per_decade = 12;
  double longest = 0.25;

  static constexpr auto fields() {
    using O = DisplacementOptions;
    return std::tuple{
        field("blocks", &O::blocks, "", "stretches of origins that are resampled", Range{4, 1e4}),
        field("resamplings", &O::resamplings, "", "draws of the bootstrap", Range{20, 1e6}),
        field("per_decade", &O::per_decade, "", "lags in a decade", Range{2, 100}),
        field("longest",
              &O::longest,
              "",
              "longest lag as a part of the trajectory",
              Range{0, 1, true, true})};
  }
};

/// Mean square displacement over all origins, at log-spaced lags of whole looks.
///   msd(k) = ⟨|θ_{i+k} - θ_i|²⟩_i     α(k) = d ln msd/d ln k between the neighbouring lags
///   ballistic(k) = |⟨θ_{i+k} - θ_i⟩_i|² / msd(k): 1 for straight motion; k/(n-k) for diffusion,
///   the share that chance leaves
/// Standard errors by bootstrap over successive stretches of origins, each kept whole because its
/// origins are correlated.  Status too_short where a lag is longer than a stretch: the stretches
/// are then not independent, and the error is too small.
struct MultiOrigin {
  std::vector<std::int64_t> lags;
  std::vector<Estimate> displacement;  ///< [θ]²
  std::vector<Estimate> exponent;
  std::vector<double> ballistic;
  std::vector<double> ballistic_by_chance;
};

/// Whole numbers 1 ... longest, about per_decade of them in a decade.
[[nodiscard]] std::vector<std::int64_t> log_lags(std::int64_t longest, std::int64_t per_decade);

/// Throws Error below 8 looks or if an option is out of range. Cost: n P operations a lag. The
/// bootstrap draws from stream "displacement.blocks".
[[nodiscard]] MultiOrigin multi_origin_displacement(const Path& path,
                                                    const Noise& noise,
                                                    const DisplacementOptions& options = {});

/// The same slope α of any curve [lags], for theory to be held against.
[[nodiscard]] std::vector<double> log_slopes(std::span<const std::int64_t> lags,
                                             std::span<const double> values);

/// |θ_k - θ_0|² for k = 0 ... n-1.
[[nodiscard]] std::vector<double> displacement_from_start(const Path& path);

/// Straight motion apart from diffusion: the path is cut into equal stretches of net displacements
/// d_j, and the share of their mean square that is drift is
///   ⟨d_i·d_j⟩_{|i-j|>1} / ⟨|d_j|²⟩
/// Two stretches have nothing but the drift in common, so that the share is zero on average for
/// diffusion, without what chance leaves to |⟨Δθ⟩|², and for bounded motion that forgets within a
/// stretch (neighbours share an end and are left out); below zero for slower bounded motion, which
/// comes back. Standard error by leaving out a stretch at a time. Undefined for a path that does
/// not move.  Throws Error below 4 stretches or 2 looks in each.
[[nodiscard]] Estimate drift_share(const Path& path, std::int64_t stretches);

/// c of y = A k^c by least squares of ln y on ln k over points first <= k <= last, unweighted, k
/// the index into y. Its error is that of the fit, which takes the points as independent: no error
/// for points of one trajectory. Points that are not positive are left out.
[[nodiscard]] Estimate displacement_exponent(std::span<const double> displacement,
                                             std::int64_t first,
                                             std::int64_t last);

}  // namespace thermoscape::analysis
