#include "thermoscape/analysis/ageing.hpp"

#include "analysis/synthetic.hpp"

namespace thermoscape::analysis {
namespace {

constexpr double kLevel = 12;

/// Rise with s0 = 2e-3, level 12, fall with s1 = 1: what thermal probes of a deep minimum show.
double shape(double s) {
  return kLevel * (1 - std::exp(-s / 2e-3)) * std::exp(-s);
}

std::vector<Estimate> curve(const std::vector<double>& s,
                            double relative_error,
                            std::uint64_t seed) {
  const std::vector<double> noise = testing::normals(s.size(), seed);
  std::vector<Estimate> out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const double error = relative_error * shape(s[i]);
    out.push_back({shape(s[i]) + error * noise[i], error, Status::ok});
  }
  return out;
}

std::vector<double> grid(double low, double high, int points) {
  std::vector<double> out;
  for (int i = 0; i < points; ++i) out.push_back(low * std::pow(high / low, i / (points - 1.0)));
  return out;
}

TEST(Plateau, FoundBetweenRiseAndFall) {
  const std::vector<double> s = grid(1e-4, 3, 46);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Plateau p = plateau(s, curve(s, 0.02, seed));
    ASSERT_EQ(p.status, Status::ok);
    EXPECT_GE(shape(p.s_low), 0.75 * kLevel)
        << seed;  // ends off by 10% and two errors, of a mean a little lower
    EXPECT_GE(shape(p.s_high), 0.75 * kLevel) << seed;
    EXPECT_LT(p.s_low, 0.012);
    EXPECT_GT(p.s_high, 0.08);
    EXPECT_NEAR(p.level.value / kLevel, 0.93, 0.05);
  }
}

TEST(Plateau, WholeFlatCurveAndKnownLevel) {
  const std::vector<double> s = grid(1e-3, 1, 20);
  testing::Coverage level;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::vector<double> noise = testing::normals(s.size(), 70 + seed);
    std::vector<Estimate> flat;
    for (const double z : noise) flat.push_back({5 + 0.2 * z, 0.2, Status::ok});
    const Plateau p = plateau(s, flat);
    ASSERT_EQ(p.status, Status::ok);
    EXPECT_GE(p.points,
              15);  // 10% and two errors: 4.5 errors, all points pass but for the slope at an end
    level.add(p.level, 5);
  }
  EXPECT_GT(level.two, 85);
}

TEST(Plateau, RisingAndFallingCurvesHaveNone) {
  const std::vector<double> s = grid(1e-3, 1, 30);
  std::vector<Estimate> up, down;
  for (const double x : s) {
    up.push_back({std::pow(x, 0.5), 0.01 * std::pow(x, 0.5), Status::ok});
    down.push_back({std::pow(x, -0.5), 0.01 * std::pow(x, -0.5), Status::ok});
  }
  EXPECT_EQ(plateau(s, up).status, Status::relaxing);
  EXPECT_EQ(plateau(s, down).status, Status::ageing);
  EXPECT_EQ(plateau(std::span(s).first(3), std::span(up).first(3)).status, Status::too_short);
  PlateauOptions window;
  window.s_low = 0.5;
  EXPECT_EQ(plateau(s, up, window).status, Status::too_short);
}

TEST(Plateau, APeakIsNotAPlateau) {
  // Symmetric in ln s: the slope across the peak is zero, only the point rule keeps its flanks out.
  const std::vector<double> s = grid(1e-3, 1, 61);
  std::vector<Estimate> peak;
  for (const double x : s) {
    const double u = std::log(x / std::sqrt(1e-3));
    const double y = std::exp(-u * u / 2);
    peak.push_back({y, 0.01 * y, Status::ok});
  }
  PlateauOptions narrow;
  narrow.minimum_width = 0.2;
  const Plateau p = plateau(s, peak, narrow);
  ASSERT_EQ(p.status, Status::ok);
  EXPECT_LT(std::log(p.s_high / p.s_low), 1.5);  // e^(-u²/2) > 0.77
  EXPECT_NEAR(std::log(p.s_high * p.s_low), std::log(1e-3), 0.25);
}

TEST(AgeingCurve, MeansInBinsOfTheTemperatureTime) {
  constexpr double kTemperature = 1e-4;
  const std::vector<double> noise = testing::quadratic_loss(200000, 24, 0.9, 1, 1);  // mean 12
  std::vector<double> times, losses;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    times.push_back(0.05 * static_cast<double>(i));
    losses.push_back(kTemperature * noise[i] / kLevel * shape(kTemperature * times.back()));
  }
  const std::vector<AgeingPoint> points = ageing_curve(losses, times, kTemperature);
  std::int64_t total = 0;
  double chi_squared = 0;
  for (const AgeingPoint& p : points) {
    EXPECT_NEAR(p.s_high / p.s_low, std::pow(10, 0.1), 1e-12);
    total += p.samples;
    if (p.mean_over_temperature.ok()) {
      // Within a bin the curve varies by < 25%: its centre stands for the mean to 1%.
      const double off = p.mean_over_temperature.value - shape(p.s);
      chi_squared +=
          off * off /
          (std::pow(p.mean_over_temperature.standard_error, 2) + std::pow(0.01 * shape(p.s), 2)) /
          static_cast<double>(points.size());
    }
  }
  EXPECT_LT(chi_squared, 2);
  EXPECT_GT(total, 199800);
  EXPECT_LT(points.front().s, 1e-3);
  const Plateau found = plateau(points);
  EXPECT_EQ(found.status, Status::ok);
  EXPECT_LT(found.s_low, 0.02);
  EXPECT_THROW((void)ageing_curve(losses, times, 0), Error);
}

TEST(AgeingCurve, ReplicasShareBinsWhateverTheirTimes) {
  std::vector<std::vector<AgeingPoint>> curves;
  for (const double interval : {0.013, 0.01}) {
    const std::vector<double> loss = testing::quadratic_loss(50000, 4, 0.5, 1e-3, 3);
    std::vector<double> times;
    for (std::size_t i = 0; i < loss.size(); ++i)
      times.push_back(interval * static_cast<double>(i + 1));
    curves.push_back(ageing_curve(loss, times, 1e-3));
  }
  const std::vector<AgeingPoint> mean = average(curves);
  ASSERT_GT(mean.size(), 20u);
  EXPECT_LE(mean.size(), curves[1].size());
  for (const AgeingPoint& p : mean) {
    EXPECT_NEAR(
        p.mean_over_temperature.value, 2, 5 * p.mean_over_temperature.standard_error + 1e-12);
  }
}

}  // namespace
}  // namespace thermoscape::analysis
