#include "thermoscape/theory/wall_relaxation.hpp"

#include <cmath>
#include <complex>
#include <numeric>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/constants/constants.hpp>

namespace thermoscape::theory {
namespace {

constexpr double kPi = boost::math::constants::pi<double>();

Wall of_box(double length) {
  Wall w;
  w.temperature = 1;
  w.cutoff = length;
  return w;
}

/// arg Γ(iν) without jumps, by recurrence to large argument and Stirling's series.
double phase_of_gamma(double nu) {
  std::complex<double> z(0, nu);
  double shift = 0;
  while (z.real() < 20) {
    shift += std::arg(z);
    z += 1.0;
  }
  const std::complex<double> log_gamma = (z - 0.5) * std::log(z) - z + 1.0 / (12.0 * z) -
                                         1.0 / (360.0 * z * z * z) +
                                         1.0 / (1260.0 * std::pow(z, 5));
  return log_gamma.imag() - shift;
}

/// The generator z² f'' + z(1-z) f' has the solution f = z^{iν} U(iν, 1+2iν, z) that does not grow,
/// with -λ = -ν². For z -> 0 it is c z^{iν} + its conjugate, c = Γ(-2iν)/Γ(-iν), and a reflecting
/// end at z = u asks for arg c + ν ln u = -kπ: the exact spectrum up to O(u).
double exact_rate(int k, double length) {
  const auto condition = [&](double nu) {
    return phase_of_gamma(-2 * nu) - phase_of_gamma(-nu) - nu * length + k * kPi;
  };
  double low = 1e-9;
  double high = 20;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (condition(middle) > 0 ? low : high) = middle;
  }
  return low * low;
}

TEST(WallRelaxation, spectrum_is_the_exact_one) {
  for (const double length : {11.0, 14.0, 20.0, 40.0}) {
    const WallRelaxation relaxation(of_box(length));
    for (int k = 1; k <= 6; ++k) {
      const double exact = exact_rate(k, length);
      EXPECT_NEAR(relaxation.rates()[static_cast<std::size_t>(k - 1)], exact, 1.5e-3 * exact)
          << "box " << length << ", mode " << k;
    }
  }
}

/// dχ/ds at 0 is minus the Dirichlet form ⟨(∂ℓ/∂φ)²⟩/σ² = ⟨ℓ²⟩/σ², exactly.
TEST(WallRelaxation, initial_slope_is_the_dirichlet_form) {
  for (const double t : {1e-20, 1e-12, 1e-9, 1e-8, 1e-5, 1e-2, 1.0}) {
    Wall w;
    w.steepness = 1.3;
    w.cutoff = 15;
    w.temperature = t;
    const WallRelaxation relaxation(w);
    const double s = 1e-6 * relaxation.scaled_half_time();
    const double slope = (1 - relaxation.at_scaled(s)) / s;
    const WallStatistics exact = wall_statistics(w);
    EXPECT_NEAR(slope * exact.variance / exact.second_moment, 1, 3e-3) << t;
    EXPECT_NEAR(relaxation.at_scaled(0), 1, 1e-9);
  }
}

/// Values of another finite-volume solver and of direct simulation (1.20 ± 0.02 at 17.7).
TEST(WallRelaxation, half_time_matches_the_published_table) {
  const std::vector<std::pair<double, double>> table{{8, 0.984},
                                                     {11, 1.081},
                                                     {13.1, 1.1235},
                                                     {15.4, 1.158},
                                                     {17.7, 1.184},
                                                     {20, 1.204},
                                                     {30, 1.256}};
  for (const auto& [length, expected] : table) {
    EXPECT_NEAR(WallRelaxation(of_box(length)).scaled_half_time(), expected, 1e-3) << length;
  }
}

TEST(WallRelaxation, temperature_enters_only_through_the_box) {
  const Wall w{2.5, 0.3, 7, 0.01, 1};
  const double length = w.steepness * w.cutoff + std::log(w.temperature / w.prefactor);
  const WallRelaxation relaxation(w);
  const WallRelaxation scaled(of_box(length));
  EXPECT_NEAR(relaxation.scaled_half_time(), scaled.scaled_half_time(), 1e-10);
  EXPECT_NEAR(relaxation.half_time() * 6.25 * 0.01, scaled.half_time(), 1e-10);
  EXPECT_NEAR(relaxation.length() * 2.5, std::sqrt(scaled.scaled_half_time()), 1e-10);
  EXPECT_NEAR(relaxation.correlation(relaxation.half_time()), 0.5, 1e-9);
  EXPECT_NEAR(relaxation.correlation(3.0), scaled.at_scaled(3 * 6.25 * 0.01), 1e-10);
}

TEST(WallRelaxation, correlation_falls_and_the_tail_is_the_slowest_mode) {
  const WallRelaxation relaxation(of_box(15));
  double previous = 1 + 1e-12;
  for (double s = 0.01; s < 200; s *= 1.5) {
    const double now = relaxation.at_scaled(s);
    EXPECT_LT(now, previous);
    EXPECT_GT(now, 0);
    previous = now;
  }
  const double slowest = relaxation.rates().front();
  EXPECT_NEAR(std::log(relaxation.at_scaled(300) / relaxation.at_scaled(301)), slowest, 1e-6);
  EXPECT_NEAR(slowest / (kPi * kPi / 225), 1, 0.08);
}

}  // namespace
}  // namespace thermoscape::theory
