#pragma once
#include "thermoscape/core/cpu.hpp"

namespace thermoscape::bench {

/// Multiply-add rate of one core with `set`, single precision, all operands in registers: 2 flop
/// for a lane and instruction. Median GFLOP/s over chunks of a millisecond for about `seconds` of
/// processor time: the same statistic as of the work that is compared with it, since the clock
/// moves.
[[nodiscard]] double fma_peak(InstructionSet set, double seconds);

/// The loops, one translation unit each: `rounds` passes over `kChains` vectors; returns a number
/// made of the results, so that nothing can be left out. The flop of a round is written to `flop`.
double fma_rounds_avx512(long rounds, double& flop);
double fma_rounds_avx2(long rounds, double& flop);
double fma_rounds_portable(long rounds, double& flop);

}  // namespace thermoscape::bench
