#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/measure.hpp"
#include "thermoscape/experiments/thermal_probe/wall_law.hpp"

namespace thermoscape {

struct WallDensityOptions {
  WindowSettings window;
  std::int64_t bins = 160;
  std::int64_t groups = 25;

  static constexpr auto fields() {
    using O = WallDensityOptions;
    return std::tuple{field("bins",
                            &O::bins,
                            "1",
                            "bins of the histogram between cut-off and wall",
                            Range{10, 10000}),
                      field("groups",
                            &O::groups,
                            "1",
                            "groups of walls behind the jackknife errors",
                            Range{5, 1000})};
  }
};

/// Sums over the looks of some walls, from which every statistic of one wall follows.
struct WallSums {
  double count = 0;
  double loss = 0;
  double square = 0;
  double curvature = 0;
  std::vector<double> bins;

  void add(const WallSums& other, double sign) {
    count += sign * other.count;
    loss += sign * other.loss;
    square += sign * other.square;
    curvature += sign * other.curvature;
    for (std::size_t b = 0; b < bins.size(); ++b) bins[b] += sign * other.bins[b];
  }
};

/// One temperature: the sums of each group of walls, and the law they should follow.
struct WallPoint {
  Coordinates where;
  WallLaw law;
  double bin_width = 0;
  std::vector<WallSums> groups;
  WallSums all;
};

/// The looks at all walls in the window of each temperature of a phase, in order of the sweep: wall
/// i of a replica belongs to group i mod g, so groups are independent.  Throws Error for an
/// objective other than exponential-wall, for more groups than walls and for a window without a
/// look.
[[nodiscard]] std::vector<WallPoint> wall_points(const RunView& view,
                                                 const std::string& phase,
                                                 const WallDensityOptions& options);

/// Statistics of one wall from sums.
[[nodiscard]] double mean_of(const WallPoint& point, const WallSums& sums);       ///< ⟨ℓ⟩
[[nodiscard]] double variance_of(const WallPoint& point, const WallSums& sums);   ///< σ²
[[nodiscard]] double curvature_of(const WallPoint& point, const WallSums& sums);  ///< ⟨ℓ''⟩
/// -∫ p ln p: the entropy ln Z + ⟨ℓ⟩/T at θ0 = 1. The width w of a bin takes (1/24)∫(p' w)²/p,
/// about 1e-4.
[[nodiscard]] double entropy_of(const WallPoint& point, const WallSums& sums);
/// ½Σ|share - ∫q| of the bins and of what q has outside them, for q = p and q = p_Q.
[[nodiscard]] double distance_to_exact(const WallPoint& point, const WallSums& sums);
[[nodiscard]] double distance_to_quadratic(const WallPoint& point, const WallSums& sums);

using WallStatistic = double (*)(const WallPoint&, const WallSums&);
/// A statistic with its error by jackknife over the groups of walls.
[[nodiscard]] Estimate estimate(const WallPoint& point, WallStatistic statistic);

}  // namespace thermoscape
