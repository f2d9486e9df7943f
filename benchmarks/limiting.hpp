#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// The displacement curve of `modes` eigenvalues at `times` log-spaced times: median processor
/// time.
[[nodiscard]] Json theory_curves(const Json& request);
/// Loss and gradient of linear regression [`inputs` x `targets`] on random batches of `batch` of
/// `examples`: median processor time of a step, bytes and flop of one pass.
[[nodiscard]] Json linear_regression_step(const Json& request);
/// Bytes per second at which one core reads an array far larger than its caches.
[[nodiscard]] Json stream_bandwidth(const Json& request);

}  // namespace thermoscape::bench
