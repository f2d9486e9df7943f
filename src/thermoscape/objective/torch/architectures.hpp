#pragma once
#include <memory>

#include "thermoscape/objective/networks.hpp"
#include "thermoscape/objective/torch/network.hpp"

namespace thermoscape::networks {

/// A built-in network for inputs [channels, height, width] and `classes` outputs; `like` gives the
/// type and device of its tensors. initial(): stream "network.initial", one step a parameter.
/// Throws Error unless the shape is that of an image large enough for the architecture.
[[nodiscard]] std::unique_ptr<Network> make_architecture(Architecture architecture,
                                                         const NetworkSettings& settings,
                                                         const std::vector<std::int64_t>& shape,
                                                         std::int64_t classes,
                                                         const at::TensorOptions& like);

}  // namespace thermoscape::networks
