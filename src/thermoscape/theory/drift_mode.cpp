#include "thermoscape/theory/drift_mode.hpp"

#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/field.hpp"

namespace thermoscape::theory {

DriftMode drift_mode(const std::vector<double>& losses, const std::vector<double>& decay_rates) {
  if (losses.empty() || losses.size() != decay_rates.size()) {
    reject({"drift mode",
            fmt::format("{} losses and {} decay rates", losses.size(), decay_rates.size()),
            "must be two lists of one length, at least 1",
            ""});
  }
  check_range(losses, kPositive, "[loss]", "losses");
  check_range(decay_rates, kAny, "1/[θ]", "decay_rates");
  double total = 0;
  double weighted = 0;
  for (std::size_t k = 0; k < losses.size(); ++k) {
    total += losses[k];
    weighted += losses[k] * decay_rates[k];
  }
  DriftMode mode;
  mode.slope = weighted / total;
  for (std::size_t k = 0; k < losses.size(); ++k) {
    mode.half_curvature += losses[k] / total * std::pow(decay_rates[k] - mode.slope, 2) / 2;
  }
  const double beta2 = mode.half_curvature;
  // Equal rates leave a variance of rounding, and no width.
  if (beta2 <= 1e-28 * mode.slope * mode.slope) return mode;
  mode.width = value_within(std::sqrt(mode.slope * mode.slope + 4 * beta2) / beta2, true);
  return mode;
}

}  // namespace thermoscape::theory
