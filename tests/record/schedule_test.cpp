#include "thermoscape/record/schedule.hpp"

#include <cmath>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

ScheduleSettings every(std::int64_t n) {
  return {.every = n};
}
ScheduleSettings count(std::int64_t n) {
  return {.count = n};
}
ScheduleSettings per_decade(std::int64_t n) {
  return {.per_decade = n};
}
ScheduleSettings epochs(std::vector<double> list) {
  return {.epochs = std::move(list)};
}

/// All scheduled steps by asking for one after the other.
std::vector<std::int64_t> steps_of(const Schedule& schedule) {
  std::vector<std::int64_t> list;
  for (std::int64_t step = schedule.next(0); step != Schedule::kNever;
       step = schedule.next(step + 1)) {
    list.push_back(step);
  }
  return list;
}

using Steps = std::vector<std::int64_t>;

TEST(Schedule, EveryNthStepFromZero) {
  EXPECT_EQ(steps_of(Schedule(every(3), 10, 1)), (Steps{0, 3, 6, 9}));
  EXPECT_EQ(steps_of(Schedule(every(3), 9, 1)), (Steps{0, 3, 6})) << "the end is not looked at";
  EXPECT_EQ(steps_of(Schedule(every(100), 10, 1)), (Steps{0}));
}

TEST(Schedule, CountGivesAtLeastThatManyEqualSpacings) {
  EXPECT_EQ(steps_of(Schedule(count(5), 10, 1)), (Steps{0, 2, 4, 6, 8}));
  EXPECT_EQ(steps_of(Schedule(count(5), 3, 1)), (Steps{0, 1, 2})) << "no more than there are steps";
  for (const std::int64_t n : {1, 2, 7, 40, 99, 100}) {
    const Steps list = steps_of(Schedule(count(n), 100, 1));
    EXPECT_GE(static_cast<std::int64_t>(list.size()), n);
    EXPECT_LE(static_cast<std::int64_t>(list.size()), 2 * n);
  }
}

TEST(Schedule, PerDecadeIsEvenInTheLogarithm) {
  const Steps list = steps_of(Schedule(per_decade(4), 100000, 1));
  EXPECT_EQ(list.front(), 0);
  for (const std::int64_t decade : {1, 10, 100, 1000, 10000}) {
    EXPECT_TRUE(std::find(list.begin(), list.end(), decade) != list.end()) << decade;
  }
  // From 1000 on rounding to whole steps changes a ratio by at most 1e-3.
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i - 1] < 1000) continue;
    EXPECT_NEAR(
        static_cast<double>(list[i]) / static_cast<double>(list[i - 1]), std::pow(10, 0.25), 2e-3);
  }
}

TEST(Schedule, EpochsAreCountedInSteps) {
  EXPECT_EQ(steps_of(Schedule(epochs({0, 0.5, 2, 1}), 100, 10)), (Steps{0, 5, 10, 20}));
  EXPECT_EQ(steps_of(Schedule(epochs({1, 1, 50}), 100, 10)), (Steps{10}))
      << "once each, inside the phase";
  EXPECT_EQ(steps_of(Schedule(epochs({1, 1e300}), 100, 10)), (Steps{10}));
}

TEST(Schedule, RangeQueriesAgreeWithBruteForce) {
  std::mt19937 random(7);
  const auto draw = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int trial = 0; trial < 400; ++trial) {
    const std::int64_t steps = draw(1, trial % 2 == 0 ? 30 : 2000);
    const std::int64_t epoch = draw(1, 20);
    ScheduleSettings settings;
    switch (trial % 4) {
      case 0:
        settings = every(draw(1, 40));
        break;
      case 1:
        settings = count(draw(1, 60));
        break;
      case 2:
        settings = per_decade(draw(1, 30));
        break;
      default:
        for (std::int64_t i = draw(1, 8); i > 0; --i) {
          settings.epochs.push_back(static_cast<double>(draw(0, 3000)) / 10);
        }
    }
    const Schedule schedule(settings, steps, epoch);
    const Steps list = steps_of(schedule);
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(schedule.step_of(static_cast<std::int64_t>(i)), list[i]);
      EXPECT_GE(list[i], 0);
      EXPECT_LT(list[i], steps);
      if (i > 0) {
        EXPECT_LT(list[i - 1], list[i]);
      }
    }
    const std::set<std::int64_t> scheduled(list.begin(), list.end());
    std::int64_t below = 0;
    for (std::int64_t step = 0; step <= steps + 2; ++step) {
      const auto it = scheduled.lower_bound(step);
      EXPECT_EQ(schedule.next(step), it == scheduled.end() ? Schedule::kNever : *it);
      EXPECT_EQ(schedule.before(step), below)
          << "trial " << trial << " step " << step << " of " << steps;
      below += static_cast<std::int64_t>(scheduled.count(step));
    }
  }
}

TEST(Schedule, TakesExactlyOneWay) {
  EXPECT_THROW(Schedule({}, 10, 1), Error);
  EXPECT_THROW(Schedule(ScheduleSettings{.every = 2, .count = 3}, 10, 1), Error);
  EXPECT_THROW(Schedule(every(-1), 10, 1), Error);
  EXPECT_THROW(Schedule(epochs({-1}), 10, 1), Error);
  EXPECT_THROW(Schedule(epochs({std::nan("")}), 10, 1), Error);
}

TEST(Schedule, RefusesWhatNoMemoryHolds) {
  EXPECT_THROW(Schedule(per_decade(std::int64_t(1) << 50), 1000, 1), Error);
}

}  // namespace
}  // namespace thermoscape
