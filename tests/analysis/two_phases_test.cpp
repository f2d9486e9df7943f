#include "thermoscape/analysis/two_phases.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "analysis/synthetic.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

struct Curve {
  std::vector<double> time, loss;
};

/// ln L = -slow ln t - depth · s((t - centre)/width) with the logistic s, so that
///   p(t) = slow + depth (t/width) s (1 - s).
Curve planted(double slow, double depth, double centre, double width, double noise = 0) {
  const std::vector<double> z = testing::normals(200, 5);
  Curve out;
  for (int k = 1; k <= 200; ++k) {
    const double t = k;
    const double s = 1 / (1 + std::exp(-(t - centre) / width));
    out.time.push_back(t);
    out.loss.push_back(0.5 * std::exp(-slow * std::log(t) - depth * s +
                                      noise * z[static_cast<std::size_t>(k - 1)]));
  }
  return out;
}

TEST(TwoPhases, APlantedDropIsFoundWhereItsExponentPeaks) {
  const Curve curve = planted(1, 4, 60, 6);
  const TwoPhases found = two_phases(curve.time, curve.loss);
  // The formula's own peak and half, on a fine grid.
  const auto exponent = [](double t) {
    const double s = 1 / (1 + std::exp(-(t - 60) / 6));
    return 1 + 4 * t / 6 * s * (1 - s);
  };
  double highest = 0, peak = 0, half = 0;
  for (double t = 30; t < 150; t += 0.01) {
    const double p = exponent(t);
    if (p > highest) {
      highest = p;
      peak = t;
      half = 0;
    } else if (half == 0 && p <= 0.5 * highest) {
      half = t;
    }
  }
  ASSERT_TRUE(found.drop.ok());
  ASSERT_TRUE(found.boundary.ok());
  EXPECT_NEAR(found.drop.value, peak, 2);
  EXPECT_NEAR(found.boundary.value, half, 3);  // the window smooths the peak, which lowers the half
  EXPECT_NEAR(found.highest / highest, 1, 0.15);
  // Where p is monotonic a median is its value at the middle time.
  const double begin = found.time.front();
  EXPECT_NEAR(found.before, exponent(0.5 * (begin + found.drop.value)), 0.05);
  EXPECT_NEAR(found.after, exponent(0.5 * (found.boundary.value + found.time.back())), 0.05);
}

TEST(TwoPhases, NoiseOfTheLossMovesTheDropByLessThanItsError) {
  const Curve clean = planted(1, 4, 60, 6), noisy = planted(1, 4, 60, 6, 0.05);
  const TwoPhases a = two_phases(clean.time, clean.loss), b = two_phases(noisy.time, noisy.loss);
  ASSERT_TRUE(b.drop.ok());
  EXPECT_NEAR(b.drop.value, a.drop.value, 2 * a.drop.standard_error);
  EXPECT_NEAR(b.boundary.value, a.boundary.value, 2 * a.boundary.standard_error);
}

TEST(TwoPhases, TheSlowPhaseDecaysOnItsOwnClock) {
  // ln L = -ln t to the drop at 50, which takes it down by e^3 within an epoch, then
  // ln L = const - 1.4 ln(t - 50).
  Curve curve;
  for (int k = 1; k <= 150; ++k) {
    const double t = k;
    const double log_loss = t <= 50 ? -std::log(t) : -std::log(50.0) - 3 - 1.4 * std::log(t - 50);
    curve.time.push_back(t);
    curve.loss.push_back(std::exp(log_loss));
  }
  const TwoPhases found = two_phases(curve.time, curve.loss);
  ASSERT_TRUE(found.decay.ok());
  EXPECT_NEAR(found.drop.value, 50, found.drop.standard_error);
  // A drop off by three epochs bends the logarithm of the time since.
  EXPECT_NEAR(found.decay.value, 1.4, 0.15);
}

TEST(TwoPhases, APowerLawHasNoDrop) {
  const Curve curve = planted(1.3, 0, 60, 6);
  const TwoPhases found = two_phases(curve.time, curve.loss);
  EXPECT_EQ(found.drop.status, Status::undefined);
  for (const double p : found.exponent) EXPECT_NEAR(p, 1.3, 1e-9);
}

TEST(TwoPhases, ADropThatDoesNotEndHasNoBoundary) {
  Curve curve = planted(1, 4, 60, 6);
  curve.time.resize(72);
  curve.loss.resize(72);
  const TwoPhases found = two_phases(curve.time, curve.loss);
  EXPECT_TRUE(found.drop.ok());
  EXPECT_EQ(found.boundary.status, Status::too_short);
}

TEST(TwoPhases, BadInput) {
  const std::vector<double> t{1, 2, 3, 4}, backwards{1, 2, 2, 4}, ones(4, 1.0), three(3, 1.0);
  EXPECT_THROW((void)two_phases(t, three), Error);
  EXPECT_THROW((void)two_phases(backwards, ones), Error);
  EXPECT_THROW((void)two_phases(t, std::vector<double>{1, 1, 0, 1}), Error);
  EXPECT_EQ(two_phases(t, ones).drop.status, Status::too_short);
}

}  // namespace
}  // namespace thermoscape::analysis
