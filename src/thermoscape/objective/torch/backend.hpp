#pragma once
#include "thermoscape/objective/torch_library.hpp"

namespace thermoscape::networks {

/// torch_backend() of torch_library.hpp, inside the shared library.
[[nodiscard]] TorchBackend measured_backend();

}  // namespace thermoscape::networks
