#pragma once

namespace thermoscape::bench {
namespace {  // one copy a translation unit: compiled for different instruction sets

template <int Bytes>
struct Lanes {
  typedef float Vector __attribute__((vector_size(Bytes)));
};

/// a <- a x + y in twelve independent chains, enough to hide the latency of two units, few enough
/// for 16 registers.
template <int Bytes>
double fma_rounds(long rounds, double& flop) {
  using Vector = typename Lanes<Bytes>::Vector;
  constexpr int kChains = 12;
  // Read at run time: nothing about the result is known to the compiler.
  volatile float factor = 0.9999F;
  volatile float summand = 1e-4F;
  const Vector x = factor - Vector{};
  const Vector y = summand - Vector{};
  Vector a[kChains];
  for (int c = 0; c < kChains; ++c) a[c] = static_cast<float>(c) - Vector{};
  for (long r = 0; r < rounds; ++r) {
    for (int c = 0; c < kChains; ++c) a[c] = a[c] * x + y;
  }
  flop = 2.0 * kChains * Bytes / sizeof(float);
  double sum = 0;
  for (int c = 0; c < kChains; ++c) sum += static_cast<double>(a[c][0]);
  return sum;
}

}  // namespace
}  // namespace thermoscape::bench
