#include "thermoscape/record/slope_stop.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace thermoscape {
namespace {

/// The step at which the loss `of(epoch)`, the same all through an epoch, counts as flat.
template <class F>
std::int64_t ends_at(const SlopeStop& stop, std::int64_t steps_per_epoch, F&& of) {
  State<double> state;
  for (; state.step < 1000 * steps_per_epoch; ++state.step) {
    const auto epoch = static_cast<double>(state.step / steps_per_epoch);
    if (slope_reached(stop, steps_per_epoch, of(epoch), state)) return state.step;
  }
  return -1;
}

TEST(SlopeStop, EndsWhereTheFittedSlopeOfThePowerLawCrosses) {
  // ln L = -ln(1 + k): the slope over epochs K-4 ... K (counted from 0) by least squares.
  const auto slope = [](int last) {
    double sum = 0;
    for (int j = -2; j <= 2; ++j) sum += j * -std::log(1.0 + (last - 2 + j));
    return sum / 10;
  };
  int last = 4;
  while (slope(last) < -0.05) ++last;
  EXPECT_EQ(ends_at({0.05, 5}, 7, [](double k) { return 1 / (1 + k); }), 7 * (last + 1));
}

TEST(SlopeStop, SeesThroughTheBatchesOfAnEpochAndWaitsForEnoughOfThem) {
  // Constant but for what cancels within an epoch of four steps.
  State<double> state;
  std::int64_t end = -1;
  for (; end < 0 && state.step < 100; ++state.step) {
    const double loss = 1 + (state.step % 2 == 0 ? 0.5 : -0.5);
    if (slope_reached({1e-9, 3}, 4, loss, state)) end = state.step;
  }
  EXPECT_EQ(end, 12);
  EXPECT_EQ(ends_at({-1, 3}, 4, [](double) { return 1.0; }), -1);
  EXPECT_EQ(ends_at({0.1, 3}, 4, [](double k) { return std::exp(-0.2 * k); }), -1);
}

TEST(SlopeStop, StateCarriesAllItNeeds) {
  const SlopeStop stop{0.02, 4};
  const auto loss = [](std::int64_t step) {
    return 1.0F / (1.0F + 0.01F * static_cast<float>(step));
  };
  State<float> whole;
  while (!slope_reached(stop, 10, loss(whole.step), whole)) ++whole.step;
  State<float> part;
  while (part.step < 123) {
    ASSERT_FALSE(slope_reached(stop, 10, loss(part.step), part));
    ++part.step;
  }
  State<float> resumed = part;
  while (!slope_reached(stop, 10, loss(resumed.step), resumed)) ++resumed.step;
  EXPECT_EQ(resumed.step, whole.step);
  EXPECT_EQ(resumed.slots, whole.slots);
}

}  // namespace
}  // namespace thermoscape
