#pragma once
// The loops behind linear_kernels.hpp, shared by the translation units linear_<set>.cpp. Inputs run
// along the vector lanes. Forward: tiles of examples x targets, over pieces of the inputs whose
// weights stay in the nearest cache. Backward: tiles of targets x vectors over all examples. Every
// turn of an innermost loop asks for one cache line of the examples ahead: evenly spread, their way
// from memory lies under the arithmetic; in bursts it would not.
#include <algorithm>
#include <array>
#include <utility>

#include "thermoscape/core/simd.hpp"
#include "thermoscape/objective/linear_kernels.hpp"

namespace thermoscape::linear {
namespace {

#if defined(__AVX512F__)
constexpr int kRows = 4;   // examples in a tile of the forward pass
constexpr int kWide = 5;   // targets in it
constexpr int kDeep = 10;  // targets in a tile of the backward pass
#else
constexpr int kRows = 2;
constexpr int kWide = 5;
constexpr int kDeep = 5;
#endif
constexpr int kVectors = 2;         // vectors of inputs in a tile of the backward pass
constexpr std::int64_t kLine = 64;  // bytes of a cache line

template <class Real>
using VectorFor = typename VectorOf<Real>::Type;
template <class Real>
constexpr std::int64_t kLanes = static_cast<std::int64_t>(kVectorBytes / sizeof(Real));

template <class Real, std::size_t Count>
struct Lanes {
  typedef Real Type __attribute__((vector_size(Count * sizeof(Real))));  // NOLINT: `using` cannot
};

/// The sum of all lanes, halves folded onto each other.
template <class Real, std::size_t... I>
inline Real total(const typename Lanes<Real, 2 * sizeof...(I)>::Type& v,
                  std::index_sequence<I...>) {
  if constexpr (sizeof...(I) == 1) {
    return v[0] + v[1];
  } else {
    const typename Lanes<Real, sizeof...(I)>::Type half =
        __builtin_shufflevector(v, v, I...) + __builtin_shufflevector(v, v, I + sizeof...(I)...);
    return total<Real>(half, std::make_index_sequence<sizeof...(I) / 2>{});
  }
}

/// sums[r * stride + t] += Σ x[r][i] w[t][i] over the packs [from, to) of inputs; fetches those of
/// the row `ahead`.
template <class Real, int Rows, int Targets>
inline void dot_tile(const Real* const* x,
                     const Real* w,
                     std::int64_t targets,
                     std::int64_t from,
                     std::int64_t to,
                     Real* sums,
                     std::int64_t stride,
                     const Real* ahead) {
  using V = VectorFor<Real>;
  constexpr std::int64_t lanes = kLanes<Real>;
  V a[Rows][Targets];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < Targets; ++t) a[r][t] = load<V>(sums + (r * stride + t) * lanes);
  }
  for (std::int64_t pack = from; pack < to; ++pack) {
#pragma GCC unroll 8
    for (std::int64_t k = 0; k < kPack; k += lanes) {
      const std::int64_t i = pack * kPack + k;
      if (k * static_cast<std::int64_t>(sizeof(Real)) % kLine == 0)
        __builtin_prefetch(ahead + i, 0, 2);
      V xs[Rows];
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) xs[r] = load<V>(x[r] + i);
#pragma GCC unroll 8
      for (int t = 0; t < Targets; ++t) {
        const V ws = load<V>(w + (pack * targets + t) * kPack + k);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) a[r][t] += xs[r] * ws;
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < Targets; ++t) store(sums + (r * stride + t) * lanes, a[r][t]);
  }
}

/// One piece of the inputs for Rows examples and `width` targets; `tile` counts the tiles done.
template <class Real, int Rows>
inline void dot_rows(const Real* const* x,
                     const Real* w,
                     std::int64_t targets,
                     std::int64_t width,
                     std::int64_t from,
                     std::int64_t to,
                     Real* sums,
                     const Ahead<Real>& ahead,
                     std::int64_t& tile) {
  constexpr std::int64_t lanes = kLanes<Real>;
  const auto next = [&] {  // x[0] is in the cache, so that asking for it costs nothing
    return tile < ahead.count ? ahead.x[tile++] : x[0];
  };
  std::int64_t t = 0;
  for (; t + kWide <= width; t += kWide) {
    dot_tile<Real, Rows, kWide>(
        x, w + t * kPack, targets, from, to, sums + t * lanes, width, next());
  }
  for (; t < width; ++t) {
    dot_tile<Real, Rows, 1>(x, w + t * kPack, targets, from, to, sums + t * lanes, width, next());
  }
}

template <class Real>
void forward(const Real* const* x,
             std::int64_t count,
             std::int64_t inputs,
             std::int64_t targets,
             const Real* weights,
             Real* z,
             const Ahead<Real>& ahead) {
  constexpr std::int64_t lanes = kLanes<Real>;
  constexpr std::int64_t kTargets = 10;  // at a time: bounds the sums
  constexpr std::int64_t piece = 1536 / static_cast<std::int64_t>(sizeof(Real)) / kPack;
  const std::int64_t packs = inputs / kPack;
  alignas(64) std::array<Real, static_cast<std::size_t>(kBlock * kTargets * lanes)> sums;
  for (std::int64_t first = 0; first < targets; first += kTargets) {
    const std::int64_t width = std::min(kTargets, targets - first);
    const Real* w = weights + first * kPack;
    std::fill_n(sums.data(), count * width * lanes, Real(0));
    for (std::int64_t from = 0; from < packs; from += piece) {
      const std::int64_t to = std::min(from + piece, packs);
      std::int64_t tile = first == 0 ? 0 : ahead.count;
      std::int64_t r = 0;
      for (; r + kRows <= count; r += kRows) {
        dot_rows<Real, kRows>(
            x + r, w, targets, width, from, to, sums.data() + r * width * lanes, ahead, tile);
      }
      for (; r < count; ++r) {
        dot_rows<Real, 1>(
            x + r, w, targets, width, from, to, sums.data() + r * width * lanes, ahead, tile);
      }
    }
    for (std::int64_t r = 0; r < count; ++r) {
      for (std::int64_t t = 0; t < width; ++t) {
        const auto v = load<VectorFor<Real>>(sums.data() + (r * width + t) * lanes);
        Real sum = total<Real>(v, std::make_index_sequence<lanes / 2>{});
        for (std::int64_t i = packs * kPack; i < inputs; ++i) {
          sum += x[r][i] * w[(packs * targets + t) * kPack + i % kPack];
        }
        z[r * targets + first + t] = sum;
      }
    }
  }
}

/// gradient[t][i ...] += Σ_r residuals[r][t] x[r][i ...] for Targets rows and Vectors vectors;
/// fetches those vectors of the examples ahead.
template <class Real, int Targets, int Vectors>
inline void outer_tile(const Real* const* x,
                       std::int64_t count,
                       std::int64_t targets,
                       const Real* residuals,
                       std::int64_t i,
                       Real* gradient,
                       const Ahead<Real>& ahead) {
  using V = VectorFor<Real>;
  constexpr std::int64_t lanes = kLanes<Real>;
  constexpr std::int64_t lines = std::max<std::int64_t>(1, Vectors * sizeof(V) / kLine);
  std::array<Real*, Vectors> out;
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; ++v) {
    const std::int64_t j = i + v * lanes;
    out[v] = gradient + j / kPack * targets * kPack + j % kPack;
  }
  V a[Targets][Vectors];
#pragma GCC unroll 16
  for (int t = 0; t < Targets; ++t) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) a[t][v] = load<V>(out[v] + t * kPack);
  }
  for (std::int64_t r = 0; r < count; ++r) {
    if (r < ahead.count * lines) {
      __builtin_prefetch(
          ahead.x[r / lines] + i + r % lines * kLine / static_cast<std::int64_t>(sizeof(Real)),
          0,
          2);
    }
    V xs[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) xs[v] = load<V>(x[r] + i + v * lanes);
#pragma GCC unroll 16
    for (int t = 0; t < Targets; ++t) {
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) a[t][v] += xs[v] * residuals[r * targets + t];
    }
  }
#pragma GCC unroll 16
  for (int t = 0; t < Targets; ++t) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) store(out[v] + t * kPack, a[t][v]);
  }
}

template <class Real, int Vectors>
inline void outer_strip(const Real* const* x,
                        std::int64_t count,
                        std::int64_t targets,
                        const Real* residuals,
                        std::int64_t i,
                        Real* gradient,
                        const Ahead<Real>& ahead) {
  const Ahead<Real> none;
  std::int64_t t = 0;
  for (; t + kDeep <= targets; t += kDeep) {
    outer_tile<Real, kDeep, Vectors>(
        x, count, targets, residuals + t, i, gradient + t * kPack, t == 0 ? ahead : none);
  }
  for (; t < targets; ++t) {
    outer_tile<Real, 1, Vectors>(
        x, count, targets, residuals + t, i, gradient + t * kPack, t == 0 ? ahead : none);
  }
}

template <class Real>
void backward(const Real* const* x,
              std::int64_t count,
              std::int64_t inputs,
              std::int64_t targets,
              const Real* residuals,
              Real* gradient,
              const Ahead<Real>& ahead) {
  constexpr std::int64_t lanes = kLanes<Real>;
  constexpr std::int64_t strip = lanes * kVectors;
  const std::int64_t whole = inputs / kPack * kPack;
  std::int64_t i = 0;
  for (; i + strip <= whole; i += strip) {
    outer_strip<Real, kVectors>(x, count, targets, residuals, i, gradient, ahead);
  }
  for (; i < whole; i += lanes) {
    outer_strip<Real, 1>(x, count, targets, residuals, i, gradient, ahead);
  }
  for (; i < inputs; ++i) {
    for (std::int64_t t = 0; t < targets; ++t) {
      Real& out = gradient[(i / kPack * targets + t) * kPack + i % kPack];
      for (std::int64_t r = 0; r < count; ++r) out += residuals[r * targets + t] * x[r][i];
    }
  }
}

constexpr LinearKernelSet kLinearHere{{&forward<float>, &backward<float>},
                                      {&forward<double>, &backward<double>}};

}  // namespace
}  // namespace thermoscape::linear
