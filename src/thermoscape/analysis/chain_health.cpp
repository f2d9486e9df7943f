#include "thermoscape/analysis/chain_health.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/autocorrelation.hpp"
#include "thermoscape/analysis/blocking.hpp"

namespace thermoscape::analysis {
namespace {

/// How many standard errors `e` is from `expected`; 0 if it cannot be told, infinite for an exact
/// difference.
double significance(const Estimate& e, double expected) {
  const double difference = e.value - expected;
  if (!std::isfinite(difference) || !std::isfinite(e.standard_error)) return 0;
  if (difference == 0) return 0;
  return difference / e.standard_error;
}

Status direction(double rising) {
  return rising > 0 ? Status::relaxing : Status::ageing;
}

void judge_stationarity(Health& out,
                        const std::optional<Estimate>& identity,
                        const HealthOptions& options) {
  const double sigmas = significance(out.drift, 0);
  if (std::abs(sigmas) > options.drift_significance &&
      std::abs(out.drift.value) > options.drift_tolerance) {
    out.status = direction(out.drift.value);
    out.reason = fmt::format(
        "the loss {} by {:.2g} of its mean between the halves of the window, {:.1f} standard "
        "errors",
        out.drift.value > 0 ? "rises" : "falls",
        std::abs(out.drift.value),
        std::abs(sigmas));
    return;
  }
  if (!identity) return;
  const double departure = significance(*identity, 1);
  if (std::abs(departure) > options.drift_significance &&
      std::abs(identity->value - 1) > options.identity_tolerance) {
    out.status = direction(1 - identity->value);
    out.reason = fmt::format("⟨|∇L|²⟩ = {:.3g} T⟨tr H⟩ instead of T⟨tr H⟩: the loss still {}",
                             identity->value,
                             identity->value < 1 ? "rises" : "falls");
  }
}

}  // namespace

Spikes find_spikes(std::span<const double> series, double factor) {
  check_range(factor, Range{1, kInfinity, true}, "median", "find_spikes.factor");
  Spikes out;
  if (series.empty()) return out;
  std::vector<double> copy(series.begin(), series.end());
  const auto middle = copy.begin() + static_cast<std::ptrdiff_t>(copy.size() / 2);
  std::nth_element(copy.begin(), middle, copy.end());
  out.threshold = factor * *middle;
  bool inside = false;
  out.largest = series[0];
  for (std::size_t i = 0; i < series.size(); ++i) {
    out.largest = std::max(out.largest, series[i]);
    const bool above = series[i] > out.threshold;
    if (above) ++out.samples;
    if (above && !inside) {
      ++out.count;
      if (out.positions.size() < 100) out.positions.push_back(static_cast<std::int64_t>(i));
    }
    inside = above;
  }
  return out;
}

Estimate drift(std::span<const double> series) {
  const std::size_t half = series.size() / 2;
  const Estimate first = blocking(series.first(half)).mean;
  const Estimate second = blocking(series.last(half)).mean;
  const double mean = 0.5 * (first.value + second.value);
  Estimate out;
  out.status = worse(first.status, second.status);
  if (out.status == Status::undefined || out.status == Status::diverged) return out;
  if (mean == 0) return {};
  out.value = (second.value - first.value) / std::abs(mean);
  out.standard_error = std::hypot(first.standard_error, second.standard_error) / std::abs(mean);
  return out;
}

Health chain_health(Chains chains,
                    double interval,
                    const std::optional<Estimate>& identity,
                    const HealthOptions& options) {
  validate(options, "chain_health");
  check_range(interval, kPositive, "time", "chain_health.interval");
  if (chains.empty()) reject({"chain_health.chains", "none", "must be at least one", ""});
  Health out;
  if (identity && std::isfinite(identity->value)) {
    out.identity = identity->value;
    out.identity_error = identity->standard_error;
  }
  for (const auto chain : chains) {
    if (std::all_of(chain.begin(), chain.end(), [](double x) { return std::isfinite(x); }))
      continue;
    out.status = Status::diverged;
    out.reason = "a recorded loss is not finite";
    return out;
  }

  std::vector<Estimate> drifts, half_times;
  std::int64_t longest_spike = 0;
  double worst_spike = 0;
  std::size_t shortest_chain = chains[0].size();
  bool every_half_time = true;
  AutocorrelationOptions correlation;
  correlation.minimum_half_times = 0;  // judged here, for all chains together
  for (std::size_t i = 0; i < chains.size(); ++i) {
    const Spikes spikes = find_spikes(chains[i], options.spike_factor);
    if (spikes.count > 0 && out.spikes == 0) {
      out.spike_chain = static_cast<std::int64_t>(i);
      out.spike_position = spikes.positions.front();
    }
    out.spikes += spikes.count;
    longest_spike += spikes.samples;
    if (spikes.count > 0)
      worst_spike = std::max(worst_spike, spikes.largest * options.spike_factor / spikes.threshold);
    drifts.push_back(drift(chains[i]));
    half_times.push_back(autocorrelation(chains[i], interval, correlation).half_time);
    every_half_time = every_half_time && half_times.back().value > 0;
    shortest_chain = std::min(shortest_chain, chains[i].size());
  }
  const CombineOptions all{false};
  out.drift = combine(drifts, all).estimate;
  out.half_time = combine(half_times, all).estimate;
  out.r_hat = split_r_hat(chains, options.rank_normalised);
  out.effective_samples = effective_samples(chains);
  if (out.half_time.value > 0) {
    out.half_times = static_cast<double>(shortest_chain) * interval / out.half_time.value;
  }

  if (out.spikes > 0) {
    out.status = Status::spiked;
    out.reason = fmt::format("{} spike{} ({} samples) up to {:.3g} times the median",
                             out.spikes,
                             out.spikes == 1 ? "" : "s",
                             longest_spike,
                             worst_spike);
    return out;
  }
  judge_stationarity(out, identity, options);
  if (out.status != Status::undefined) return out;
  if (!every_half_time) {
    out.status = Status::too_short;
    out.reason = "the correlation of a chain does not fall to one half inside the window";
  } else if (out.half_times < options.minimum_half_times) {
    out.status = Status::too_short;
    out.reason = fmt::format("the window is {:.3g} τ½ long, less than {:.3g}",
                             out.half_times,
                             options.minimum_half_times);
  } else if (out.r_hat.ok() && out.r_hat.value > options.maximum_r_hat) {
    out.status = Status::not_converged;
    out.reason = fmt::format("split R-hat is {:.3f}, above {:.3g}: the chains differ",
                             out.r_hat.value,
                             options.maximum_r_hat);
  } else {
    out.status = Status::ok;
    out.reason = fmt::format("stationary over {:.3g} τ½, {:.3g} independent samples",
                             out.half_times,
                             out.effective_samples.value);
  }
  return out;
}

}  // namespace thermoscape::analysis
