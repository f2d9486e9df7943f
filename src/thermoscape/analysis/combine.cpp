#include "thermoscape/analysis/combine.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace thermoscape::analysis {
namespace {

constexpr std::array kBySeverity = {Status::ok,
                                    Status::too_short,
                                    Status::not_converged,
                                    Status::ageing,
                                    Status::relaxing,
                                    Status::out_of_range,
                                    Status::spiked,
                                    Status::diverged,
                                    Status::undefined};

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// Standard error of the mean from the scatter; 0 for fewer than two values.
double spread_of(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double mean = mean_of(values);
  const double k = static_cast<double>(values.size());
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / (k - 1) / k);
}

/// Standard error of a mean of independent values with these standard errors; unknown ones count as
/// 0.
double propagate(std::span<const double> errors) {
  double squares = 0;
  for (const double e : errors) squares += std::isfinite(e) ? e * e : 0;
  return std::sqrt(squares) / static_cast<double>(errors.size());
}

}  // namespace

Status worse(Status a, Status b) {
  const auto rank = [](Status s) { return std::find(kBySeverity.begin(), kBySeverity.end(), s); };
  return rank(a) < rank(b) ? b : a;
}

Combined combine(std::span<const Estimate> members, const CombineOptions& options) {
  Combined out;
  std::vector<double> values, errors;
  Status kept = Status::ok, left_out = Status::ok;
  for (const Estimate& member : members) {
    if (!std::isfinite(member.value) || (options.exclude_not_ok && !member.ok())) {
      left_out = worse(left_out, member.ok() ? Status::undefined : member.status);
      ++out.excluded;
      continue;
    }
    kept = worse(kept, member.status);
    values.push_back(member.value);
    errors.push_back(member.standard_error);
  }
  out.used = static_cast<std::int64_t>(values.size());
  if (values.empty()) {
    out.estimate.status = members.empty() ? Status::undefined : left_out;
    return out;
  }
  out.within_error = propagate(errors);
  out.spread_error = spread_of(values);
  out.estimate = {mean_of(values), std::max(out.within_error, out.spread_error), kept};
  return out;
}

Nested combine_minima(std::span<const std::vector<Estimate>> members,
                      const CombineOptions& options) {
  Nested out;
  std::vector<double> means, within, replica;
  Status kept = Status::ok, left_out = members.empty() ? Status::undefined : Status::ok;
  for (const std::vector<Estimate>& minimum : members) {
    const Combined one = combine(minimum, options);
    out.used += one.used;
    out.excluded += one.excluded;
    if (one.used == 0) {
      ++out.minima_excluded;
      left_out = worse(left_out, one.estimate.status);
      continue;
    }
    ++out.minima_used;
    kept = worse(kept, one.estimate.status);
    means.push_back(one.estimate.value);
    within.push_back(one.within_error);
    replica.push_back(one.spread_error);
  }
  if (means.empty()) {
    out.estimate.status = left_out;
    return out;
  }
  out.within_error = propagate(within);
  out.replica_error = propagate(replica);
  out.minimum_error = spread_of(means);
  out.estimate = {
      mean_of(means), std::max({out.within_error, out.replica_error, out.minimum_error}), kept};
  return out;
}

}  // namespace thermoscape::analysis
