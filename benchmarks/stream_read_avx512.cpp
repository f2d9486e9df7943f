#include "benchmarks/stream_loop.hpp"
#include "benchmarks/stream_read.hpp"

namespace thermoscape::bench {

double stream_sum_avx512(const float* numbers, long count) {
  return stream_sum<64>(numbers, count);
}

}  // namespace thermoscape::bench
