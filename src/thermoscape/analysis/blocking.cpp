#include "thermoscape/analysis/blocking.hpp"

#include <algorithm>
#include <cmath>

namespace thermoscape::analysis {

Blocking Blocker::result(const BlockingOptions& options) const {
  validate(options, "blocking");
  Blocking out;
  const Level& first = levels_[0];
  out.samples = first.count;
  if (first.count == 0) return out;
  const double n = static_cast<double>(first.count);
  out.mean.value = shift_ + first.sum / n;
  if (!std::isfinite(first.squares) || !std::isfinite(out.mean.value)) {
    out.mean.status = Status::diverged;
    return out;
  }
  if (first.count < 2) return out;

  // Variance of the mean as each block length sees it.
  const auto variance_of_mean = [](const Level& level) {
    const double k = static_cast<double>(level.count);
    return std::max(0.0, level.squares - level.sum * level.sum / k) / (k - 1) / k;
  };
  const double naive = variance_of_mean(first);
  out.effective_samples = n;
  if (naive <= 0) {  // a constant series knows its mean exactly
    out.mean.standard_error = 0;
    out.mean.status = Status::ok;
    return out;
  }
  double chosen = naive;
  out.mean.status = Status::too_short;
  double length = 1;
  for (std::size_t i = 0; i < levels_.size(); ++i, length *= 2) {
    if (levels_[i].count < std::max<std::int64_t>(options.minimum_blocks, 2)) break;
    const double here = variance_of_mean(levels_[i]);
    const double g = here / naive;
    if (here >= chosen) {
      chosen = here;
      out.block_length = static_cast<std::int64_t>(length);
    }
    if (length * length * length > 2 * n * g * g) {
      chosen = here;
      out.block_length = static_cast<std::int64_t>(length);
      out.mean.status = Status::ok;
      break;
    }
  }
  out.mean.standard_error = std::sqrt(chosen);
  out.statistical_inefficiency = chosen / naive;
  out.effective_samples = n / out.statistical_inefficiency;
  return out;
}

Blocking blocking(std::span<const double> series, const BlockingOptions& options) {
  Blocker blocker;
  for (const double x : series) blocker.push(x);
  return blocker.result(options);
}

}  // namespace thermoscape::analysis
