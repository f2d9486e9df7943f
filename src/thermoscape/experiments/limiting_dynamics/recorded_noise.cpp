#include "thermoscape/experiments/limiting_dynamics/recorded_noise.hpp"

#include <cmath>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"

namespace thermoscape {

std::optional<Estimate> recorded_noise_trace(const RunView& view,
                                             std::size_t task,
                                             double batch,
                                             double skip) {
  const auto mean_of = [&](const char* probe) {
    const Recorded recorded = view.recorded(task, probe);
    const auto first =
        static_cast<std::ptrdiff_t>(skip * static_cast<double>(recorded.values.size()));
    const std::vector<double> kept(recorded.values.begin() + first, recorded.values.end());
    return analysis::blocking(kept).mean;
  };
  constexpr const char* kOfBatches = "gradient_norm_squared";
  constexpr const char* kOfAll = "full_gradient_norm_squared";
  if (!view.records(task, kOfBatches) || !view.records(task, kOfAll)) return std::nullopt;
  const Estimate batches = mean_of(kOfBatches);
  const Estimate all = mean_of(kOfAll);
  return Estimate{batch * (batches.value - all.value),
                  batch * std::hypot(batches.standard_error, all.standard_error),
                  analysis::worse(batches.status, all.status)};
}

}  // namespace thermoscape
