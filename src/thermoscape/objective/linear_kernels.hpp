#pragma once
#include <cstdint>

#include "thermoscape/core/cpu.hpp"

namespace thermoscape::linear {

/// Examples that go through both passes together, so that the second finds them in the cache.
inline constexpr std::int64_t kBlock = 16;

/// W and the gradient go through the passes packed, as [packs][targets][kPack] with kPack inputs
/// each and the last pack filled up: what one turn of a loop reads lies together. The rows of
/// [targets, inputs] would often lie a multiple of 4 KiB apart, in the same few sets of the cache.
inline constexpr std::int64_t kPack = 16;
[[nodiscard]] constexpr std::int64_t pack_count(std::int64_t inputs) {
  return (inputs + kPack - 1) / kPack;
}

/// Examples that are fetched into the cache while a pass works on others; none by default.
template <class Real>
struct Ahead {
  const Real* const* x = nullptr;
  std::int64_t count = 0;
};

/// The two passes of least squares over a block of at most kBlock examples, x[i] -> [inputs]; W and
/// the gradient are packed.
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
