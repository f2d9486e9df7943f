#include "thermoscape/analysis/autocorrelation.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/autocovariance.hpp"
#include "thermoscape/analysis/blocking.hpp"

namespace thermoscape::analysis {
namespace {

/// Where χ first reaches ½: between lags `below` and `below + 1`, at fraction `part`.
struct Crossing {
  std::size_t below = 0;
  double part = 0;
  bool found = false;
};

Crossing first_half(std::span<const double> chi) {
  for (std::size_t k = 1; k < chi.size(); ++k) {
    if (chi[k] <= 0.5) return {k - 1, (chi[k - 1] - 0.5) / (chi[k - 1] - chi[k]), true};
  }
  return {};
}

/// δτ½ = -δχ(τ½)/χ'(τ½), and χ(τ½) = c(τ½)/c(0) is a ratio of means over the series: block their
/// influence. The slope is a chord over half of τ½, since that between two neighbouring lags can be
/// mostly noise.
Estimate half_time_error(std::span<const double> x,
                         std::span<const double> chi,
                         const Crossing& at) {
  const double tau = static_cast<double>(at.below) + at.part;
  const auto reach = static_cast<std::size_t>(std::max(1.0, tau / 4));
  const std::size_t low = at.below + 1 > reach ? at.below + 1 - reach : 0;
  const std::size_t high = std::min(chi.size() - 1, at.below + reach);
  const double slope = (chi[low] - chi[high]) / static_cast<double>(high - low);
  double c0 = 0;
  for (const double value : x) c0 += value * value;
  c0 /= static_cast<double>(x.size());
  Blocker blocks;
  for (std::size_t t = 0; t + at.below + 1 < x.size(); ++t) {
    const double later = (1 - at.part) * x[t + at.below] + at.part * x[t + at.below + 1];
    blocks.push((x[t] * later - 0.5 * x[t] * x[t]) / (c0 * slope));
  }
  return blocks.result().mean;
}

/// τ = Σ_{k<=W} c(k)/c(0) - ½ at fixed W is such a ratio too; its influence series holds a moving
/// sum of W values.
Estimate integrated_time_error(std::span<const double> x, double tau, std::size_t window) {
  double c0 = 0;
  for (const double value : x) c0 += value * value;
  c0 /= static_cast<double>(x.size());
  double later = 0;
  for (std::size_t t = 1; t <= window && t < x.size(); ++t) later += x[t];
  Blocker blocks;
  for (std::size_t t = 0; t + window < x.size(); ++t) {
    blocks.push(x[t] * (later + (0.5 - tau) * x[t]) / c0);
    if (t + window + 1 < x.size()) later += x[t + window + 1] - x[t + 1];
  }
  return blocks.result().mean;
}

}  // namespace

std::vector<double> residuals(std::span<const double> series, bool remove_trend) {
  const double n = static_cast<double>(series.size());
  std::vector<double> out(series.begin(), series.end());
  if (out.empty()) return out;
  double mean = 0;
  for (const double x : series) mean += x;
  mean /= n;
  double moment = 0;  // Σ (t - tbar) x
  const double centre = 0.5 * (n - 1);
  for (std::size_t t = 0; t < out.size(); ++t) {
    out[t] -= mean;
    moment += (static_cast<double>(t) - centre) * out[t];
  }
  if (!remove_trend || out.size() < 3) return out;
  const double slope = moment / (n * (n * n - 1) / 12);
  for (std::size_t t = 0; t < out.size(); ++t) out[t] -= slope * (static_cast<double>(t) - centre);
  return out;
}

Autocorrelation autocorrelation(std::span<const double> series,
                                double interval,
                                const AutocorrelationOptions& options) {
  validate(options, "autocorrelation");
  check_range(interval, kPositive, "time", "autocorrelation.interval");
  Autocorrelation out;
  out.interval = interval;
  out.samples = static_cast<std::int64_t>(series.size());
  const auto fail = [&out](Status status) {
    out.half_time.status = out.integrated_time.status = status;
    return out;
  };
  if (!std::all_of(series.begin(), series.end(), [](double x) { return std::isfinite(x); })) {
    return fail(Status::diverged);
  }
  if (series.size() < 4) return fail(Status::too_short);
  const std::size_t maximum_lag =
      options.maximum_lag > 0 ? static_cast<std::size_t>(options.maximum_lag) : series.size() / 2;
  const std::vector<double> x = residuals(series, options.remove_trend);
  const std::vector<double> c = autocovariance(x, maximum_lag);
  const double scale = *std::max_element(
      series.begin(), series.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  if (!(c[0] > 1e-30 * scale * scale)) return fail(Status::undefined);

  const double n = static_cast<double>(series.size());
  const double removed = options.remove_trend ? 2 : 1;
  // χ with the bias b undone; b comes from the uncorrected τ. Iterating would feed the heavy tail
  // of τ back into itself.
  const auto chi_with = [&out, &c, &options](double b) {
    for (std::size_t k = 0; k < c.size(); ++k) out.chi[k] = (1 - b) * c[k] / c[0] + b;
    return integrated_time(out.chi, options.window_factor);
  };
  out.chi.resize(c.size());
  IntegratedTime total = chi_with(0);
  if (options.correct_bias) total = chi_with(std::clamp(2 * removed * total.time / n, 0.0, 0.25));
  const double tau = std::max(total.time, 0.5 / n);
  const Estimate spread = integrated_time_error(x, tau, total.window);
  out.effective_samples = n / (2 * tau);
  out.integrated_time = {interval * tau,
                         interval * spread.standard_error,
                         total.closed ? spread.status : Status::too_short};

  const Crossing crossing = first_half(out.chi);
  if (!crossing.found) return out;
  const double half = static_cast<double>(crossing.below) + crossing.part;
  const Estimate error = half_time_error(x, out.chi, crossing);
  out.half_times = n / half;
  const bool enough = out.half_times >= options.minimum_half_times;
  out.half_time = {
      interval * half, interval * error.standard_error, enough ? error.status : Status::too_short};
  if (!enough && out.integrated_time.ok()) out.integrated_time.status = Status::too_short;
  return out;
}

}  // namespace thermoscape::analysis
