#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

struct AgeingOptions {
  std::int64_t bins_per_decade = 10;
  std::int64_t minimum_samples = 10;

  static constexpr auto fields() {
    using O = AgeingOptions;
    return std::tuple{
        field("bins_per_decade", &O::bins_per_decade, "1", "bins of s a decade", Range{1, 1000}),
        field("minimum_samples",
              &O::minimum_samples,
              "1",
              "a bin with fewer is left out",
              kAtLeastOne)};
  }
};

/// One bin of the ageing curve.
struct AgeingPoint {
  double s = 0;  ///< geometric centre [loss·time]
  double s_low = 0;
  double s_high = 0;
  Estimate mean_over_temperature;  ///< <L>/T in the bin
  std::int64_t samples = 0;
};

/// The statistics against the temperature time s = T·t: <L>/T in bins of ln s, whose edges are
/// 10^(k/bins_per_decade) so that the curves of replicas and temperatures share them. losses, times
/// [n], times > 0 counted from the start of the noise and increasing; temperature T > 0.
/// Errors: blocking inside each bin (a bin shorter than its correlation is too_short; slow modes
/// show only between replicas, see average).  Samples at t <= 0 are skipped.
/// Throws Error if lengths differ, T <= 0 or times decrease.
[[nodiscard]] std::vector<AgeingPoint> ageing_curve(std::span<const double> losses,
                                                    std::span<const double> times,
                                                    double temperature,
                                                    const AgeingOptions& options = {});

/// Mean of curves of replicas bin by bin, with the larger of both errors (combine.hpp, too short
/// bins included). Bins that not every curve has are dropped.
[[nodiscard]] std::vector<AgeingPoint> average(std::span<const std::vector<AgeingPoint>> curves);

struct PlateauOptions {
  double tolerance = 0.1;
  double significance = 2;
  double minimum_width = 0.7;
  std::int64_t minimum_points = 4;
  double s_low = 0;
  double s_high = kInfinity;

  static constexpr auto fields() {
    using O = PlateauOptions;
    return std::tuple{
        field("tolerance",
              &O::tolerance,
              "1",
              "relative change across the window let pass",
              kPositive),
        field("significance", &O::significance, "SE", "errors let pass on top", kNonNegative),
        field("minimum_width", &O::minimum_width, "ln s", "narrowest window", kPositive),
        field("minimum_points",
              &O::minimum_points,
              "1",
              "fewest points of a window",
              Range{3, kInfinity})};
  }
};

/// The window of s on which a statistic stands still.
struct Plateau {
  double s_low = 0;
  double s_high = 0;
  Estimate level;  ///< weighted mean over the window; the error holds its scatter
  Estimate slope;  ///< d value / d ln s in the window
  std::int64_t points = 0;
  Status status = Status::undefined;

  static constexpr auto fields() {
    using R = Plateau;
    return std::tuple{field("s_low", &R::s_low, "loss·time", "start of the window"),
                      field("s_high", &R::s_high, "loss·time", "end of the window"),
                      field("level", &R::level, "1", "level of the plateau"),
                      field("slope", &R::slope, "1", "slope against ln s"),
                      field("points", &R::points, "1", "points"),
                      field("status", &R::status, "", "ok, or what the curve does instead")};
  }
};

/// The widest window in ln s on which `values` [k] at increasing s > 0 [k] stand still, m their
/// weighted mean there:
///   |b| width <= tolerance |m| + significance SE(b) width  for the slope b over ln s,
///   |value - m| <= tolerance |m| + significance SE         at every point
/// Between windows of equal width the one with the smaller |b| is taken.
/// Status: ok; else, with no window of minimum_width and minimum_points, relaxing or ageing by the
/// slope of the whole curve, too_short if there are too few points.  Points that are not finite or
/// without an error are skipped.
/// Throws Error if lengths differ, s does not increase or an option is out of range.
/// Cost: O(k³).
[[nodiscard]] Plateau plateau(std::span<const double> s,
                              std::span<const Estimate> values,
                              const PlateauOptions& options = {});
/// The same on an ageing curve; the window reaches from the low edge of its first bin to the high
/// edge of its last.
[[nodiscard]] Plateau plateau(std::span<const AgeingPoint> curve,
                              const PlateauOptions& options = {});

}  // namespace thermoscape::analysis
