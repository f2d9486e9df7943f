#include "thermoscape/experiments/thermal_probe/lag_curve.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace thermoscape {

LagCurve lag_curve(const ReplicaStatistics& replica, double longest, std::int64_t per_decade) {
  LagCurve curve;
  if (replica.chi.size() < 4 || !(replica.interval > 0)) return curve;
  longest = std::min(longest, replica.interval * static_cast<double>(replica.chi.size() - 2));
  for (int i = 0;; ++i) {
    const double lag =
        replica.interval * std::pow(10.0, static_cast<double>(i) / static_cast<double>(per_decade));
    if (lag > longest) break;
    const double position = lag / replica.interval;
    const auto below = static_cast<std::size_t>(position);
    const double part = position - static_cast<double>(below);
    curve.lag.push_back(lag);
    curve.chi.push_back((1 - part) * replica.chi[below] + part * replica.chi[below + 1]);
  }
  return curve;
}

LagCurve mean_of(const std::vector<LagCurve>& curves) {
  LagCurve mean;
  for (const LagCurve& one : curves) {
    if (one.lag.empty()) continue;
    if (mean.lag.empty()) {
      mean = one;
      continue;
    }
    const std::size_t shared = std::min(mean.lag.size(), one.lag.size());
    mean.lag.resize(shared);
    mean.chi.resize(shared);
    for (std::size_t i = 0; i < shared; ++i) mean.chi[i] += one.chi[i];
  }
  const auto used = static_cast<double>(std::count_if(
      curves.begin(), curves.end(), [](const LagCurve& one) { return !one.lag.empty(); }));
  for (double& chi : mean.chi) chi /= used;
  return mean;
}

LagCurve stretched(LagCurve curve, double factor) {
  for (double& lag : curve.lag) lag *= factor;
  return curve;
}

namespace {

/// Root mean square of χ_a - χ_b, evenly in ln Δt over the lags that both have; none if they share
/// less than a factor of two.
std::optional<double> distance(const LagCurve& a, const LagCurve& b) {
  if (a.lag.empty() || b.lag.empty()) return {};
  const double low = std::log(std::max(a.lag.front(), b.lag.front()));
  const double high = std::log(std::min(a.lag.back(), b.lag.back()));
  if (high - low < std::log(2.0)) return {};
  const auto at = [](const LagCurve& curve, double x) {
    const double lag = std::exp(x);
    const auto above =
        std::upper_bound(curve.lag.begin() + 1, curve.lag.end() - 1, lag) - curve.lag.begin();
    const auto i = static_cast<std::size_t>(above);
    const double part =
        std::log(lag / curve.lag[i - 1]) / std::log(curve.lag[i] / curve.lag[i - 1]);
    return (1 - part) * curve.chi[i - 1] + part * curve.chi[i];
  };
  constexpr int kPoints = 200;
  double squares = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double x = low + (high - low) * (i + 0.5) / kPoints;
    const double difference = at(a, x) - at(b, x);
    squares += difference * difference;
  }
  return std::sqrt(squares / kPoints);
}

}  // namespace

Estimate pair_distance(const std::vector<LagCurve>& curves) {
  double sum = 0;
  int pairs = 0;
  for (std::size_t a = 0; a < curves.size(); ++a) {
    for (std::size_t b = a + 1; b < curves.size(); ++b) {
      if (const auto one = distance(curves[a], curves[b])) {
        sum += *one;
        ++pairs;
      }
    }
  }
  return pairs == 0 ? Estimate{} : Estimate{sum / pairs, 0, Status::ok};
}

}  // namespace thermoscape
