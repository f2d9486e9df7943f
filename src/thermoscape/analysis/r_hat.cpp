#include "thermoscape/analysis/r_hat.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <boost/math/special_functions/erf.hpp>

#include "thermoscape/analysis/autocorrelation.hpp"
#include "thermoscape/analysis/autocovariance.hpp"

namespace thermoscape::analysis {
namespace {

struct MeanVariance {
  double mean = 0;
  double variance = 0;  ///< divided by n - 1
};

MeanVariance mean_variance(std::span<const double> x) {
  MeanVariance out;
  const double n = static_cast<double>(x.size());
  out.mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  for (const double v : x) out.variance += (v - out.mean) * (v - out.mean);
  out.variance /= n - 1;
  return out;
}

/// W, and B/n, of parts of equal length.
struct Between {
  double within = 0;
  double between = 0;
};

Between compare(const std::vector<std::span<const double>>& parts) {
  Between out;
  std::vector<double> means;
  for (const auto part : parts) {
    const MeanVariance one = mean_variance(part);
    means.push_back(one.mean);
    out.within += one.variance / static_cast<double>(parts.size());
  }
  if (means.size() > 1) out.between = mean_variance(means).variance;
  return out;
}

/// Normal scores Φ⁻¹((rank - 3/8) / (N + 1/4)), ties at their mean rank.
void normal_scores(std::vector<double>& values) {
  const std::size_t n = values.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] < values[b];
  });
  std::vector<double> scores(n);
  for (std::size_t i = 0; i < n;) {
    std::size_t end = i + 1;
    while (end < n && values[order[end]] == values[order[i]]) ++end;
    const double rank = 0.5 * static_cast<double>(i + 1 + end);
    const double p = (rank - 0.375) / (static_cast<double>(n) + 0.25);
    const double score = std::sqrt(2.0) * boost::math::erf_inv(2 * p - 1);
    for (; i < end; ++i) scores[order[i]] = score;
  }
  values = std::move(scores);
}

Status usable(Chains chains, std::size_t length) {
  if (chains.empty()) return Status::undefined;
  if (length < 4) return Status::too_short;
  for (const auto chain : chains) {
    if (!std::all_of(chain.begin(), chain.end(), [](double x) { return std::isfinite(x); })) {
      return Status::diverged;
    }
  }
  return Status::ok;
}

std::size_t shortest(Chains chains) {
  std::size_t n = chains.empty() ? 0 : chains[0].size();
  for (const auto chain : chains) n = std::min(n, chain.size());
  return n;
}

}  // namespace

Estimate split_r_hat(Chains chains, bool rank_normalised) {
  constexpr std::size_t kKept = 100000;
  const std::size_t length = shortest(chains);
  Estimate out;
  out.status = usable(chains, length);
  if (!out.ok()) return out;
  const std::size_t stride = (length + kKept - 1) / kKept;
  const std::size_t half = length / stride / 2;
  std::vector<double> pool;
  pool.reserve(2 * half * chains.size());
  for (const auto chain : chains) {
    for (std::size_t i = 0; i < 2 * half; ++i) pool.push_back(chain[i * stride]);
  }
  if (rank_normalised) normal_scores(pool);
  std::vector<std::span<const double>> parts;
  for (std::size_t i = 0; i < pool.size(); i += half)
    parts.push_back(std::span(pool).subspan(i, half));
  const Between b = compare(parts);
  if (!(b.within > 0)) {
    out.status = Status::undefined;
    return out;
  }
  const double n = static_cast<double>(half);
  return {std::sqrt((n - 1) / n + b.between / b.within), 0, Status::ok};
}

Estimate effective_samples(Chains chains) {
  const std::size_t length = shortest(chains);
  Estimate out;
  out.status = usable(chains, length);
  if (!out.ok()) return out;
  std::vector<std::span<const double>> parts;
  for (const auto chain : chains) parts.push_back(chain.first(length));
  const Between b = compare(parts);
  if (!(b.within > 0)) {
    out.status = Status::undefined;
    return out;
  }
  const double n = static_cast<double>(length);
  const double m = static_cast<double>(parts.size());
  const double total = b.within * (n - 1) / n + b.between;
  std::vector<double> rho(length / 2 + 1, 1 - b.within / total);
  for (const auto part : parts) {
    const std::vector<double> c = autocovariance(residuals(part, false), length / 2);
    for (std::size_t k = 0; k < rho.size(); ++k) rho[k] += c[k] / (m * total);
  }
  rho[0] = 1;
  const IntegratedTime tau = integrated_time(rho, 5);
  const double value = std::min(m * n, m * n / (2 * std::max(tau.time, 0.5)));
  const double relative = std::sqrt(2 * (2 * static_cast<double>(tau.window) + 1) / (m * n));
  return {value, value * relative, tau.closed ? Status::ok : Status::too_short};
}

}  // namespace thermoscape::analysis
