#pragma once
#include <cstdint>

#include "thermoscape/core/cpu.hpp"
#include "thermoscape/objective/mlp/kernels.hpp"

namespace thermoscape::mlp {

/// The passes over a network whose lanes are replicas: every number of θ, of an activation or of a
/// gradient is a vector with one entry a replica, and all of them see the same examples. Sizes and
/// strides count vectors, but for inputs, which are one number for all replicas (`shared`).

/// y[r][e] = bias[r] + Σ_k w[r row_stride + k depth_stride] x[k][e], then `finish` (store, relu or
/// a gate; a gate takes the derivative from y itself and adds Σ_e y to row_sums[r]).
template <class Real>
struct ReplicaProduct {
  std::int64_t rows = 0;
  std::int64_t depth = 0;
  std::int64_t examples = 0;
  const Real* weights = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t depth_stride = 0;
  const Real* x = nullptr;
  std::int64_t x_stride = 0;
  bool shared = false;
  Real* y = nullptr;
  std::int64_t y_stride = 0;
  const Real* bias = nullptr;  ///< none if null
  Finish finish = Finish::store;
  Real* row_sums = nullptr;  ///< for the gates
};

/// out[r][c] += Σ_e d[r][e] a[c][e], or = that if `fresh`.
template <class Real>
struct ReplicaCorrelation {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t examples = 0;
  const Real* d = nullptr;
  std::int64_t d_stride = 0;
  const Real* a = nullptr;
  std::int64_t a_stride = 0;
  bool shared = false;
  Real* out = nullptr;
  bool fresh = false;
};

/// The output layer of some examples: z [classes][stride] becomes ∂ℓ/∂z, whose sums over the
/// examples are added to row_sums [classes], and losses[lane] += Σ ℓ.
template <class Real>
struct ReplicaOutput {
  std::int64_t classes = 0;
  std::int64_t examples = 0;
  std::int64_t stride = 0;
  const std::int32_t* labels = nullptr;
  Real* z = nullptr;
  Real* row_sums = nullptr;
  double* losses = nullptr;
};

/// These passes for one instruction set.
template <class Real>
struct ReplicaKernels {
  std::int64_t lanes;  ///< replicas in a vector
  void (*product)(const ReplicaProduct<Real>&);
  void (*correlate)(const ReplicaCorrelation<Real>&);
  void (*tanh)(std::int64_t count, Real* z);  ///< of `count` vectors, in place
  void (*cross_entropy)(const ReplicaOutput<Real>&);
  void (*squared)(const ReplicaOutput<Real>&);
  /// gradient = scale gradient + l2 theta, of `count` vectors.
  void (*scale)(std::int64_t count, Real scale, Real l2, const Real* theta, Real* gradient);
};

/// The kernels for an instruction set; the machine must have it.
template <class Real>
[[nodiscard]] const ReplicaKernels<Real>& replica_kernels(InstructionSet set);

template <class Real>
[[nodiscard]] const ReplicaKernels<Real>& replica_kernels_avx512();
template <class Real>
[[nodiscard]] const ReplicaKernels<Real>& replica_kernels_avx2();
template <class Real>
[[nodiscard]] const ReplicaKernels<Real>& replica_kernels_portable();

}  // namespace thermoscape::mlp
