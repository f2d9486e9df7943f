#include "thermoscape/analysis/tail_fit.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "thermoscape/analysis/linear_fit.hpp"

namespace thermoscape::analysis {
namespace {

/// Best amplitude of exp(-rate t) and what it leaves.
struct Exponential {
  double amplitude = 0;
  double residual = 0;
};

Exponential at_rate(double rate, std::span<const double> t, std::span<const double> chi) {
  double shape = 0;
  double overlap = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const double e =
        std::exp(-rate * (t[i] - t[0]));  // from the first point, so that it cannot underflow
    shape += e * e;
    overlap += e * chi[i];
  }
  const double amplitude = overlap / shape;
  Exponential out{amplitude * std::exp(rate * t[0]), 0};
  for (std::size_t i = 0; i < t.size(); ++i) {
    const double rest = chi[i] - amplitude * std::exp(-rate * (t[i] - t[0]));
    out.residual += rest * rest;
  }
  return out;
}

}  // namespace

TailFit tail_fit(std::span<const double> t, std::span<const double> chi) {
  if (t.size() != chi.size())
    reject({"tail_fit.chi", std::to_string(chi.size()), "must be as long as t", ""});
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (t[i] > 0 && (i == 0 || t[i] > t[i - 1])) continue;
    reject({fmt::format("tail_fit.t[{}]", i),
            fmt::format("{}", t[i]),
            "must be positive and increasing",
            ""});
  }
  TailFit fit;
  fit.status = Status::too_short;
  if (t.size() < 5) return fit;
  fit.status = Status::undefined;
  double mean = 0;
  for (const double x : chi) mean += x / static_cast<double>(chi.size());
  double variance = 0;
  for (const double x : chi) variance += (x - mean) * (x - mean);
  const double rounding = 1e-14 * mean;
  const bool varies = variance > static_cast<double>(chi.size()) * rounding * rounding;
  if (!varies || !std::isfinite(variance)) return fit;
  std::vector<double> logs(t.size());
  std::transform(t.begin(), t.end(), logs.begin(), [](double x) { return std::log(x); });
  const LinearFit line = linear_fit(logs, chi);
  fit.intercept = line.intercept.value;
  fit.slope = -line.slope.value;
  fit.logarithm_r_squared = line.quality.r_squared;

  // One bounded parameter: a scan of ln rate, then golden section between the neighbours of the
  // best.
  constexpr int kScan = 120;
  const double low = std::log(1e-3 / t.back());
  const double high = std::log(20 / t.front());
  const auto left_at = [&](double log_rate) {
    return at_rate(std::exp(log_rate), t, chi).residual;
  };
  int best = 0;
  const auto grid = [&](int i) { return low + (high - low) * i / kScan; };
  for (int i = 1; i <= kScan; ++i) {
    if (left_at(grid(i)) < left_at(grid(best))) best = i;
  }
  double a = grid(std::max(best - 1, 0));
  double b = grid(std::min(best + 1, kScan));
  const double golden = 0.5 * (std::sqrt(5.0) - 1);
  for (int i = 0; i < 60; ++i) {
    const double x = b - golden * (b - a);
    const double y = a + golden * (b - a);
    if (left_at(x) < left_at(y)) {
      b = y;
    } else {
      a = x;
    }
  }
  const double rate = std::exp(0.5 * (a + b));
  const Exponential found = at_rate(rate, t, chi);
  fit.amplitude = found.amplitude;
  fit.time = best == 0 ? kInfinity : 1 / rate;
  fit.exponential_r_squared = 1 - found.residual / variance;
  fit.status = Status::ok;
  return fit;
}

}  // namespace thermoscape::analysis
