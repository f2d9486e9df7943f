#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"
#include "thermoscape/experiments/thermal_probe/many_walls_fit.hpp"

namespace thermoscape {

struct ManyWallsOptions {
  std::int64_t snapshots = 12;

  static constexpr auto fields() {
    return std::tuple{field(
        "snapshots",
        &ManyWallsOptions::snapshots,
        "1",
        "recorded θ of each window at which tr H / L is taken, for the steepness a² of the walls",
        kAtLeastOne)};
  }
};

/// One temperature: what was measured, what the walls say, each with an error.
struct ComparedWalls {
  const SweepPoint* point = nullptr;
  Estimate steepness;  ///< a² = ⟨tr H⟩/⟨L⟩ [1/θ²]
  Estimate mean;       ///< predictions
  Estimate effective_examples;
  Estimate deviation;
  Estimate shape;
  Estimate rate;
  Estimate half_time;  ///< τ½T [loss time]
  double slope = 0;

  /// Measured over predicted, by the names of the findings.
  [[nodiscard]] std::map<std::string, Estimate> ratios() const;
};

/// n walls fitted to mean and φ of some points, and what follows at each of them.
struct WallsComparison {
  WallsFit fit;          ///< without a profile if no point has a healthy mean and φ
  double reference = 0;  ///< temperature at which its Λ holds
  std::vector<ComparedWalls> rows;

  /// d ln μ / d ln T as measured less that of the walls; not ok below three points.
  [[nodiscard]] Estimate mean_exponent_less_walls() const;
};

/// `points` lowest temperature first; they must outlive the result.  Cost: fit_walls and
/// `snapshots` traces a replica and point.
[[nodiscard]] WallsComparison compare_walls(const RunView& view,
                                            const std::vector<SweepPoint>& points,
                                            const ManyWallsOptions& options,
                                            std::int64_t trace_probes);

/// A prediction of the fit with what its allowed Λ and n leave open as error.
[[nodiscard]] Estimate predicted(const WallsFit& fit,
                                 const std::function<double(const WallsCandidate&)>& of);

/// x/y with independent errors.
[[nodiscard]] Estimate ratio_of(const Estimate& x, const Estimate& y);

/// τ½T as measured [loss time].
[[nodiscard]] Estimate half_time_times_temperature(const SweepPoint& point);

}  // namespace thermoscape
