#include "thermoscape/analysis/oscillation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "thermoscape/analysis/fft_plan.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {

namespace {

std::vector<double> centred(std::span<const double> series) {
  if (series.empty()) return {};
  // From the first value on, so that a constant series is zero and not its rounding.
  double mean = 0;
  for (const double x : series) mean += (x - series[0]) / static_cast<double>(series.size());
  std::vector<double> out;
  for (const double x : series) out.push_back((x - series[0]) - mean);
  return out;
}

}  // namespace

Oscillation fit_oscillation(std::span<const double> series) {
  Oscillation fit;
  if (series.size() < 10) return fit;
  const std::vector<double> x = centred(series);
  double aa = 0, ab = 0, bb = 0, ca = 0, cb = 0, cc = 0;
  for (std::size_t k = 1; k + 1 < x.size(); ++k) {
    const double a = x[k], b = x[k - 1], c = x[k + 1];
    aa += a * a;
    ab += a * b;
    bb += b * b;
    ca += c * a;
    cb += c * b;
    cc += c * c;
  }
  const double determinant = aa * bb - ab * ab;
  if (!(determinant > 1e-14 * aa * bb)) return fit;
  const double tau = (ca * bb - cb * ab) / determinant;
  const double rho = (cb * aa - ca * ab) / determinant;  // -δ
  const auto freedom = static_cast<double>(x.size() - 5);
  const double residual = std::max(0.0, cc - tau * ca - rho * cb) / freedom;
  fit.trace = {tau, std::sqrt(residual * bb / determinant), Status::ok};
  fit.product = {-rho, std::sqrt(residual * aa / determinant), Status::ok};
  const double square = tau * tau + 4 * rho;
  fit.oscillates = square < 0;
  if (fit.oscillates) {
    fit.frequency = std::atan2(std::sqrt(-square), tau);
    fit.damping = -0.5 * std::log(-rho);
  } else {
    fit.damping = -std::log((std::abs(tau) + std::sqrt(square)) / 2);
  }
  return fit;
}

Periodogram periodogram(std::span<const double> series, double interval) {
  const std::size_t n = series.size();
  if (n < 8)
    reject({"periodogram.series", fmt::format("{} values", n), "must hold at least 8", ""});
  if (!(interval > 0))
    reject({"periodogram.interval", fmt::format("{}", interval), "must be > 0", ""});
  const std::vector<double> x = centred(series);
  const std::size_t half = n / 2 + 1;
  const FftBuffer buffer(fftw_alloc_real(2 * half));
  if (!buffer) throw MachineError("periodogram: out of memory");
  double* real = buffer.get();
  auto* complex = reinterpret_cast<fftw_complex*>(real);
  FftPlan plan;
  {
    const std::lock_guard lock(fft_planner());
    plan.reset(fftw_plan_dft_r2c_1d(static_cast<int>(n), real, complex, FFTW_ESTIMATE));
  }
  for (std::size_t k = 0; k < n; ++k) {
    const double phase =
        2 * std::numbers::pi * (static_cast<double>(k) + 0.5) / static_cast<double>(n);
    real[k] = x[k] * 0.5 * (1 - std::cos(phase));
  }
  fftw_execute(plan.get());
  Periodogram spectrum;
  for (std::size_t i = 1; i < half; ++i) {
    spectrum.frequency.push_back(static_cast<double>(i) / (static_cast<double>(n) * interval));
    spectrum.power.push_back(complex[i][0] * complex[i][0] + complex[i][1] * complex[i][1]);
  }
  return spectrum;
}

double peak_frequency(const Periodogram& spectrum, std::size_t width) {
  double best = 0;
  double at = 0;
  const std::size_t n = spectrum.power.size();
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t first = i < width ? 0 : i - width;
    const std::size_t last = std::min(n - 1, i + width);
    double sum = 0;
    for (std::size_t j = first; j <= last; ++j) sum += spectrum.power[j];
    sum /= static_cast<double>(last - first + 1);
    if (sum > best) {
      best = sum;
      at = spectrum.frequency[i];
    }
  }
  return at;
}

double mean_frequency(const Periodogram& spectrum) {
  double weight = 0;
  double sum = 0;
  for (std::size_t i = 0; i < spectrum.power.size(); ++i) {
    weight += std::sqrt(spectrum.power[i]);
    sum += std::sqrt(spectrum.power[i]) * spectrum.frequency[i];
  }
  return weight > 0 ? sum / weight : 0;
}

double mean_turning(std::span<const double> x, std::span<const double> y) {
  const std::vector<double> a = centred(x);
  const std::vector<double> b = centred(y);
  double aa = 0, bb = 0, turn = 0;
  for (std::size_t k = 0; k + 1 < a.size(); ++k) {
    aa += a[k] * a[k];
    bb += b[k] * b[k];
    turn += a[k] * b[k + 1] - b[k] * a[k + 1];
  }
  return aa > 0 && bb > 0 ? turn / (2 * std::sqrt(aa * bb)) : 0;
}

Orbit orbit(std::span<const double> x, std::span<const double> y, double frequency) {
  const std::vector<double> a = centred(x);
  const std::vector<double> b = centred(y);
  const std::size_t n = a.size();
  double aa = 0, bb = 0;
  for (std::size_t k = 0; k < n; ++k) {
    aa += a[k] * a[k] / static_cast<double>(n);
    bb += b[k] * b[k] / static_cast<double>(n);
  }
  Orbit result;
  if (!(aa > 0 && bb > 0)) return result;
  double second = 0, fourth = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const double square = a[k] * a[k] / aa + b[k] * b[k] / bb;
    second += square / static_cast<double>(n);
    fourth += square * square / static_cast<double>(n);
  }
  result.fill = fourth / (second * second) - 1;
  if (!(frequency > 0)) return result;
  const double turn = 2 * std::numbers::pi / frequency;
  const auto correlation = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t k = 0; k + lag < n; ++k)
      sum += a[k] * a[k + lag] / aa + b[k] * b[k + lag] / bb;
    return sum / (2 * static_cast<double>(n - lag));
  };
  if (2 * turn > static_cast<double>(n)) return result;
  const auto below = static_cast<std::size_t>(turn);
  const double share = turn - static_cast<double>(below);
  result.after_turn = (1 - share) * correlation(below) + share * correlation(below + 1);
  return result;
}

}  // namespace thermoscape::analysis
