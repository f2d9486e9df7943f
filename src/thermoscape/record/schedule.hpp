#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/core/field.hpp"

namespace thermoscape {

/// When a probe looks, as a recipe says it. Exactly one of every, count, per_decade, epochs is
/// given.
struct ScheduleSettings {
  std::int64_t every = 0;
  std::int64_t count = 0;
  std::int64_t per_decade = 0;
  std::vector<double> epochs = {};

  static constexpr auto fields() {
    return std::tuple{
        field("every", &ScheduleSettings::every, "steps", "at steps 0, n, 2n ...", kNonNegative),
        field("count",
              &ScheduleSettings::count,
              "",
              "at least this many looks where there are so many steps, equally spaced",
              kNonNegative),
        field("per_decade",
              &ScheduleSettings::per_decade,
              "",
              "looks a decade of steps, evenly in ln(step)",
              Range{0, 1e4}),
        field("epochs", &ScheduleSettings::epochs, "epochs", "at these epochs", kNonNegative)};
  }
};

/// The steps at which something happens in a phase of `steps` steps: strictly increasing, in [0,
/// steps).
class Schedule {
 public:
  /// Throws Error unless exactly one way is given.
  Schedule(const ScheduleSettings& settings, std::int64_t steps, std::int64_t steps_per_epoch);

  /// The first scheduled step >= `step`, or kNever.
  [[nodiscard]] std::int64_t next(std::int64_t step) const;
  /// Number of scheduled steps below `step`.
  [[nodiscard]] std::int64_t before(std::int64_t step) const;
  /// The step of look number `index`.
  [[nodiscard]] std::int64_t step_of(std::int64_t index) const;

  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

 private:
  std::int64_t steps_;
  std::int64_t every_ = 0;            ///< > 0: a regular schedule
  std::vector<std::int64_t> listed_;  ///< otherwise
};

}  // namespace thermoscape
