#pragma once
#include <tuple>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// A parameter watched over a window of n steps, x_{t+1} = φ x_t + ξ_t, var ξ = q: along a
/// principal direction of SGD, φ = 1 - αL0M0 and q is the step square D.
struct Window {
  double step_variance = 1e-4;
  double steps = 200;
  double decay = 0.999;

  static constexpr auto fields() {
    using S = Window;
    return std::tuple{
        field("step_variance", &S::step_variance, "[θ]²", "variance of one step", kNonNegative),
        field("steps", &S::steps, "1", "steps in the window, a whole number", Range{1, 1e8}),
        field("decay",
              &S::decay,
              "1",
              "share of the displacement that a step keeps; 1 for a random walk",
              Range{-1, 1, true, false})};
  }
};

/// Mean of the variance about the window's own mean, E[(1/n) Σ (x_t - x̄)²] (divided by n), exact:
///   random walk  q(n²-1)/(6n)
///   stationary   q/(1-φ²) [1 - 1/n - (2/n) Σ_{k<n} (1-k/n) φ^k]
///                = 2q/((1+φ)n²) Σ_{k<n} (n-k)(1-φ^k)/(1-φ), which is summed: no cancellation, and
///                the random walk at φ = 1
/// `long_window` = q/(1-φ²), its limit n -> ∞, undefined for φ = 1. A window variance measures the
/// step (σ² ∝ q) only while n << 1/(1-φ); a window beyond that, the temperature.
/// Throws Error for an input out of range.  Cost n.  Reference: variance-flatness, section IV.
struct WindowVariance {
  double random_walk = 0;
  double window_variance = 0;
  Value long_window;

  static constexpr auto fields() {
    using S = WindowVariance;
    return std::tuple{
        field("random_walk", &S::random_walk, "[θ]²", "variance in the window of a random walk"),
        field("window_variance",
              &S::window_variance,
              "[θ]²",
              "variance in the window in the stationary state"),
        field("long_window", &S::long_window, "[θ]²", "variance in an infinite window")};
  }
};
[[nodiscard]] WindowVariance window_variance(const Window& window);

}  // namespace thermoscape::theory
