#include "thermoscape/experiments/thermal_probe/departures.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace thermoscape {
namespace {

TEST(ValueAt, IsLinearInTheLogarithm) {
  const std::vector<double> x{0, 1, 10, 100};
  const std::vector<double> y{0, 0, 1, 3};
  EXPECT_DOUBLE_EQ(value_at(x, y, std::sqrt(10.0)).value, 0.5);
  EXPECT_DOUBLE_EQ(value_at(x, y, 10).value, 1);
  EXPECT_EQ(value_at(x, y, 0.5).status, Status::out_of_range);
  EXPECT_EQ(value_at(x, y, 101).status, Status::out_of_range);
}

TEST(FirstReach, IsTheFirstCrossing) {
  const std::vector<double> x{0, 1, 10, 20, 100};
  const std::vector<double> y{0, 0, 2, 0, 4};
  EXPECT_DOUBLE_EQ(first_reach(x, y, 1).value, std::sqrt(10.0));
  EXPECT_DOUBLE_EQ(first_reach(x, y, 4).value, 100);
  EXPECT_EQ(first_reach(x, y, 5).status, Status::not_converged);
}

TEST(Binned, QuantilesOfEachBin) {
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i <= 100; ++i) {
    x.push_back(2);
    y.push_back(100 - i);
  }
  x.push_back(200);
  y.push_back(7);
  const Binned all = binned(x, y, 1);
  ASSERT_EQ(all.x.size(), 2u);
  EXPECT_DOUBLE_EQ(all.x[0], std::sqrt(10.0));
  EXPECT_EQ(all.low[0], 10);
  EXPECT_EQ(all.median[0], 50);
  EXPECT_EQ(all.high[0], 90);
  EXPECT_EQ(all.median[1], 7);
  EXPECT_EQ(binned(x, y, 1, 2).x.size(), 1u);
}

TEST(OverDepartures, QuotesTheSpreadOfMinima) {
  std::vector<Departure> list(4);
  for (std::size_t i = 0; i < 4; ++i) list[i].minimum = i < 2 ? 0 : 1;
  const auto number = [](double x) { return Estimate{x, 0, Status::ok}; };
  const Estimate mean = over_departures(list, {number(1), number(1), number(3), {}});
  EXPECT_TRUE(mean.ok());
  EXPECT_DOUBLE_EQ(mean.value, 2);  // each minimum counts once; what is undefined does not count
  EXPECT_DOUBLE_EQ(mean.standard_error, 1);
}

}  // namespace
}  // namespace thermoscape
