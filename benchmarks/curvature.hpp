#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// Loss and gradient of a ReLU network on all examples, and one draw of as many normals as it has
/// parameters: median processor time of each.
[[nodiscard]] Json gradient(const Json& request);
/// The dense Hessian of a ReLU network with biases in float: full, Gauss-Newton and residual.
[[nodiscard]] Json dense_hessian(const Json& request);
/// The dense Hessian and all its eigenvalues in double.
[[nodiscard]] Json dense_spectrum(const Json& request);

}  // namespace thermoscape::bench
