#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"

namespace thermoscape {

/// χ at lags evenly spread in ln Δt.
struct LagCurve {
  std::vector<double> lag;  ///< [time], increasing
  std::vector<double> chi;
};

/// χ of one replica, linear between samples, from the first lag to `longest`; empty without a χ.
[[nodiscard]] LagCurve lag_curve(const ReplicaStatistics& replica,
                                 double longest,
                                 std::int64_t per_decade);
/// Mean over curves on one grid of lags, as far as the shortest reaches.
[[nodiscard]] LagCurve mean_of(const std::vector<LagCurve>& curves);
/// The curve against `factor` times the lag.
[[nodiscard]] LagCurve stretched(LagCurve curve, double factor);
/// Root mean square of χ_a - χ_b, evenly in ln Δt over the lags that both have, averaged over all
/// pairs that share a factor of two; undefined if there is none. The error is left at 0.
[[nodiscard]] Estimate pair_distance(const std::vector<LagCurve>& curves);

}  // namespace thermoscape
