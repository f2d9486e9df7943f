#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// {"sizes", "examples", "batch", "path", "seconds"} -> {"seconds_per_step", "bytes_per_step"}: SGD
/// with the second layer recorded to a stream at every step.
Json sgd_step_recorded(const Json& request);
/// {"rows", "columns", "path"} -> {"seconds", "variances", "peak_bytes", "array_bytes"}: writes a
/// drifting random walk as raw doubles to `path`, then takes its full PCA from memory.
Json trajectory_pca(const Json& request);
/// {"sizes", "examples", "points", "seconds"} -> seconds a point of a profile: "layer" and "all"
/// with LossLine, "forward" by a whole forward pass.
Json profile(const Json& request);

}  // namespace thermoscape::bench
