#pragma once
#include <cmath>
#include <span>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// A statistic f of g independent groups of samples by leaving out one group at a time.
///   value = g f - (g-1) <f_i>,   SE² = (g-1)/g Σ (f_i - <f_i>)²
/// `all` is f on all groups, `without` [g] holds f with group i left out. The value is free of the
/// bias of order 1/g that a nonlinear f has.  Status: undefined below two groups or if a number is
/// not finite. Reference: Efron, The Jackknife, the Bootstrap and Other Resampling Plans (1982),
/// chapters 2 and 3.
[[nodiscard]] inline Estimate jackknife(double all, std::span<const double> without) {
  const auto groups = static_cast<double>(without.size());
  if (groups < 2) return {};
  double mean = 0;
  for (const double one : without) mean += one / groups;
  double squares = 0;
  for (const double one : without) squares += (one - mean) * (one - mean);
  const double value = groups * all - (groups - 1) * mean;
  const double error = std::sqrt(squares * (groups - 1) / groups);
  if (!std::isfinite(value) || !std::isfinite(error)) return {};
  return {value, error, Status::ok};
}

}  // namespace thermoscape::analysis
