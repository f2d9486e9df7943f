#include "thermoscape/theory/window_variance.hpp"

#include <cmath>

#include <fmt/format.h>

namespace thermoscape::theory {

WindowVariance window_variance(const Window& window) {
  validate(window, "window-variance");
  const double n = window.steps;
  if (n != std::floor(n)) {
    reject({"window-variance.steps", fmt::format("{}", n), "must be a whole number >= 1", ""});
  }
  const double q = window.step_variance;
  const double decay = window.decay;
  double sum = 0;
  double geometric = 0;  // (1-φ^k)/(1-φ) = 1 + φ + ... + φ^{k-1}
  for (double k = 1; k < n; ++k) {
    geometric = 1 + decay * geometric;
    sum += (n - k) * geometric;
  }
  WindowVariance variance;
  variance.random_walk = q * (n - 1) * (n + 1) / (6 * n);
  variance.window_variance = 2 * q / (1 + decay) * sum / (n * n);
  variance.long_window = value_within(q / ((1 - decay) * (1 + decay)), true);
  return variance;
}

}  // namespace thermoscape::theory
