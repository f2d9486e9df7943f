#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>  // before all of LibTorch: clang needs IValue complete where the others use lists of it

#include <ATen/ATen.h>

#include "thermoscape/core/noise.hpp"

namespace thermoscape::networks {

using Tensors = std::vector<at::Tensor>;

/// A named tensor of a network: a parameter or a running statistic, with its value as made or
/// saved.
struct Named {
  std::string name;
  at::Tensor value;
};

/// What a forward pass works with. Tensors are in the order of the network's parameters() and
/// buffers().
struct Pass {
  const Tensors& parameters;
  const Tensors& buffers;
  const at::Tensor& inputs;  ///< [n, shape of an example]
  const at::Tensor& labels;  ///< [n], for networks that return their loss
  bool training = false;     ///< batch statistics and dropout; buffers are updated in place
};

/// A network as a function of its parameters: no Module, no state but what a Pass brings. One
/// instance serves one thread.
class Network {
 public:
  virtual ~Network() = default;
  [[nodiscard]] virtual std::unique_ptr<Network> clone() const = 0;
  [[nodiscard]] virtual const std::vector<Named>& parameters() const = 0;
  [[nodiscard]] virtual const std::vector<Named>& buffers() const = 0;
  /// Logits [n, C], or the loss: a mean over the batch [], or one an example [n].
  [[nodiscard]] virtual at::Tensor forward(const Pass& pass) = 0;
  /// A starting point, in the order of parameters().
  [[nodiscard]] virtual Tensors initial(const Noise& noise) const = 0;
};

}  // namespace thermoscape::networks
