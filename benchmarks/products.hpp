#pragma once
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {

/// Hessian products of LeNet with random images of CIFAR-10's shape, float, {"examples", "block",
/// "seconds"}: median processor time of a product in a block, its graph made once a block
/// ("seconds_per_step"), and of one with the graph at hand ("kept").
[[nodiscard]] Json lenet_products(const Json& request);

}  // namespace thermoscape::bench
