#pragma once
#include <cstdint>

#include "thermoscape/core/cpu.hpp"

namespace thermoscape::mlp {

/// Activation functions; gelu is the exact form x Φ(x).
enum class Activation { identity, relu, tanh, gelu };

/// What happens to a product on its way to y; `gate` has the layout of y and may be y itself.
enum class Finish {
  store,
  add,            ///< y is added to what is there
  relu,           ///< max(y, 0)
  gate_none,      ///< y: the derivative of the identity
  gate_positive,  ///< y where gate > 0, else 0: the derivative of relu from its value
  gate_tanh,      ///< y (1 - gate²): the derivative of tanh from its value
  gate_factor     ///< y gate
};

/// y[r][e] = bias[r] + Σ_k w[r row_stride + k depth_stride] x[k][e], then `finish`; r < rows, k <
/// depth. Examples run along the vector lanes: e < vectors * lanes. x and y are row-major with the
/// strides given. A layer is (row_stride, depth_stride) = (inputs, 1), its transpose is (1,
/// inputs). The gates, which make a layer's derivative, also add up what they store:
/// row_sums[r][lane] += Σ_vectors y.
template <class Real>
struct Product {
  std::int64_t rows = 0;
  std::int64_t depth = 0;
  std::int64_t vectors = 0;
  const Real* weights = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t depth_stride = 0;
  const Real* x = nullptr;
  std::int64_t x_stride = 0;
  Real* y = nullptr;
  std::int64_t y_stride = 0;
  const Real* bias = nullptr;  ///< none if null; not for the gates
  Finish finish = Finish::store;
  const Real* gate = nullptr;
  Real* row_sums = nullptr;  ///< [rows][lanes], for the gates
};

/// packed += Σ_e d[r][e] a[c][e]: sums over examples, kept in an order of the kernel's own until
/// `unpack`.
template <class Real>
struct Correlation {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t vectors = 0;
  const Real* d = nullptr;
  std::int64_t d_stride = 0;
  const Real* a = nullptr;
  std::int64_t a_stride = 0;
  Real* packed = nullptr;  ///< packed_size(rows, columns) numbers
};

/// The output layer of one block: z [classes][stride], `count` examples of which fill the first
/// lanes.
template <class Real>
struct Output {
  std::int64_t classes = 0;
  std::int64_t vectors = 0;
  std::int64_t count = 0;  ///< 1 <= count <= vectors * lanes; the lanes beyond are padding
  std::int64_t stride = 0;
  const std::int32_t* labels = nullptr;  ///< [vectors * lanes]
  const Real* z = nullptr;
  Real* d = nullptr;         ///< ∂ℓ/∂z, zero in the padding; may be z
  Real* losses = nullptr;    ///< ℓ [vectors * lanes], zero in the padding
  Real* row_sums = nullptr;  ///< if given, [classes][lanes] += Σ_vectors of what is stored
};

/// x[r][e] <- slope[r][e] x[r][e] + curvature[r][e] rz[r][e] q[r][e]; row_sums[r][lane] +=
/// Σ_vectors x. The second term is absent when curvature is null. All arrays are [rows][vectors *
/// lanes].
template <class Real>
struct Gate {
  std::int64_t rows = 0;
  std::int64_t vectors = 0;
  const Real* slope = nullptr;
  const Real* curvature = nullptr;
  const Real* rz = nullptr;
  const Real* q = nullptr;
  Real* x = nullptr;
  Real* row_sums = nullptr;  ///< none if null
};

/// y[r][e] = u[e] a[r][e] + v[e] b[r][e] for r < rows, e < vectors * lanes; a term is absent when
/// its u or v is null, one of them is given. y may be a or b.
template <class Real>
struct Blend {
  std::int64_t rows = 0;
  std::int64_t vectors = 0;
  const Real* u = nullptr;
  const Real* a = nullptr;
  std::int64_t a_stride = 0;
  const Real* v = nullptr;
  const Real* b = nullptr;
  std::int64_t b_stride = 0;
  Real* y = nullptr;
  std::int64_t y_stride = 0;
};

/// The primitives of a fused multilayer perceptron for one instruction set. All sizes are run-time.
/// Rows of examples are multiples of `lanes` long; alignment helps but is not required.
template <class Real>
struct Kernels {
  std::int64_t lanes;  ///< examples in a vector
  void (*product)(const Product<Real>&);
  void (*correlate)(const Correlation<Real>&);
  std::int64_t (*packed_size)(std::int64_t rows, std::int64_t columns);
  /// out[r * columns + c] = scale * packed sum.
  void (*unpack)(
      std::int64_t rows, std::int64_t columns, const Real* packed, Real scale, Real* out);
  /// out[r] = scale * Σ_lanes sums[r][lane].
  void (*reduce_rows)(std::int64_t rows, const Real* sums, Real scale, Real* out);
  /// out[c][e] = rows[e][c] for e < vectors * lanes, c < columns. Rows are readable up to a
  /// multiple of `lanes`.
  void (*transpose)(const Real* const* rows,
                    std::int64_t columns,
                    std::int64_t vectors,
                    Real* out,
                    std::int64_t out_stride);
  /// a = φ(z), slope = φ'(z), curvature = φ''(z) for `count` numbers, a multiple of `lanes`; the
  /// last two may be null; a may be z.
  void (*activate)(
      Activation, std::int64_t count, const Real* z, Real* a, Real* slope, Real* curvature);
  void (*gate)(const Gate<Real>&);
  void (*blend)(const Blend<Real>&);
  /// ℓ = ln Σ_k exp(z_k - z_y); returns Σ ℓ. Keeps the digits of ℓ and of ∂ℓ/∂z_y when the example
  /// is well fitted.
  double (*cross_entropy)(const Output<Real>&);
  /// ℓ = ½ |z - e_y|²; returns Σ ℓ.
  double (*squared)(const Output<Real>&);
  /// z <- (∂²ℓ/∂z²) z, the Hessian of the cross-entropy from d = ∂ℓ/∂z; zero in the padding;
  /// row_sums of the new z.
  void (*cross_entropy_curvature)(const Output<Real>&, Real* z);
  /// z <- z, zero in the padding; row_sums of it.
  void (*squared_curvature)(const Output<Real>&, Real* z);
};

/// The kernels for an instruction set; the machine must have it.
template <class Real>
[[nodiscard]] const Kernels<Real>& kernels(InstructionSet set);

template <class Real>
[[nodiscard]] const Kernels<Real>& kernels_avx512();
template <class Real>
[[nodiscard]] const Kernels<Real>& kernels_avx2();
template <class Real>
[[nodiscard]] const Kernels<Real>& kernels_portable();

}  // namespace thermoscape::mlp
