#pragma once
#include "thermoscape/objective/mlp/correlate_kernel.hpp"
#include "thermoscape/objective/mlp/layer_kernel.hpp"
#include "thermoscape/objective/mlp/output_kernel.hpp"
#include "thermoscape/objective/mlp/product_kernel.hpp"

namespace thermoscape::mlp {
namespace {

/// The table of kernels for vectors of Bytes and register tiles of Rows x Columns accumulators,
/// which with their operands must fit the registers: Rows * Columns + Columns + 1.
template <class Real, int Bytes, int Rows, int Columns>
const Kernels<Real>& kernel_set() {
  using S = Simd<Real, Bytes>;
  using Correlate = CorrelateKernel<S, Real, Rows, Columns>;
  using Layer = LayerKernel<S, Real>;
  using Out = OutputKernel<S, Real>;
  static constexpr Kernels<Real> set{S::kLanes,
                                     &ProductKernel<S, Real, Rows, Columns>::run,
                                     &Correlate::run,
                                     &Correlate::packed_size,
                                     &Correlate::unpack,
                                     &Correlate::reduce_rows,
                                     &Layer::transpose,
                                     &Layer::activate,
                                     &Layer::gate,
                                     &Layer::blend,
                                     &Out::cross_entropy,
                                     &Out::squared,
                                     &Out::cross_entropy_curvature,
                                     &Out::squared_curvature};
  return set;
}

}  // namespace
}  // namespace thermoscape::mlp
