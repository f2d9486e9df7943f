#pragma once
#include <optional>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

/// tr Σ of the gradient noise averaged along a task, from batches alone:
///   S (⟨|g_B|²⟩ - ⟨|∇L|²⟩)
/// with S the `batch` of independent_batch.hpp. Needs the probes `gradient_norm_squared`, best at
/// every step, and `full_gradient_norm_squared`, for which a look now and then is enough where the
/// mean force is small; nullopt unless both are recorded. The first `skip` of either is left out;
/// the error is that of blocked means. Where noise comes in bursts, its value at either end of a
/// run says little about the run.
[[nodiscard]] std::optional<Estimate> recorded_noise_trace(const RunView& view,
                                                           std::size_t task,
                                                           double batch,
                                                           double skip);

}  // namespace thermoscape
