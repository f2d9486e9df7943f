#include "benchmarks/fma_peak.hpp"

#include <utility>
#include <vector>

#include "benchmarks/clock.hpp"
#include "benchmarks/shape.hpp"

namespace thermoscape::bench {

double fma_peak(InstructionSet set, double seconds) {
  const auto loop = set == InstructionSet::avx512 ? fma_rounds_avx512
                    : set == InstructionSet::avx2 ? fma_rounds_avx2
                                                  : fma_rounds_portable;
  constexpr long kRounds = 700'000;  // about a millisecond, as the chunks of steps
  std::vector<double> rates;
  double spent = 0;
  volatile double keep = 0;
  while (spent < seconds) {
    double flop = 0;
    const double begin = thread_seconds();
    keep = loop(kRounds, flop);
    const double taken = thread_seconds() - begin;
    rates.push_back(flop * kRounds / taken);
    spent += taken;
  }
  static_cast<void>(keep);
  return 1e-9 * median(std::move(rates));
}

}  // namespace thermoscape::bench
