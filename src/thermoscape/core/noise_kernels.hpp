#pragma once
#include <cstddef>
#include <cstdint>

#include "thermoscape/core/cpu.hpp"

namespace thermoscape {

/// Where a run of draws starts: Philox key and the fixed words of its counter.
struct NoiseAddress {
  std::uint64_t key;
  std::uint64_t step;
  std::uint32_t stream;
  std::uint32_t counter;  ///< index of the first draw / 4
};

/// Draws come in blocks of this many; a run starts at the start of a block.
inline constexpr std::size_t kNoiseBlock = 64;

/// The inner loops of Noise for one instruction set. Words are the same bits for all of them;
/// normals agree to a few units in the last place, since only some have a fused multiply-add.
struct NoiseKernels {
  void (*words)(const NoiseAddress&, std::uint32_t* out, std::size_t count);
  void (*normal_float)(const NoiseAddress&, float* out, std::size_t count);
  void (*normal_double)(const NoiseAddress&, double* out, std::size_t count);
  /// theta[i] += amplitude ξ_i - eta gradient[i]; no gradient term if it is null.
  void (*kick_float)(const NoiseAddress&,
                     float amplitude,
                     float eta,
                     const float* gradient,
                     float* theta,
                     std::size_t count);
  void (*kick_double)(const NoiseAddress&,
                      double amplitude,
                      double eta,
                      const double* gradient,
                      double* theta,
                      std::size_t count);
};

extern const NoiseKernels kNoisePortable;
extern const NoiseKernels kNoiseAvx2;
extern const NoiseKernels kNoiseAvx512;

/// The kernels for `set`; a set wider than the machine's ends in an illegal instruction.
[[nodiscard]] inline const NoiseKernels& noise_kernels(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return kNoiseAvx512;
    case InstructionSet::avx2:
      return kNoiseAvx2;
    case InstructionSet::portable:
      break;
  }
  return kNoisePortable;
}

}  // namespace thermoscape
