#include "thermoscape/record/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace thermoscape {

Schedule::Schedule(const ScheduleSettings& settings,
                   std::int64_t steps,
                   std::int64_t steps_per_epoch)
    : steps_(steps) {
  validate(settings, "record");
  const int given = (settings.every > 0) + (settings.count > 0) + (settings.per_decade > 0) +
                    !settings.epochs.empty();
  if (given != 1) {
    reject({"record",
            std::to_string(given) + " schedules",
            "needs exactly one of every, count, per_decade, epochs",
            ""});
  }
  if (settings.every > 0 || settings.count > 0) {
    // Equal spacing, since a series is analysed by its interval: the largest that gives `count`
    // looks.
    every_ =
        settings.every > 0 ? settings.every : std::max<std::int64_t>(1, steps / settings.count);
    return;
  }
  if (settings.per_decade > 0) {
    listed_.push_back(0);
    for (std::int64_t i = 0;; ++i) {
      const double step =
          std::pow(10.0, static_cast<double>(i) / static_cast<double>(settings.per_decade));
      if (step >= static_cast<double>(steps)) break;
      listed_.push_back(std::llround(step));
    }
  } else {
    for (const double epoch : settings.epochs) {
      const double step = std::round(epoch * static_cast<double>(steps_per_epoch));
      if (step < static_cast<double>(steps)) listed_.push_back(static_cast<std::int64_t>(step));
    }
  }
  std::sort(listed_.begin(), listed_.end());
  listed_.erase(std::unique(listed_.begin(), listed_.end()), listed_.end());
  while (!listed_.empty() && listed_.back() >= steps) listed_.pop_back();
}

std::int64_t Schedule::next(std::int64_t step) const {
  if (every_ > 0) {
    const std::int64_t due = (step + every_ - 1) / every_ * every_;
    return due < steps_ ? due : kNever;
  }
  const auto it = std::lower_bound(listed_.begin(), listed_.end(), step);
  return it == listed_.end() ? kNever : *it;
}

std::int64_t Schedule::before(std::int64_t step) const {
  if (every_ > 0) return (std::min(step, steps_) + every_ - 1) / every_;
  return std::lower_bound(listed_.begin(), listed_.end(), step) - listed_.begin();
}

std::int64_t Schedule::step_of(std::int64_t index) const {
  return every_ > 0 ? index * every_ : listed_[static_cast<std::size_t>(index)];
}

}  // namespace thermoscape
