#include "benchmarks/fma_loop.hpp"
#include "benchmarks/fma_peak.hpp"

namespace thermoscape::bench {

double fma_rounds_avx512(long rounds, double& flop) {
  return fma_rounds<64>(rounds, flop);
}

}  // namespace thermoscape::bench
