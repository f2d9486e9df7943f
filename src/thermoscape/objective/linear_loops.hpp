#pragma once
// The loops behind linear_kernels.hpp, shared by the translation units linear_<set>.cpp. Inputs run
// along the vector lanes. Forward: tiles of examples x targets, over pieces of the inputs whose
// weights stay in the nearest cache. Backward: tiles of targets x vectors over all examples.
#include <algorithm>
#include <array>

#include "thermoscape/core/simd.hpp"
#include "thermoscape/objective/linear_kernels.hpp"

namespace thermoscape::linear {
namespace {

#if defined(__AVX512F__)
constexpr int kRows = 4;     // examples in a tile of the forward pass
constexpr int kWide = 5;     // targets in a tile
constexpr int kVectors = 4;  // vectors in a tile of the backward pass
#else
constexpr int kRows = 2;
constexpr int kWide = 5;
constexpr int kVectors = 2;
#endif

template <class Real>
using VectorFor = typename VectorOf<Real>::Type;
template <class Real>
constexpr std::int64_t kLanes = static_cast<std::int64_t>(kVectorBytes / sizeof(Real));

/// sums[r * stride + t] += Σ x[r][i] w[t][i] over whole vectors in [from, to).
template <class Real, int Rows, int Targets>
inline void dot_tile(const Real* const* x,
                     const Real* w,
                     std::int64_t inputs,
                     std::int64_t from,
                     std::int64_t to,
                     Real* sums,
                     std::int64_t stride) {
  using V = VectorFor<Real>;
  constexpr std::int64_t lanes = kLanes<Real>;
  V a[Rows][Targets];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < Targets; ++t) a[r][t] = load<V>(sums + (r * stride + t) * lanes);
  }
  for (std::int64_t i = from; i < to; i += lanes) {
    V xs[Rows];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) xs[r] = load<V>(x[r] + i);
#pragma GCC unroll 8
    for (int t = 0; t < Targets; ++t) {
      const V ws = load<V>(w + t * inputs + i);
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) a[r][t] += xs[r] * ws;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < Targets; ++t) store(sums + (r * stride + t) * lanes, a[r][t]);
  }
}

template <class Real, int Rows>
inline void dot_rows(const Real* const* x,
                     const Real* w,
                     std::int64_t inputs,
                     std::int64_t targets,
                     std::int64_t from,
                     std::int64_t to,
                     Real* sums) {
  constexpr std::int64_t lanes = kLanes<Real>;
  std::int64_t t = 0;
  for (; t + kWide <= targets; t += kWide) {
    dot_tile<Real, Rows, kWide>(x, w + t * inputs, inputs, from, to, sums + t * lanes, targets);
  }
  for (; t < targets; ++t) {
    dot_tile<Real, Rows, 1>(x, w + t * inputs, inputs, from, to, sums + t * lanes, targets);
  }
}

/// Asks for the lines that hold [from, to) of the examples ahead.
template <class Real>
inline void fetch(const Ahead<Real>& ahead, std::int64_t from, std::int64_t to) {
  constexpr std::int64_t line = 64 / static_cast<std::int64_t>(sizeof(Real));
  for (std::int64_t r = 0; r < ahead.count; ++r) {
    for (std::int64_t i = from; i < to; i += line) __builtin_prefetch(ahead.x[r] + i, 0, 2);
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
  constexpr std::int64_t piece = 3072 / static_cast<std::int64_t>(sizeof(Real));
  const std::int64_t whole = inputs / lanes * lanes;
  alignas(64) std::array<Real, static_cast<std::size_t>(kBlock * kTargets * lanes)> sums;
  for (std::int64_t first = 0; first < targets; first += kTargets) {
    const std::int64_t width = std::min(kTargets, targets - first);
    const Real* w = weights + first * inputs;
    sums.fill(0);
    for (std::int64_t from = 0; from < whole; from += piece) {
      const std::int64_t to = std::min(from + piece, whole);
      std::int64_t r = 0;
      for (; r + kRows <= count; r += kRows) {
        if (first == 0) {
          const std::int64_t step = (to - from + 3) / 4;
          fetch(
              ahead, from + r / kRows % 4 * step, std::min(from + (r / kRows % 4 + 1) * step, to));
        }
        dot_rows<Real, kRows>(x + r, w, inputs, width, from, to, sums.data() + r * width * lanes);
      }
      for (; r < count; ++r) {
        dot_rows<Real, 1>(x + r, w, inputs, width, from, to, sums.data() + r * width * lanes);
      }
    }
    for (std::int64_t r = 0; r < count; ++r) {
      for (std::int64_t t = 0; t < width; ++t) {
        const Real* lane = sums.data() + (r * width + t) * lanes;
        Real sum = 0;
        for (std::int64_t l = 0; l < lanes; ++l) sum += lane[l];
        for (std::int64_t i = whole; i < inputs; ++i) sum += x[r][i] * w[t * inputs + i];
        z[r * targets + first + t] = sum;
      }
    }
  }
}

/// gradient[t][i ...] += Σ_r residuals[r][t] x[r][i ...] for Targets rows and Vectors vectors.
template <class Real, int Targets, int Vectors>
inline void outer_tile(const Real* const* x,
                       std::int64_t count,
                       std::int64_t inputs,
                       std::int64_t targets,
                       const Real* residuals,
                       std::int64_t i,
                       Real* gradient) {
  using V = VectorFor<Real>;
  constexpr std::int64_t lanes = kLanes<Real>;
  V a[Targets][Vectors];
#pragma GCC unroll 8
  for (int t = 0; t < Targets; ++t) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) a[t][v] = load<V>(gradient + t * inputs + i + v * lanes);
  }
  for (std::int64_t r = 0; r < count; ++r) {
    V xs[Vectors];
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) xs[v] = load<V>(x[r] + i + v * lanes);
#pragma GCC unroll 8
    for (int t = 0; t < Targets; ++t) {
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; ++v) a[t][v] += xs[v] * residuals[r * targets + t];
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < Targets; ++t) {
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) store(gradient + t * inputs + i + v * lanes, a[t][v]);
  }
}

template <class Real, int Vectors>
inline void outer_strip(const Real* const* x,
                        std::int64_t count,
                        std::int64_t inputs,
                        std::int64_t targets,
                        const Real* residuals,
                        std::int64_t i,
                        Real* gradient) {
  std::int64_t t = 0;
  for (; t + kWide <= targets; t += kWide) {
    outer_tile<Real, kWide, Vectors>(
        x, count, inputs, targets, residuals + t, i, gradient + t * inputs);
  }
  for (; t < targets; ++t) {
    outer_tile<Real, 1, Vectors>(
        x, count, inputs, targets, residuals + t, i, gradient + t * inputs);
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
  std::int64_t i = 0;
  for (; i + strip <= inputs; i += strip) {
    fetch(ahead, i, i + strip);
    outer_strip<Real, kVectors>(x, count, inputs, targets, residuals, i, gradient);
  }
  for (; i + lanes <= inputs; i += lanes) {
    outer_strip<Real, 1>(x, count, inputs, targets, residuals, i, gradient);
  }
  for (; i < inputs; ++i) {
    for (std::int64_t t = 0; t < targets; ++t) {
      Real sum = gradient[t * inputs + i];
      for (std::int64_t r = 0; r < count; ++r) sum += residuals[r * targets + t] * x[r][i];
      gradient[t * inputs + i] = sum;
    }
  }
}

constexpr LinearKernelSet kLinearHere{{&forward<float>, &backward<float>},
                                      {&forward<double>, &backward<double>}};

}  // namespace
}  // namespace thermoscape::linear
