#pragma once
#include <cmath>

#include "thermoscape/objective/mlp/kernels.hpp"
#include "thermoscape/objective/mlp/simd.hpp"

namespace thermoscape::mlp {
namespace {

/// Elementwise work between the products, and the transpose that gathers examples.
template <class S, class Real>
struct LayerKernel {
  using Vector = typename S::Vector;

  static void activate(
      Activation kind, std::int64_t count, const Real* z, Real* a, Real* slope, Real* curvature) {
    switch (kind) {
      case Activation::identity:
        return each(count, z, a, slope, curvature, [](Vector x) {
          return Triple{x, S::fill(1), Vector{}};
        });
      case Activation::relu:
        return each(count, z, a, slope, curvature, [](Vector x) {
          return Triple{x < Real(0) ? Vector{} : x, x > Real(0) ? S::fill(1) : Vector{}, Vector{}};
        });
      case Activation::tanh:
        return each(count, z, a, slope, curvature, [](Vector x) {
          const Vector t = S::tanh(x);
          const Vector s = Real(1) - t * t;
          return Triple{t, s, Real(-2) * t * s};
        });
      case Activation::gelu:
        // x Φ(x);  Φ + x φ;  φ (2 - x²), with Φ and φ of the normal distribution
        return each(count, z, a, slope, curvature, [](Vector x) {
          const auto [cumulative, density] = normal(x);
          return Triple{x * cumulative, cumulative + x * density, density * (Real(2) - x * x)};
        });
    }
  }

  static void gate(const Gate<Real>& g) {
    for (std::int64_t r = 0; r < g.rows; ++r) {
      Vector total = Vector{};
      for (std::int64_t v = 0; v < g.vectors; ++v) {
        const std::int64_t i = (r * g.vectors + v) * S::kLanes;
        Vector x = S::load(g.slope + i) * S::load(g.x + i);
        if (g.curvature != nullptr)
          x += S::load(g.curvature + i) * S::load(g.rz + i) * S::load(g.q + i);
        S::store(g.x + i, x);
        total += x;
      }
      if (g.row_sums == nullptr) continue;
      Real* const to = g.row_sums + r * S::kLanes;
      S::store(to, S::load(to) + total);
    }
  }

  static void blend(const Blend<Real>& p) {
    const std::int64_t end = p.vectors * S::kLanes;
    if (p.v == nullptr) {
      for (std::int64_t r = 0; r < p.rows; ++r) {
        const Real* const a = p.a + r * p.a_stride;
        Real* const y = p.y + r * p.y_stride;
        for (std::int64_t e = 0; e < end; e += S::kLanes) {
          S::store(y + e, S::load(p.u + e) * S::load(a + e));
        }
      }
      return;
    }
    if (p.u == nullptr)
      return blend({p.rows, p.vectors, p.v, p.b, p.b_stride, nullptr, nullptr, 0, p.y, p.y_stride});
    for (std::int64_t r = 0; r < p.rows; ++r) {
      const Real* const a = p.a + r * p.a_stride;
      const Real* const b = p.b + r * p.b_stride;
      Real* const y = p.y + r * p.y_stride;
      for (std::int64_t e = 0; e < end; e += S::kLanes) {
        S::store(y + e, S::load(p.u + e) * S::load(a + e) + S::load(p.v + e) * S::load(b + e));
      }
    }
  }

  static void transpose(const Real* const* rows,
                        std::int64_t columns,
                        std::int64_t vectors,
                        Real* out,
                        std::int64_t out_stride) {
    for (std::int64_t v = 0; v < vectors; ++v) {
      const Real* const* const lane_rows = rows + v * S::kLanes;
      for (std::int64_t c = 0; c < columns; c += S::kLanes) {
        Vector tile[S::kLanes];
        for (int i = 0; i < S::kLanes; ++i) tile[i] = S::load(lane_rows[i] + c);
        turn<S::kLanes / 2>(tile);
        Real* const to = out + c * out_stride + v * S::kLanes;
        const std::int64_t width = columns - c < S::kLanes ? columns - c : S::kLanes;
        for (std::int64_t i = 0; i < width; ++i) S::store(to + i * out_stride, tile[i]);
      }
    }
  }

 private:
  struct Triple {
    Vector a;
    Vector slope;
    Vector curvature;
  };
  struct Normal {
    Vector cumulative;
    Vector density;
  };

  template <class F>
  static void each(
      std::int64_t count, const Real* z, Real* a, Real* slope, Real* curvature, F&& f) {
    for (std::int64_t i = 0; i < count; i += S::kLanes) {
      const Triple t = f(S::load(z + i));
      S::store(a + i, t.a);
      if (slope != nullptr) S::store(slope + i, t.slope);
      if (curvature != nullptr) S::store(curvature + i, t.curvature);
    }
  }

  /// Φ(x) and φ(x). Single precision: Φ(-|x|) = ½ exp(-x²/2) erfcx(|x|/√2), with erfcx(t) = u P(u),
  /// u = 1/(1 + t/3), P by Chebyshev interpolation (relative error 7e-9); x² in two parts, for its
  /// rounding would be magnified by x²/2. Double precision: the C library, lane by lane.
  static Normal normal(Vector x) {
    constexpr Real kDensity0 = Real(0.39894228040143267794);
    if constexpr (S::kSingle) {
      constexpr Real kErfcx[] = {Real(0.188032051154),
                                 Real(0.188758175564),
                                 Real(0.170823788892),
                                 Real(0.194970989734),
                                 Real(-0.0101758246332),
                                 Real(0.419043377659),
                                 Real(-0.460040464685),
                                 Real(0.55001252437),
                                 Real(-0.298282277036),
                                 Real(0.0568576606112)};
      const Vector size = S::magnitude(x);
      const Vector square = x * x;
      const Vector high =
          S::real(S::bits(size) & ~typename S::Integer{0xfff});  // 12 bits: its square is exact
      const Vector tail = (size - high) * (size + high);         // x² - high², to rounding
      const Vector gauss = S::exp(Real(-0.5) * high * high) * S::exp(Real(-0.5) * tail);
      const Vector u = Real(1) / (Real(1) + size * Real(0.23570226039551584147));  // 1 / (3 √2)
      Vector p = S::fill(kErfcx[9]);
#pragma GCC unroll 16
      for (int k = 8; k >= 0; --k) p = p * u + kErfcx[k];
      const Vector lower = Real(0.5) * gauss * (u * p);
      const Vector finite_lower = square == square ? lower : square;
      return {x > Real(0) ? Real(1) - finite_lower : finite_lower, kDensity0 * gauss};
    } else {
      Normal n;
      for (int l = 0; l < S::kLanes; ++l) {
        n.cumulative[l] = Real(0.5) * std::erfc(-x[l] * Real(0.70710678118654752440));
        n.density[l] = kDensity0 * std::exp(Real(-0.5) * x[l] * x[l]);
      }
      return n;
    }
  }

  template <int Stride>
  static void turn(Vector (&tile)[S::kLanes]) {
    if constexpr (Stride > 0) {
#pragma GCC unroll 16
      for (int i = 0; i < S::kLanes; ++i) {
        if ((i & Stride) == 0) Shuffle<S>::template exchange<Stride>(tile[i], tile[i + Stride]);
      }
      turn<Stride / 2>(tile);
    }
  }
};

}  // namespace
}  // namespace thermoscape::mlp
