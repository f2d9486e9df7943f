#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// A damped oscillator seen at equal intervals, by least squares of the recursion that it obeys:
///   x_{k+1} - x̄ = τ (x_k - x̄) - δ (x_{k-1} - x̄) + noise
/// For SGD with momentum along an eigenvector δ = β and τ = 1 + β - ηh, exactly. Roots of μ² - τμ +
/// δ give frequency arg μ and damping -ln|μ|, radians and 1 an interval; a real pair (overdamped)
/// has frequency 0 and the damping of its slower root.
struct Oscillation {
  Estimate trace;    ///< τ
  Estimate product;  ///< δ
  double frequency = 0;
  double damping = 0;
  bool oscillates = false;
};
/// Standard errors are those of the regression, right if the noise is independent from one interval
/// to the next. Estimates are undefined below 10 values or for a constant series.
[[nodiscard]] Oscillation fit_oscillation(std::span<const double> series);

/// Power of a series [n] at frequencies i/(n interval), i = 1 ... n/2, cycles a unit of time, after
/// its mean is removed and ends are tapered (Hann).
struct Periodogram {
  std::vector<double> frequency;
  std::vector<double> power;
};
/// Throws Error below 8 values or unless interval > 0. O(n log n).
[[nodiscard]] Periodogram periodogram(std::span<const double> series, double interval);
/// Where the power, averaged over `width` neighbours, is largest; 0 for a constant series.
[[nodiscard]] double peak_frequency(const Periodogram& spectrum, std::size_t width);
/// Mean frequency weighted by amplitude, √power.
[[nodiscard]] double mean_frequency(const Periodogram& spectrum);

/// Mean turning of a path in the plane, Σ (x_k y_{k+1} - y_k x_{k+1}) / Σ (x_k² + y_k²) with both
/// coordinates in units of their own deviations: the sine of the angle of an interval, negative for
/// clockwise motion.
[[nodiscard]] double mean_turning(std::span<const double> x, std::span<const double> y);

/// Whether a path about its mean in the plane closes or fills, both coordinates in units of their
/// own deviations.
///   after_turn  correlation of the path with itself one turn later: 1 for a closed orbit, 0 for
///               noise; β^{π/f} for SGD with momentum at f radians a step
///   fill        var(r²)/⟨r²⟩² of the radius: 0 for a circle, 1 for a Gaussian cloud
struct Orbit {
  double after_turn = 0;
  double fill = 0;
};
/// `frequency` in radians an interval; after_turn is 0 if a turn does not fit twice into the path.
[[nodiscard]] Orbit orbit(std::span<const double> x, std::span<const double> y, double frequency);

}  // namespace thermoscape::analysis
