#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/objective/networks.hpp"
#include "thermoscape/objective/torch/network.hpp"

namespace thermoscape::networks {

/// How the initial value of a parameter is drawn.
struct Law {
  double deviation = 0;  ///< of normal weights
  double mean = 0;
};

/// The layers of a network as it runs. An architecture is a function that calls them in order: run
/// once without tensors, it declares its parameters and buffers; with a Pass it is the network.
class Layers {
 public:
  /// Declares: tensors are made as they are asked for, of the type of the inputs.
  explicit Layers(const NetworkSettings& settings) : settings_(settings) {}
  Layers(const NetworkSettings& settings, const Pass& pass) : settings_(settings), pass_(&pass) {}

  /// round(width · base), at least one.
  [[nodiscard]] std::int64_t scaled(std::int64_t base) const;
  /// Convolution, then batch norm if the settings say so.
  at::Tensor convolution(const std::string& name,
                         const at::Tensor& x,
                         std::int64_t channels,
                         std::int64_t kernel,
                         std::int64_t padding,
                         std::int64_t stride = 1);
  at::Tensor dense(const std::string& name,
                   const at::Tensor& x,
                   std::int64_t outputs,
                   bool normalised = false);
  at::Tensor activation(const at::Tensor& x) const;
  /// φ, then a max-pool that halves height and width; an image of one pixel is not pooled.
  at::Tensor pooled(const at::Tensor& x) const;

  [[nodiscard]] std::vector<Named>& parameters() { return parameters_; }
  [[nodiscard]] std::vector<Named>& buffers() { return buffers_; }
  [[nodiscard]] std::vector<Law>& laws() { return laws_; }

 private:
  at::Tensor parameter(const std::string& name,
                       const at::Tensor& like,
                       at::IntArrayRef shape,
                       Law law);
  at::Tensor buffer(const std::string& name,
                    const at::Tensor& like,
                    std::int64_t size,
                    double value);
  at::Tensor batch_norm(const std::string& name, const at::Tensor& x);
  [[nodiscard]] Law weights(std::int64_t fan_in, std::int64_t fan_out) const;

  const NetworkSettings& settings_;
  const Pass* pass_ = nullptr;
  std::size_t next_parameter_ = 0;
  std::size_t next_buffer_ = 0;
  std::vector<Named> parameters_;
  std::vector<Named> buffers_;
  std::vector<Law> laws_;
};

}  // namespace thermoscape::networks
