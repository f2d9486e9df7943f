#pragma once
#include <cstdint>

#include "thermoscape/core/cpu.hpp"

namespace thermoscape::linear {

/// Examples that go through both passes together, so that the second finds them in the cache.
inline constexpr std::int64_t kBlock = 16;

/// Examples that are fetched into the cache while a pass works on others; none by default.
template <class Real>
struct Ahead {
  const Real* const* x = nullptr;
  std::int64_t count = 0;
};

/// The two passes of least squares over a block of at most kBlock examples, x[i] -> [inputs]; W and
/// the gradient are [targets, inputs] row-major.
template <class Real>
struct LinearKernels {
  /// z[i, k] = W_k · x_i; z is [count, targets].
  void (*forward)(const Real* const* x,
                  std::int64_t count,
                  std::int64_t inputs,
                  std::int64_t targets,
                  const Real* weights,
                  Real* z,
                  const Ahead<Real>& ahead);
  /// gradient[k, :] += Σ_i r[i, k] x_i.
  void (*backward)(const Real* const* x,
                   std::int64_t count,
                   std::int64_t inputs,
                   std::int64_t targets,
                   const Real* residuals,
                   Real* gradient,
                   const Ahead<Real>& ahead);
};

/// Both number types of one instruction set.
struct LinearKernelSet {
  LinearKernels<float> single;
  LinearKernels<double> twice;
};

extern const LinearKernelSet kLinearPortable;
extern const LinearKernelSet kLinearAvx2;
extern const LinearKernelSet kLinearAvx512;

/// The kernels for `set`; a set wider than the machine's ends in an illegal instruction.
[[nodiscard]] inline const LinearKernelSet& linear_kernels(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return kLinearAvx512;
    case InstructionSet::avx2:
      return kLinearAvx2;
    case InstructionSet::portable:
      break;
  }
  return kLinearPortable;
}

}  // namespace thermoscape::linear
