#pragma once
#include <cstddef>

#include "thermoscape/core/cpu.hpp"

namespace thermoscape::theory {

/// One mode as the loops of displacement_curve take it; real rates or an oscillation.
struct RelaxingMode {
  double weight = 0;             ///< 2 var θ
  double rate = 0;               ///< γ if it oscillates, else the slow rate
  double splitting = 0;          ///< √|γ²-ω²|, 0 only if it oscillates
  double frequency_squared = 0;  ///< ω²
  bool oscillates = false;
};

/// Times are padded to a multiple of this many, so that every vector is whole.
inline constexpr std::size_t kTimeBlock = 8;

/// What all modes share at the times of a curve, padded: γ is the same for all of them.
struct SharedTimes {
  double friction = 0;  ///< γ
  const double* times = nullptr;
  double* decay = nullptr;  ///< e^{-γt}
  double* rest = nullptr;   ///< 1 - e^{-γt}(1 + γt)
  std::size_t count = 0;    ///< a multiple of kTimeBlock
};

/// The loops for one instruction set.
struct DisplacementKernels {
  void (*prepare)(const SharedTimes& shared);  ///< fills decay and rest
  /// sum[i] += weight (1 - e^{-γt}(C + γZ)),  slope[i] += weight ω² e^{-γt} Z,  for t = times[i],
  /// i < count, a multiple of kTimeBlock.
  void (*add)(const RelaxingMode& mode,
              const SharedTimes& shared,
              std::size_t count,
              double* sum,
              double* slope);
};

extern const DisplacementKernels kDisplacementPortable;
extern const DisplacementKernels kDisplacementAvx2;
extern const DisplacementKernels kDisplacementAvx512;

/// The loops for `set`; a set wider than the machine's ends in an illegal instruction.
[[nodiscard]] inline const DisplacementKernels& displacement_kernels(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return kDisplacementAvx512;
    case InstructionSet::avx2:
      return kDisplacementAvx2;
    case InstructionSet::portable:
      break;
  }
  return kDisplacementPortable;
}

}  // namespace thermoscape::theory
