#include "thermoscape/objective/torch/layers.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/objective/torch/convolution.hpp"

namespace thermoscape::networks {

std::int64_t Layers::scaled(std::int64_t base) const {
  return std::max<std::int64_t>(1, std::llround(settings_.width * static_cast<double>(base)));
}

at::Tensor Layers::parameter(const std::string& name,
                             const at::Tensor& like,
                             at::IntArrayRef shape,
                             Law law) {
  if (pass_ != nullptr) return pass_->parameters[next_parameter_++];
  const at::Tensor value = at::full(shape, law.mean, like.options());
  parameters_.push_back({name, value});
  laws_.push_back(law);
  return value;
}

at::Tensor Layers::buffer(const std::string& name,
                          const at::Tensor& like,
                          std::int64_t size,
                          double value) {
  if (pass_ != nullptr) return pass_->buffers[next_buffer_++];
  const at::Tensor made = at::full({size}, value, like.options());
  buffers_.push_back({name, made});
  return made;
}

Law Layers::weights(std::int64_t fan_in, std::int64_t fan_out) const {
  const std::int64_t fan = settings_.initialisation == "kaiming-normal" ? fan_in : fan_in + fan_out;
  return {std::sqrt(2 / static_cast<double>(fan)), 0};
}

at::Tensor Layers::batch_norm(const std::string& name, const at::Tensor& x) {
  constexpr double kMomentum = 0.1;
  constexpr double kEpsilon = 1e-5;
  const std::int64_t channels = x.size(1);
  const at::Tensor scale = parameter(name + ".weight", x, {channels}, {0, 1});
  const at::Tensor shift = parameter(name + ".bias", x, {channels}, {0, 0});
  const at::Tensor mean = buffer(name + ".running_mean", x, channels, 0);
  const at::Tensor variance = buffer(name + ".running_var", x, channels, 1);
  const bool training = pass_ != nullptr && pass_->training;
  return at::batch_norm(
      x, scale, shift, mean, variance, training, kMomentum, kEpsilon, /*cudnn_enabled=*/false);
}

at::Tensor Layers::convolution(const std::string& name,
                               const at::Tensor& x,
                               std::int64_t channels,
                               std::int64_t kernel,
                               std::int64_t padding,
                               std::int64_t stride) {
  const std::int64_t area = kernel * kernel;
  const at::Tensor weight = parameter(name + ".weight",
                                      x,
                                      {channels, x.size(1), kernel, kernel},
                                      weights(x.size(1) * area, channels * area));
  at::Tensor bias;
  if (settings_.biases && !settings_.batch_norm)
    bias = parameter(name + ".bias", x, {channels}, {});
  at::Tensor z = convolve(x, weight, stride, padding);
  if (bias.defined()) z = z + bias.view({1, channels, 1, 1});
  return settings_.batch_norm ? batch_norm(name + ".norm", z) : z;
}

at::Tensor Layers::dense(const std::string& name,
                         const at::Tensor& x,
                         std::int64_t outputs,
                         bool normalised) {
  const bool norm = normalised && settings_.batch_norm;
  const at::Tensor flat = x.flatten(1);
  const std::int64_t inputs = flat.size(1);
  const at::Tensor weight =
      parameter(name + ".weight", x, {outputs, inputs}, weights(inputs, outputs));
  at::Tensor bias;
  if (settings_.biases && !norm) bias = parameter(name + ".bias", x, {outputs}, {});
  const at::Tensor z = at::linear(flat, weight, bias);
  return norm ? batch_norm(name + ".norm", z) : z;
}

at::Tensor Layers::activation(const at::Tensor& x) const {
  if (settings_.activation == "tanh") return at::tanh(x);
  if (settings_.activation == "gelu") return at::gelu(x);
  return at::relu(x);
}

at::Tensor Layers::pooled(const at::Tensor& x) const {
  if (x.size(2) < 2 || x.size(3) < 2) return activation(x);
  // A maximum commutes with a function that rises, which then costs a quarter.
  if (settings_.activation == "gelu") return at::max_pool2d(activation(x), 2);
  return activation(at::max_pool2d(x, 2));
}

}  // namespace thermoscape::networks
