#pragma once
#include <cstddef>

#include "thermoscape/core/cpu.hpp"
#include "thermoscape/core/update.hpp"

namespace thermoscape {

/// The loops behind update.hpp for one instruction set and number type.
template <class Real>
struct UpdateKernels {
  void (*sgd)(const SgdUpdate<Real>&, const Real* gradient, Real* theta, std::size_t count);
  void (*momentum)(const MomentumUpdate<Real>&,
                   const Real* gradient,
                   Real* theta,
                   Real* velocity,
                   std::size_t count);
  void (*adam)(const AdamUpdate<Real>&,
               const Real* gradient,
               Real* theta,
               Real* first,
               Real* second,
               std::size_t count);
};

/// Both number types of one instruction set.
struct UpdateKernelSet {
  UpdateKernels<float> single;
  UpdateKernels<double> twice;
};

extern const UpdateKernelSet kUpdatePortable;
extern const UpdateKernelSet kUpdateAvx2;
extern const UpdateKernelSet kUpdateAvx512;

/// The kernels for `set`; a set wider than the machine's ends in an illegal instruction.
[[nodiscard]] inline const UpdateKernelSet& update_kernels(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return kUpdateAvx512;
    case InstructionSet::avx2:
      return kUpdateAvx2;
    case InstructionSet::portable:
      break;
  }
  return kUpdatePortable;
}

}  // namespace thermoscape
