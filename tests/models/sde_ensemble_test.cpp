#include "thermoscape/models/sde_ensemble.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/models/fokker_planck.hpp"

namespace thermoscape {
namespace {

BlockDiffusion ou(double stiffness) {
  return {[stiffness](std::span<const double> theta, std::span<double> slope) {
            for (std::size_t i = 0; i < theta.size(); ++i) slope[i] = stiffness * theta[i];
          },
          {}};
}

theory::Landscape double_well() {
  theory::Landscape landscape;
  landscape.loss = [](double x) { return std::pow(x * x - 1, 2) / 4 + 0.1 * x; };
  landscape.slope = [](double x) { return x * (x * x - 1) + 0.1; };
  landscape.curvature = [](double x) { return 3 * x * x - 1; };
  landscape.noise = [](double x) { return 0.4 + 0.3 * (x + 0.5) * (x + 0.5); };
  landscape.noise_slope = [](double x) { return 0.6 * (x + 0.5); };
  landscape.noise_curvature = [](double) { return 0.6; };
  return landscape;
}

double mean_of(std::span<const double> x, auto&& f) {
  double sum = 0;
  for (const double one : x) sum += f(one);
  return sum / static_cast<double>(x.size());
}

TEST(SdeEnsemble, has_the_exact_discrete_moments_of_a_quadratic_loss) {
  // θ <- (1 - kΔt) θ + √(TΔt) ξ from θ = 1: a Gaussian after any number of steps.
  const double k = 2;
  const double dt = 0.1;
  const double temperature = 0.5;
  SdeEnsemble paths(ou(k), {temperature, dt}, Noise(5), std::vector<double>(40000, 1.0));
  double mean = 1;
  double variance = 0;
  for (const int steps : {1, 3, 20}) {
    paths.advance(steps, 2);
    for (int s = 0; s < steps; ++s) {
      mean *= 1 - k * dt;
      variance = std::pow(1 - k * dt, 2) * variance + temperature * dt;
    }
    const double n = 40000;
    EXPECT_NEAR(
        mean_of(paths.positions(), [](double x) { return x; }), mean, 4 * std::sqrt(variance / n));
    EXPECT_NEAR(mean_of(paths.positions(), [&](double x) { return (x - mean) * (x - mean); }),
                variance,
                4 * variance * std::sqrt(2 / n));
  }
  EXPECT_NEAR(variance, temperature / (2 * k - k * k * dt), 1e-4);
}

TEST(SdeEnsemble, follows_the_fokker_planck_equation_in_time) {
  // Itô: with Stratonovich's reading the shares would differ by more than 0.05.
  const theory::Landscape landscape = double_well();
  const double temperature = 0.6;
  FokkerPlanck density(landscape, {temperature, -4, 4, 2000, 0.01}, [](double x) {
    return std::exp(-x * x / 0.02);
  });
  const std::size_t n = 40000;
  std::vector<double> start(n);
  Noise(9).normal<double>("start", 0, start);
  for (double& one : start) one *= 0.1;
  SdeEnsemble paths(block_diffusion(landscape, false), {temperature, 0.002}, Noise(3), start);
  for (int look = 0; look < 3; ++look) {
    density.advance(100);
    paths.advance(500, 2);
    EXPECT_NEAR(paths.time(), density.time(), 1e-9);
    for (const double edge : {-1.2, -0.8, 0.0, 0.5, 1.0}) {
      const double p = density.probability(-4, edge);
      // Weak error of Euler-Maruyama: below 5e-4 at this step (halving it changes less).
      EXPECT_NEAR(mean_of(paths.positions(), [&](double x) { return x < edge ? 1.0 : 0.0; }),
                  p,
                  4 * std::sqrt(p * (1 - p) / static_cast<double>(n)) + 5e-4);
    }
  }
}

TEST(SdeEnsemble, reflecting_ends_keep_a_flat_density) {
  const BlockDiffusion flat = {[](std::span<const double>, std::span<double> slope) {
                                 std::fill(slope.begin(), slope.end(), 0.0);
                               },
                               {}};
  SdeEnsemble paths(flat, {1, 0.01, -1, 2}, Noise(2), std::vector<double>(20000, 0.0));
  paths.advance(1000);
  const double n = 20000;
  EXPECT_NEAR(mean_of(paths.positions(), [](double x) { return x; }), 0.5, 4 * std::sqrt(0.75 / n));
  for (const double x : paths.positions()) {
    EXPECT_GE(x, -1);
    EXPECT_LE(x, 2);
  }
}

TEST(SdeEnsemble, paths_depend_neither_on_threads_nor_on_the_cut_of_steps) {
  const BlockDiffusion diffusion = block_diffusion(double_well(), false);
  const std::vector<double> start(3000, 0.1);
  SdeEnsemble one(diffusion, {0.5, 0.01}, Noise(1), start);
  SdeEnsemble other(diffusion, {0.5, 0.01}, Noise(1), start);
  one.advance(57);
  other.advance(20, 2);
  other.advance(37, 3);
  EXPECT_TRUE(
      std::equal(one.positions().begin(), one.positions().end(), other.positions().begin()));
}

TEST(SdeEnsemble, says_when_it_diverges_and_refuses_bad_input) {
  SdeEnsemble paths(ou(30), {1, 0.1}, Noise(1), {0.0, 1.0});  // |1 - kΔt| = 2
  paths.advance(2000);
  EXPECT_EQ(paths.status(), Status::diverged);
  EXPECT_THROW(SdeEnsemble(ou(1), {-1, 0.1}, Noise(1), {0.0}), Error);
  EXPECT_THROW(SdeEnsemble(ou(1), {1, 0}, Noise(1), {0.0}), Error);
  EXPECT_THROW(SdeEnsemble(ou(1), {1, 0.1}, Noise(1), {}), Error);
  EXPECT_THROW(SdeEnsemble(ou(1), {1, 0.1, 1, 2}, Noise(1), {0.0}), Error);
}

}  // namespace
}  // namespace thermoscape
