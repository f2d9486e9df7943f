#include "thermoscape/analysis/identity.hpp"

#include <cmath>
#include <numeric>

namespace thermoscape::analysis {

Estimate ratio_of_means(std::span<const double> a,
                        std::span<const double> b,
                        const BlockingOptions& options) {
  if (a.size() != b.size()) {
    reject({"ratio_of_means",
            fmt::format("{} and {} values", a.size(), b.size()),
            "must have equal lengths",
            ""});
  }
  Estimate out;
  if (a.empty()) return out;
  const double n = static_cast<double>(a.size());
  const double top = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double bottom = std::accumulate(b.begin(), b.end(), 0.0) / n;
  if (!std::isfinite(top) || !std::isfinite(bottom)) {
    out.status = Status::diverged;
    return out;
  }
  if (bottom == 0) return out;
  const double ratio = top / bottom;
  Blocker blocks;
  for (std::size_t i = 0; i < a.size(); ++i) blocks.push((a[i] - ratio * b[i]) / bottom);
  const Estimate error = blocks.result(options).mean;
  return {ratio, error.standard_error, error.status};
}

Estimate equilibrium_identity(std::span<const double> gradient_squared,
                              std::span<const double> hessian_trace,
                              double temperature,
                              const BlockingOptions& options) {
  check_range(temperature, kPositive, "[loss]", "equilibrium_identity.temperature");
  const Estimate ratio = ratio_of_means(gradient_squared, hessian_trace, options);
  if (std::isfinite(ratio.value) &&
      std::accumulate(hessian_trace.begin(), hessian_trace.end(), 0.0) <= 0) {
    return {};
  }
  return {ratio.value / temperature, ratio.standard_error / temperature, ratio.status};
}

}  // namespace thermoscape::analysis
