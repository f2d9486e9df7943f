#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "thermoscape/core/cpu.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {

/// The Langevin step of states that lie side by side, one a lane, number i of lane l at i lanes +
/// l:
///   theta[i][l] += amplitude[l] ξ_i(l) - eta[l] gradient[i][l]
/// with the ξ that Noise::kick draws for lane l from its own key and step, to the same bits. A lane
/// with amplitude and eta zero stays as it is while its gradient is finite. Keys, steps, amplitude
/// and eta are [lanes], theta and gradient [count][lanes].
template <class Real>
struct LaneKick {
  const std::uint64_t* keys = nullptr;
  const std::uint64_t* steps = nullptr;
  std::uint32_t stream = 0;
  const Real* amplitude = nullptr;
  const Real* eta = nullptr;
  const Real* gradient = nullptr;
  Real* theta = nullptr;
  std::size_t count = 0;
};

/// LaneKick for one instruction set; so many lanes as a vector of it holds.
struct LaneKickKernels {
  std::size_t float_lanes;
  void (*kick_float)(const LaneKick<float>&);
  void (*kick_double)(const LaneKick<double>&);
};

extern const LaneKickKernels kLaneKickPortable;
extern const LaneKickKernels kLaneKickAvx2;
extern const LaneKickKernels kLaneKickAvx512;

/// The kernels for `set`; a set wider than the machine's ends in an illegal instruction.
[[nodiscard]] inline const LaneKickKernels& lane_kick_kernels(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return kLaneKickAvx512;
    case InstructionSet::avx2:
      return kLaneKickAvx2;
    case InstructionSet::portable:
      break;
  }
  return kLaneKickPortable;
}

}  // namespace thermoscape
