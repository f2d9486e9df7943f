#pragma once
#include <cstdint>

#include "thermoscape/objective/torch/network.hpp"

namespace thermoscape::networks {

/// y = w * x for images x [n, in, h, w] and kernels w [out, in, k, k], as at::conv2d, with faster
/// second derivatives. LibTorch's own go through its plain transposed convolution; here the three
/// bilinear maps y(x, w), x̄(ȳ, w) and w̄(x, ȳ) are each other's derivatives, so that any order is
/// made of the same three kernels, a third less time for a Hessian product of a LeNet.
[[nodiscard]] at::Tensor convolve(const at::Tensor& x,
                                  const at::Tensor& w,
                                  std::int64_t stride,
                                  std::int64_t padding);

}  // namespace thermoscape::networks
