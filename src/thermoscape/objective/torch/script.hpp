#pragma once
#include <memory>
#include <string>

#include "thermoscape/objective/torch/network.hpp"

namespace thermoscape::networks {

/// The network of a TorchScript file, its floating-point tensors of the type and on the device of
/// `like`. The graph executor's optimiser is off: with it, LibTorch 1.13 gives wrong second
/// derivatives from the third call on. initial() is what the file holds. `takes_labels`: forward
/// has the labels as a second argument. Throws Error in one line that names the cause.
[[nodiscard]] std::unique_ptr<Network> read_script(const std::string& file,
                                                   const at::TensorOptions& like,
                                                   bool takes_labels);

}  // namespace thermoscape::networks
