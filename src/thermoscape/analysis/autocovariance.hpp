#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace thermoscape::analysis {

/// c(k) = 1/(n-k) Σ_t x_t x_{t+k}, k = 0 ... maximum_lag, of `series` [n], whose mean the caller
/// has removed. Zero-padded FFT (FFTW), nothing wraps round.  Relative rounding about 1e-15 of
/// c(0).
/// Throws Error unless 0 <= maximum_lag < n.
/// Cost: two real transforms of length n + maximum_lag; thread-safe.
[[nodiscard]] std::vector<double> autocovariance(std::span<const double> series,
                                                 std::size_t maximum_lag);

/// Σ c(k)/c(0) summed by Sokal's rule.
struct IntegratedTime {
  double time = 0;         ///< τ = ½ + Σ_{k=1}^{W} χ(k) [samples]
  std::size_t window = 0;  ///< W, the smallest with W >= factor·τ(W)
  bool closed = false;     ///< false if no such W lies inside the lags given
};

/// The integrated correlation time of `chi` (chi[0] = 1), window factor usually 5.
/// Reference: Sokal, lecture notes (1997), section 3.
[[nodiscard]] IntegratedTime integrated_time(std::span<const double> chi, double factor);

}  // namespace thermoscape::analysis
