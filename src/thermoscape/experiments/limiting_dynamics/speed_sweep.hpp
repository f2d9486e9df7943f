#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/limiting_dynamics/definitions.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

struct SpeedSweepOptions {
  double skip = 0.25;
  std::string definitions = "corrected";

  static constexpr auto fields() {
    using O = SpeedSweepOptions;
    return std::tuple{field("skip",
                            &O::skip,
                            "",
                            "part of the phase that speeds leave out at its start",
                            kBelowOne),
                      definitions_field(&O::definitions)};
  }
};

/// What a sweep can turn: η, S, β.
inline constexpr std::array<const char*, 3> kSpeedAxes{"learning_rate", "batch_size", "momentum"};
using SpeedPlace = std::array<double, 3>;

/// How fast one task moved.
struct TaskSpeed {
  SpeedPlace at{};
  Coordinates where;
  Estimate step_square;  ///< ⟨|θ_{k+1} - θ_k|²⟩ [θ]²
  double factor = 0;  ///< η²/(S(1-β²)), S with its replacement factor: tr Σ → ⟨|Δθ|²⟩
  double trace_before = 0;              ///< tr Σ at the start of the phase [loss]²/[θ]²
  double trace_after = 0;               ///< at its end
  std::optional<Estimate> trace_along;  ///< over it, where its batches were recorded
  Estimate exponent;                    ///< c of |θ_k - θ_0|²
  double straight_share = 0;  ///< |⟨Δθ⟩|²/⟨|Δθ|²⟩ of the steps of the phase: 1 for a straight drift
  [[nodiscard]] double trace() const {
    return trace_along ? trace_along->value : (trace_before + trace_after) / 2;
  }
};

/// Of a task that records `eigenplanes` at every step under momentum. c over all steps, or by the
/// rule of the paper over its second epoch.
[[nodiscard]] TaskSpeed task_speed(const RunView& view,
                                   std::size_t task,
                                   const SpeedSweepOptions& options);

/// The replicas of one place of the sweep together.
struct SpeedPoint {
  SpeedPlace at{};
  Coordinates where;
  double factor = 0;
  double trace = 0;  ///< along the run or else mean of start and end, over replicas
  Estimate step_square;
  Estimate over_measured;  ///< over factor · trace
  Estimate over_start;     ///< over factor · trace_before
  Estimate straight_share;
  Estimate diffusive_over_measured;  ///< the speed without its straight part over factor · trace
  Estimate exponent;  ///< too_short for one replica: points of one path hang together
};
[[nodiscard]] std::vector<SpeedPoint> speed_points(const std::vector<TaskSpeed>& tasks);

/// The place whose three values each are the most frequent of the sweep: its middle, where the one
/// constant is fitted. Throws Error if no point lies there.
[[nodiscard]] std::size_t default_point(const std::vector<SpeedPoint>& points);
/// The points that differ from it in `axis` alone, itself among them, in order of the axis.
[[nodiscard]] std::vector<std::size_t> along_axis(const std::vector<SpeedPoint>& points,
                                                  std::size_t middle,
                                                  std::size_t axis);

}  // namespace thermoscape
