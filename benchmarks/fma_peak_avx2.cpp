#include "benchmarks/fma_loop.hpp"
#include "benchmarks/fma_peak.hpp"

namespace thermoscape::bench {

double fma_rounds_avx2(long rounds, double& flop) {
  return fma_rounds<32>(rounds, flop);
}

}  // namespace thermoscape::bench
