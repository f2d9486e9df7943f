#pragma once
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape::testing {

inline std::vector<double> normals(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<double> out(n);
  for (double& x : out) x = normal(engine);
  return out;
}

/// Stationary AR(1) of unit variance, χ(k) = φ^k, τ_int = (1+φ)/(2(1-φ)).
inline std::vector<double> ar1(std::size_t n, double phi, std::uint64_t seed) {
  std::vector<double> x = normals(n, seed);
  const double kick = std::sqrt(1 - phi * phi);
  for (std::size_t i = 1; i < n; ++i) x[i] = phi * x[i - 1] + kick * x[i];
  return x;
}

/// Loss of a quadratic minimum with K equally stiff directions in equilibrium at T: L = (T/2) Σ
/// x_i², exactly Gamma(K/2, 1/T), with χ_L(k) = φ^(2k).
inline std::vector<double> quadratic_loss(
    std::size_t n, int stiff, double phi, double temperature, std::uint64_t seed) {
  std::vector<double> loss(n, 0);
  for (int i = 0; i < stiff; ++i) {
    const std::vector<double> x = ar1(n, phi, seed * 1000 + static_cast<std::uint64_t>(i));
    for (std::size_t t = 0; t < n; ++t) loss[t] += 0.5 * temperature * x[t] * x[t];
  }
  return loss;
}

/// Counts how often a truth lies within one and two standard errors.
struct Coverage {
  int trials = 0, one = 0, two = 0;
  double sum = 0, squares = 0, error_sum = 0;

  void add(const Estimate& e, double truth) {
    ++trials;
    one += std::abs(e.value - truth) <= e.standard_error ? 1 : 0;
    two += std::abs(e.value - truth) <= 2 * e.standard_error ? 1 : 0;
    sum += e.value - truth;
    squares += (e.value - truth) * (e.value - truth);
    error_sum += e.standard_error;
  }
  /// Normal coverage 0.683 and 0.954 within four binomial errors, less `deficit` for error bars
  /// that themselves rest on a few dozen blocks (Student's law with 20 degrees of freedom covers
  /// 0.67 and 0.94).
  void expect_honest(const char* what, double deficit = 0.03) const {
    const double n = trials;
    const double p1 = one / n, p2 = two / n;
    const double error1 = std::sqrt(0.683 * 0.317 / n), error2 = std::sqrt(0.954 * 0.046 / n);
    EXPECT_GT(p1, 0.683 - deficit - 4 * error1) << what;
    EXPECT_LT(p1, 0.683 + 4 * error1) << what;
    EXPECT_GT(p2, 0.954 - deficit - 4 * error2) << what;
    // The mean quoted error against the scatter really seen.
    const double scatter = std::sqrt(squares / n - sum * sum / n / n);
    EXPECT_NEAR(error_sum / n / scatter, 1, 0.05 + 4 / std::sqrt(2 * n)) << what;
    if (std::getenv("COVERAGE") != nullptr)
      std::printf("%s: %.3f %.3f bias/scatter %.3f error/scatter %.3f\n",
                  what,
                  p1,
                  p2,
                  sum / n / scatter,
                  error_sum / n / scatter);
  }
};

}  // namespace thermoscape::testing
