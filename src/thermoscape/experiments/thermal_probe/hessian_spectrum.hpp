#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/landscape/spectrum.hpp"

namespace thermoscape {

struct HessianSpectrumOptions {
  std::int64_t snapshots = 1000;
  std::int64_t ranks = 200;
  std::int64_t gap_ranks = 50;
  bool gauss_newton = true;

  static constexpr auto fields() {
    using O = HessianSpectrumOptions;
    return std::tuple{
        field("snapshots",
              &O::snapshots,
              "1",
              "recorded θ at each temperature, spread evenly over minima, replicas and the window",
              kAtLeastOne),
        field("ranks",
              &O::ranks,
              "1",
              "the largest eigenvalues of each snapshot that enter distributions and exponents",
              kAtLeastOne),
        field("gap_ranks",
              &O::gap_ranks,
              "1",
              "the outliers end at the largest ratio of neighbours among this many",
              kAtLeastOne),
        field("gauss_newton",
              &O::gauss_newton,
              "",
              "the spectrum of the Gauss-Newton term at one snapshot a replica as well")};
  }
};

/// The exact spectrum of ∇²L at one recorded θ.
struct SpectrumSnapshot {
  std::vector<double> eigenvalues;   ///< [P] largest first; empty unless ok
  std::vector<double> gauss_newton;  ///< [P] the same of the G-term; empty where not asked for
  Outliers outliers;
  Status status = Status::undefined;
};

/// All snapshots of the window at one temperature.
struct SpectrumPoint {
  /// [minimum][replica][snapshot]; a replica has none where the run it continues was not ok.
  std::vector<std::vector<std::vector<SpectrumSnapshot>>> minima;
  std::int64_t snapshots = 0;

  /// The mean over the snapshots of each replica, error by blocking.
  [[nodiscard]] Members members(const std::function<double(const SpectrumSnapshot&)>& of) const;
  /// λ_1 ... λ_ranks of all snapshots of a minimum (of one replica if it is given), in no order.
  [[nodiscard]] std::vector<double> sample(std::size_t minimum,
                                           std::int64_t ranks,
                                           std::int64_t replica = -1) const;
};

/// Dense Hessians and their eigenvalues at recorded θ of the windows, in parallel over snapshots.
/// Throws Error if the phase does not record `theta`, a window holds too few or P < ranks.
[[nodiscard]] std::vector<SpectrumPoint> hessian_spectra(const RunView& view,
                                                         const std::vector<SweepPoint>& points,
                                                         const HessianSpectrumOptions& options);

/// What the spectra come to: measured and drawn from here on.
struct SpectrumStudy {
  HessianSpectrumOptions options;
  std::vector<SweepPoint> windows;                 ///< lowest temperature first
  std::vector<SpectrumPoint> spectra;              ///< one a window
  std::int64_t outputs = 0;                        ///< C, 0 without logits
  std::vector<std::vector<Estimate>> eigenvalues;  ///< [window][rank], mean λ_k
  std::vector<Estimate> exponents;  ///< [rank], d ln λ_k / d ln T; empty below three windows
  std::vector<std::vector<Estimate>> exponents_in_minima;  ///< [rank][minimum], the same apart
  /// Mean Kolmogorov-Smirnov distance of the samples of two temperatures, as they are and divided
  /// by T, and of two replicas at one temperature: the floor that noise sets.
  Estimate distance_raw;
  Estimate distance_rescaled;
  Estimate distance_replicas;

  [[nodiscard]] std::vector<double> temperatures() const;
  /// The median exponent of λ_1 ... λ_ranks, taken in each minimum and averaged over them.
  [[nodiscard]] Estimate median_exponent(std::int64_t ranks) const;
};
[[nodiscard]] SpectrumStudy study_spectra(const RunView& view,
                                          std::vector<SweepPoint> windows,
                                          const HessianSpectrumOptions& options);

/// CDFs raw and in λ/T, λ_k/T against k, λ_k against T, exponent against k.
[[nodiscard]] std::vector<Figure> spectrum_figures(const SpectrumStudy& study);

}  // namespace thermoscape
