#include "thermoscape/analysis/oscillation.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {
namespace {

/// SGD with momentum in one dimension under constant noise, started at rest at its minimum.
struct Path {
  std::vector<double> position;
  std::vector<double> velocity;
};
Path sgd(double rate, double beta, std::size_t steps) {
  std::vector<double> kick(steps);
  Noise(3).normal<double>("test.kick", 0, kick);
  Path path;
  double x = 0, v = 0;
  for (std::size_t k = 0; k < steps; ++k) {
    path.position.push_back(x);
    path.velocity.push_back(v);
    v = beta * v - rate * x + kick[k];
    x += v;
  }
  return path;
}

TEST(Oscillation, recursion_is_recovered_within_its_errors) {
  for (const double rate : {0.001, 0.02, 0.3, 1.5}) {
    const Oscillation fit = fit_oscillation(sgd(rate, 0.9, 20000).position);
    ASSERT_TRUE(fit.trace.ok());
    EXPECT_NEAR(fit.product.value, 0.9, 4 * fit.product.standard_error);
    EXPECT_NEAR(fit.trace.value, 1.9 - rate, 4 * fit.trace.standard_error);
    EXPECT_LT(fit.product.standard_error, 0.01);
    EXPECT_EQ(fit.oscillates, rate > 0.00264);
    if (!fit.oscillates) continue;
    const double frequency = std::acos((1.9 - rate) / (2 * std::sqrt(0.9)));
    EXPECT_NEAR(fit.frequency, frequency, 0.05 * frequency);
    EXPECT_NEAR(fit.damping, -std::log(0.9) / 2, 0.01);
  }
}

TEST(Oscillation, periodogram_finds_a_sine) {
  std::vector<double> x;
  for (int k = 0; k < 1000; ++k)
    x.push_back(3 + std::sin(2 * std::numbers::pi * 0.0371 * k) + 0.2 * std::sin(2.9 * k));
  const Periodogram spectrum = periodogram(x, 0.5);
  EXPECT_NEAR(peak_frequency(spectrum, 0), 0.0742, 0.002);
  EXPECT_NEAR(spectrum.frequency.back(), 1.0, 1e-12);
  EXPECT_GT(mean_frequency(spectrum), 0.0742);
  // Parseval for the taper of a constant-free series: Σ power of all frequencies = n Σ (w x)².
  double sum = 0;
  for (std::size_t i = 0; i < spectrum.power.size(); ++i)
    sum += (i + 1 == 500 ? 1 : 2) * spectrum.power[i];
  double square = 0;
  double mean = 0;
  for (const double one : x) mean += one / 1000;
  for (int k = 0; k < 1000; ++k) {
    const double w = 0.5 * (1 - std::cos(2 * std::numbers::pi * (k + 0.5) / 1000));
    square +=
        w * w * (x[static_cast<std::size_t>(k)] - mean) * (x[static_cast<std::size_t>(k)] - mean);
  }
  EXPECT_NEAR(sum, 1000 * square, 1e-3 * 1000 * square);  // what leaks into frequency 0 is left out
}

/// The velocity of a damped oscillator has its largest power at ω, half the steps on either side.
TEST(Oscillation, velocity_of_an_oscillator_peaks_at_its_frequency) {
  const double rate = 0.05;
  const Path path = sgd(rate, 0.97, 40000);
  const double omega = std::sqrt(2 * rate / 1.97) / (2 * std::numbers::pi);
  EXPECT_NEAR(peak_frequency(periodogram(path.velocity, 1), 60), omega, 0.05 * omega);
  EXPECT_LT(mean_turning(path.position, path.velocity), 0);  // clockwise: v follows -θ
}

TEST(Oscillation, refuses_or_marks_what_it_cannot_say) {
  const std::vector<double> constant(100, 2.0);
  EXPECT_FALSE(fit_oscillation(constant).trace.ok());
  EXPECT_FALSE(fit_oscillation(std::vector<double>{1, 2, 3}).trace.ok());
  EXPECT_EQ(peak_frequency(periodogram(constant, 1), 2), 0);
  EXPECT_EQ(mean_turning(constant, constant), 0);
  EXPECT_THROW((void)periodogram(std::vector<double>{1, 2}, 1), Error);
  EXPECT_THROW((void)periodogram(constant, 0), Error);
}

TEST(Oscillation, a_circle_closes_and_a_damped_oscillator_fills) {
  std::vector<double> x, y;
  for (int k = 0; k < 5000; ++k) {
    x.push_back(3 + 2 * std::cos(0.07 * k));
    y.push_back(-5e-3 * std::sin(0.07 * k));
  }
  const Orbit circle = orbit(x, y, 0.07);
  EXPECT_NEAR(circle.after_turn, 1, 2e-2);
  EXPECT_NEAR(circle.fill, 0, 1e-2);
  // SGD with momentum forgets β^{1/2} a step, on whole turns exactly.
  for (const double beta : {0.9, 0.98}) {
    const double rate = 0.05;
    const double frequency = std::acos((1 + beta - rate) / (2 * std::sqrt(beta)));
    const Path path = sgd(rate, beta, 400000);
    const Orbit orbiting = orbit(path.position, path.velocity, frequency);
    EXPECT_NEAR(orbiting.after_turn, std::pow(beta, M_PI / frequency), 0.03) << beta;
    EXPECT_NEAR(orbiting.fill, 1, 0.1) << beta;
  }
  std::vector<double> a(20000), b(20000);
  Noise(5).normal<double>("test.a", 0, a);
  Noise(5).normal<double>("test.b", 0, b);
  const Orbit noise = orbit(a, b, 0.3);
  EXPECT_NEAR(noise.after_turn, 0, 4 / std::sqrt(40000.0));
  EXPECT_NEAR(noise.fill, 1, 0.1);
  EXPECT_EQ(orbit(std::vector<double>(50, 1.0), b, 0.3).fill, 0);
}

}  // namespace
}  // namespace thermoscape::analysis
