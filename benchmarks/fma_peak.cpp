#include "benchmarks/fma_peak.hpp"

#include <algorithm>

#include "benchmarks/clock.hpp"

namespace thermoscape::bench {

double fma_peak(InstructionSet set, double seconds) {
  const auto loop = set == InstructionSet::avx512 ? fma_rounds_avx512
                    : set == InstructionSet::avx2 ? fma_rounds_avx2
                                                  : fma_rounds_portable;
  constexpr long kRounds = 200'000;
  double best = 0;
  double spent = 0;
  volatile double keep = 0;
  while (spent < seconds) {
    double flop = 0;
    const double begin = thread_seconds();
    keep = loop(kRounds, flop);
    const double taken = thread_seconds() - begin;
    best = std::max(best, flop * kRounds / taken);
    spent += taken;
  }
  static_cast<void>(keep);
  return 1e-9 * best;
}

}  // namespace thermoscape::bench
