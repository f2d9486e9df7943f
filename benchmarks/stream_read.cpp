#include "benchmarks/stream_read.hpp"

#include <algorithm>
#include <vector>

#include "benchmarks/clock.hpp"

namespace thermoscape::bench {

double stream_read(InstructionSet set, double seconds) {
  const auto loop = set == InstructionSet::avx512 ? stream_sum_avx512
                    : set == InstructionSet::avx2 ? stream_sum_avx2
                                                  : stream_sum_portable;
  constexpr long kNumbers = 1L << 26;
  static const std::vector<float> numbers(kNumbers, 1.0F);
  double best = 0;
  double spent = 0;
  volatile double keep = 0;
  while (spent < seconds) {
    const double begin = thread_seconds();
    keep = loop(numbers.data(), kNumbers);
    const double taken = thread_seconds() - begin;
    best = std::max(best, 4.0 * kNumbers / taken);
    spent += taken;
  }
  static_cast<void>(keep);
  return best;
}

}  // namespace thermoscape::bench
