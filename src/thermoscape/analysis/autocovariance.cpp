#include "thermoscape/analysis/autocovariance.hpp"

#include <algorithm>
#include <string>

#include "thermoscape/analysis/fft_plan.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

/// The next length without a prime factor above 5, where FFTW is fastest.
std::size_t smooth_length(std::size_t n) {
  for (;; ++n) {
    std::size_t rest = n;
    for (const std::size_t p : {2, 3, 5}) {
      while (rest % p == 0) rest /= p;
    }
    if (rest == 1) return n;
  }
}

}  // namespace

std::vector<double> autocovariance(std::span<const double> series, std::size_t maximum_lag) {
  const std::size_t n = series.size();
  if (maximum_lag >= n) {
    reject({"autocovariance.maximum_lag",
            std::to_string(maximum_lag),
            "must be below the length of the series, " + std::to_string(n),
            ""});
  }
  const std::size_t length = smooth_length(n + maximum_lag);
  const std::size_t half = length / 2 + 1;
  const FftBuffer buffer(fftw_alloc_real(2 * half));
  if (!buffer) throw MachineError("autocovariance: out of memory");
  double* real = buffer.get();
  fftw_complex* complex = reinterpret_cast<fftw_complex*>(real);
  FftPlan forward, backward;
  {
    const std::lock_guard lock(fft_planner());
    forward.reset(fftw_plan_dft_r2c_1d(static_cast<int>(length), real, complex, FFTW_ESTIMATE));
    backward.reset(fftw_plan_dft_c2r_1d(static_cast<int>(length), complex, real, FFTW_ESTIMATE));
  }
  std::copy(series.begin(), series.end(), real);
  std::fill(real + n, real + 2 * half, 0.0);
  fftw_execute(forward.get());
  for (std::size_t i = 0; i < half; ++i) {
    complex[i][0] = complex[i][0] * complex[i][0] + complex[i][1] * complex[i][1];
    complex[i][1] = 0;
  }
  fftw_execute(backward.get());
  std::vector<double> out(maximum_lag + 1);
  for (std::size_t k = 0; k <= maximum_lag; ++k) {
    out[k] = real[k] / (static_cast<double>(length) * static_cast<double>(n - k));
  }
  return out;
}

IntegratedTime integrated_time(std::span<const double> chi, double factor) {
  IntegratedTime out;
  out.time = 0.5;
  for (std::size_t k = 1; k < chi.size(); ++k) {
    out.time += chi[k];
    out.window = k;
    if (static_cast<double>(k) >= factor * out.time) {
      out.closed = true;
      break;
    }
  }
  return out;
}

}  // namespace thermoscape::analysis
