#pragma once
#include "thermoscape/core/cpu.hpp"

namespace thermoscape::bench {

/// Rate at which one core reads and sums an array of 256 MB with vectors of `set`, bytes a second:
/// the best of the passes made in about `seconds` of processor time.
[[nodiscard]] double stream_read(InstructionSet set, double seconds);

/// The loops, one translation unit each: the sum of `count` numbers, a multiple of 256.
double stream_sum_avx512(const float* numbers, long count);
double stream_sum_avx2(const float* numbers, long count);
double stream_sum_portable(const float* numbers, long count);

}  // namespace thermoscape::bench
