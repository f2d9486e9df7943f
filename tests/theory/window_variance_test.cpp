#include "thermoscape/theory/window_variance.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

/// tr(C)/n - ΣΣ C/n² for the covariance C of the window, summed pair by pair.
template <class Covariance>
double brute_force(int n, const Covariance& covariance) {
  double diagonal = 0;
  double all = 0;
  for (int i = 1; i <= n; ++i) {
    diagonal += covariance(i, i);
    for (int j = 1; j <= n; ++j) all += covariance(i, j);
  }
  return diagonal / n - all / n / n;
}

TEST(WindowVariance, is_that_of_the_covariance_matrix) {
  for (const double decay : {-0.9, -0.3, 0.0, 0.5, 0.95, 0.9999}) {
    for (const int n : {1, 2, 3, 17, 200}) {
      const WindowVariance s = window_variance({0.3, static_cast<double>(n), decay});
      const double stationary = 0.3 / (1 - decay * decay);
      EXPECT_NEAR(
          s.window_variance,
          brute_force(n,
                      [&](int i, int j) { return stationary * std::pow(decay, std::abs(i - j)); }),
          1e-12 * stationary);
      EXPECT_NEAR(s.random_walk,
                  brute_force(n, [](int i, int j) { return 0.3 * std::min(i, j); }),
                  1e-10 * n);
      EXPECT_NEAR(s.long_window.value, stationary, 1e-11 * stationary);
    }
  }
}

TEST(WindowVariance, joins_its_two_limits) {
  const WindowVariance walk = window_variance({1e-4, 500, 1});
  EXPECT_NEAR(walk.window_variance, walk.random_walk, 1e-13 * walk.random_walk);
  EXPECT_EQ(walk.long_window.status, Status::undefined);
  // No cancellation on the way to the random walk: the deficit is n(1-φ)·2/5 to first order.
  const WindowVariance near = window_variance({1e-4, 500, 1 - 1e-10});
  EXPECT_NEAR(near.window_variance / near.random_walk, 1, 1e-7);
  EXPECT_LT(near.window_variance, near.random_walk);
  const WindowVariance far = window_variance({1e-4, 1e6, 0.9});
  EXPECT_NEAR(far.window_variance / far.long_window.value, 1 - 19e-6, 1e-9);  // τ = (1+φ)/(1-φ)
}

TEST(WindowVariance, refuses_what_is_out_of_range) {
  EXPECT_THROW((void)window_variance({1, 10.5, 0.5}), Error);
  EXPECT_THROW((void)window_variance({1, 0, 0.5}), Error);
  EXPECT_THROW((void)window_variance({1, 10, -1}), Error);
  EXPECT_THROW((void)window_variance({1, 10, 1.001}), Error);
  EXPECT_THROW((void)window_variance({-1, 10, 0.5}), Error);
}

}  // namespace
}  // namespace thermoscape::theory
