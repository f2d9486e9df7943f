#include "thermoscape/experiments/over_draws.hpp"

#include <cmath>

namespace thermoscape {

Estimate over_draws(std::span<const double> values) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double x : values) mean += x / n;
  if (!std::isfinite(mean)) return {};
  if (values.size() == 1) return {mean, 0, Status::too_short};
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {mean, std::sqrt(squares / (n * (n - 1))), Status::ok};
}

}  // namespace thermoscape
