#include "benchmarks/stream_loop.hpp"
#include "benchmarks/stream_read.hpp"

namespace thermoscape::bench {

double stream_sum_portable(const float* numbers, long count) {
  return stream_sum<16>(numbers, count);
}

}  // namespace thermoscape::bench
