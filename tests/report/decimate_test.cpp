#include "thermoscape/report/decimate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Series noisy(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Series s{"noise", {}, {}, {}, "line", "g"};
  for (std::size_t i = 0; i < n; ++i) {
    s.x.push_back(static_cast<double>(i));
    s.y.push_back(normal(random));
  }
  return s;
}

/// Smallest and largest y of the points with x in [low, high).
std::pair<double, double> range(const Series& s, double low, double high) {
  std::pair<double, double> out{1e300, -1e300};
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    if (s.x[i] < low || s.x[i] >= high || !std::isfinite(s.y[i])) continue;
    out = {std::min(out.first, s.y[i]), std::max(out.second, s.y[i])};
  }
  return out;
}

TEST(Decimate, ShortSeriesStayAsTheyAre) {
  const Series s = noisy(5000, 1);
  const DrawnSeries drawn = decimate(s, 5000);
  EXPECT_EQ(drawn.series.y, s.y);
  EXPECT_FALSE(drawn.decimated());
}

TEST(Decimate, KeepsTheExtremesOfTheWholeAndTheEnds) {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    Series s = noisy(300000, seed);
    std::mt19937_64 random(seed);
    s.y[random() % s.y.size()] = 50;
    s.y[random() % s.y.size()] = -60;
    const DrawnSeries drawn = decimate(s, 5000);
    EXPECT_LE(drawn.series.x.size(), 5000u);
    EXPECT_GT(drawn.series.x.size(), 3000u);
    EXPECT_EQ(drawn.stored, 300000u);
    EXPECT_EQ(drawn.series.label, "noise");
    EXPECT_EQ(drawn.series.group, "g");
    EXPECT_EQ(*std::max_element(drawn.series.y.begin(), drawn.series.y.end()), 50);
    EXPECT_EQ(*std::min_element(drawn.series.y.begin(), drawn.series.y.end()), -60);
    EXPECT_EQ(drawn.series.x.front(), 0);
    EXPECT_EQ(drawn.series.x.back(), 299999);
    EXPECT_TRUE(std::is_sorted(drawn.series.x.begin(), drawn.series.x.end()));
  }
}

// The drawn curve and the stored one have the same extremes in every bucket, equal in x and equal
// in log x: computed here by brute force over the documented buckets, half of 4998 points each, two
// a bucket.
TEST(Decimate, EnvelopeHoldsInEveryBucketOfBothAxes) {
  const Series s = noisy(200000, 9);
  const Series d = decimate(s, 5000).series;
  const int buckets = 4998 / 4;
  const double last = 199999;
  for (int b = 0; b < buckets; ++b) {
    const auto linear = [&](int k) { return k * last / buckets; };
    EXPECT_EQ(range(d, linear(b), linear(b + 1)), range(s, linear(b), linear(b + 1)))
        << "linear bucket " << b;
  }
  for (int b = 0; b < buckets; b += 7) {
    // Edges moved off the integers by a hair, so that rounding cannot put a point on the other
    // side.
    const auto edge = [&](int k) {
      return std::exp(k * std::log(last) / buckets) * (k == 0 ? 0.999 : 1.0);
    };
    if (edge(b + 1) - edge(b) < 2) continue;
    const auto [stored_low, stored_high] = range(s, edge(b), edge(b + 1));
    const auto [low, high] = range(d, edge(b), edge(b + 1));
    EXPECT_EQ(low, stored_low) << "log bucket " << b;
    EXPECT_EQ(high, stored_high) << "log bucket " << b;
  }
}

TEST(Decimate, EveryKeptPointIsAStoredOne) {
  Series s = noisy(40000, 5);
  for (std::size_t i = 0; i < s.x.size(); ++i) s.y_error.push_back(1e-3 * static_cast<double>(i));
  const Series d = decimate(s, 100).series;
  ASSERT_LE(d.x.size(), 100u);
  ASSERT_EQ(d.y_error.size(), d.x.size());
  for (std::size_t k = 0; k < d.x.size(); ++k) {
    const auto i = static_cast<std::size_t>(d.x[k]);
    EXPECT_EQ(d.y[k], s.y[i]);
    EXPECT_EQ(d.y_error[k], s.y_error[i]);
  }
}

TEST(Decimate, TheEnvelopeCountsTheErrorBars) {
  Series s{"", {}, std::vector<double>(10000, 1.0), std::vector<double>(10000, 0.1), "band", ""};
  for (int i = 0; i < 10000; ++i) s.x.push_back(i);
  s.y_error[7777] = 9;
  const Series d = decimate(s, 64).series;
  EXPECT_NE(std::find(d.x.begin(), d.x.end(), 7777.0), d.x.end());
}

TEST(Decimate, GapsSurviveAndAreCounted) {
  Series s = noisy(100000, 3);
  s.y_error.assign(s.x.size(), 0.5);
  s.y[50000] = kNan;
  s.y[70000] = std::numeric_limits<double>::infinity();
  s.x[90000] = kNan;
  s.y_error[10] = kNan;
  const DrawnSeries drawn = decimate(s, 5000);
  EXPECT_LE(drawn.series.x.size(), 5000u);
  EXPECT_EQ(drawn.not_finite, 3u);
  EXPECT_EQ(drawn.no_error, 1u);
  std::size_t gaps = 0;
  for (std::size_t i = 0; i < drawn.series.x.size(); ++i) {
    gaps += std::isfinite(drawn.series.x[i]) && std::isfinite(drawn.series.y[i]) ? 0 : 1;
  }
  EXPECT_EQ(gaps, 3u);
}

TEST(Decimate, APathKeepsItsExtremesInBothCoordinates) {
  Series s = noisy(60000, 11);
  std::swap(s.x, s.y);  // x now goes to and fro
  s.x[123] = 40;
  s.x[45678] = -41;
  const Series d = decimate(s, 1000).series;
  EXPECT_LE(d.x.size(), 1000u);
  EXPECT_EQ(*std::max_element(d.x.begin(), d.x.end()), 40);
  EXPECT_EQ(*std::min_element(d.x.begin(), d.x.end()), -41);
  EXPECT_EQ(d.y.front(), 0);
  EXPECT_EQ(d.y.back(), 59999);
}

TEST(Decimate, OddInputIsSafe) {
  EXPECT_EQ(decimate({}, 16).series.x.size(), 0u);
  Series flat{"", std::vector<double>(1000, 2.0), std::vector<double>(1000, 3.0), {}, "line", ""};
  EXPECT_LE(decimate(flat, 16).series.x.size(), 16u);
  Series empty_of_numbers{
      "", std::vector<double>(1000, kNan), std::vector<double>(1000, kNan), {}, "line", ""};
  const DrawnSeries drawn = decimate(empty_of_numbers, 16);
  EXPECT_LE(drawn.series.x.size(), 16u);
  EXPECT_EQ(drawn.not_finite, 1000u);
  EXPECT_THROW((void)decimate({"a", {1, 2}, {1}, {}, "line", ""}, 100), Error);
  EXPECT_THROW((void)decimate({"a", {1, 2}, {1, 2}, {1}, "line", ""}, 100), Error);
}

}  // namespace
}  // namespace thermoscape::report
