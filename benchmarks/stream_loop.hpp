#pragma once

namespace thermoscape::bench {
namespace {  // one copy a translation unit: compiled for different instruction sets

template <int Bytes>
struct Row {
  typedef float Vector __attribute__((vector_size(Bytes)));
};

/// Eight independent sums, enough loads in flight for the memory.
template <int Bytes>
double stream_sum(const float* numbers, long count) {
  using Vector = typename Row<Bytes>::Vector;
  constexpr long kLanes = Bytes / sizeof(float);
  constexpr long kChains = 8;
  Vector sums[kChains] = {};
  for (long i = 0; i < count; i += kLanes * kChains) {
    for (long c = 0; c < kChains; ++c) {
      Vector v;
      __builtin_memcpy(&v, numbers + i + c * kLanes, sizeof v);
      sums[c] += v;
    }
  }
  double total = 0;
  for (long c = 0; c < kChains; ++c) total += static_cast<double>(sums[c][0]);
  return total;
}

}  // namespace
}  // namespace thermoscape::bench
