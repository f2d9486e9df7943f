#pragma once
#include <cstring>
#include <mutex>
#include <span>

#include <ATen/core/ivalue.h>  // before all of LibTorch, as in network.hpp

#include <torch/csrc/autograd/autograd.h>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/torch/network.hpp"

/// The borders of torch_objective.cpp and torch_products.cpp with LibTorch.
namespace thermoscape::networks {

/// Threads inside an operation: of LibTorch in this thread, and of its BLAS.
void use_threads(int threads);

/// A tensor of its own with the numbers of a span.
template <class Real>
[[nodiscard]] at::Tensor copy_in(std::span<const Real> values, const at::Device& device) {
  auto* const data = const_cast<Real*>(values.data());  // from_blob takes no const
  const auto size = static_cast<std::int64_t>(values.size());
  return at::from_blob(data, {size}, at::CppTypeToScalarType<Real>::value).clone().to(device);
}

/// Writes the elements of a tensor, row-major, and returns where the next ones go.
template <class Real>
Real* copy_out(const at::Tensor& tensor, Real* out) {
  const at::Tensor plain =
      tensor.detach().to(at::kCPU, at::CppTypeToScalarType<Real>::value).contiguous();
  const auto size = static_cast<std::size_t>(plain.numel());
  if (size > 0) std::memcpy(out, plain.template data_ptr<Real>(), size * sizeof(Real));
  return out + size;
}

/// Σ_k ∂outputs_k/∂inputs · weights_k, by input; undefined where an input has no part in them.
/// `keep` leaves the graph for another call, `create` makes the result differentiable.
[[nodiscard]] inline Tensors gradients_of(const Tensors& outputs,
                                          const Tensors& inputs,
                                          const Tensors& weights,
                                          bool keep = false,
                                          bool create = false) {
  return ::torch::autograd::grad(outputs, inputs, weights, keep, create, /*allow_unused=*/true);
}

/// f() with LibTorch's generator seeded by (noise, step). It is one for all threads: one at a time.
template <class F>
auto with_seed(const Noise& noise, std::int64_t step, F&& f) {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  at::manual_seed(noise.fork("network.training", static_cast<std::uint64_t>(step)).key());
  return f();
}

}  // namespace thermoscape::networks
