#pragma once
#include "thermoscape/objective/mlp/kernels.hpp"
#include "thermoscape/objective/mlp/simd.hpp"

namespace thermoscape::mlp {
namespace {

/// Losses of the output layer, their derivative and their curvature, example by example in the
/// lanes.
template <class S, class Real>
struct OutputKernel {
  using Vector = typename S::Vector;
  using Bits = typename S::Bits;
  using Integer = typename S::Integer;

  /// With m = max_k z_k, e_k = exp(z_k - m), R = Σ_{k≠y} e_k:
  ///   ℓ = (m - z_y) + ln(1 + R)                 if y is the largest: no digit of a small R is lost
  ///   ℓ = (m - z_y) + ln(1 + (R - 1) + e_y)     otherwise: R >= 1
  ///   ∂ℓ/∂z_k = e_k / (R + e_y),  ∂ℓ/∂z_y = -R / (R + e_y)
  /// A few vectors go through one stage after the other, for the chain of stages of a single vector
  /// is too long to fill the core.
  static double cross_entropy(const Output<Real>& o) {
    constexpr std::int64_t kGroup = 8;
    Vector own[kGroup];
    for (std::int64_t first = 0; first < o.vectors; first += kGroup) {
      const std::int64_t count = o.vectors - first < kGroup ? o.vectors - first : kGroup;
      for (std::int64_t v = 0; v < count; ++v) own[v] = shift(o, (first + v) * S::kLanes);
      for (std::int64_t k = 0; k < o.classes; ++k) {
        Real* const d = o.d + k * o.stride + first * S::kLanes;
        for (std::int64_t v = 0; v < count * S::kLanes; v += S::kLanes) {
          S::store(d + v, S::exp(S::load(d + v)));
        }
      }
      for (std::int64_t v = 0; v < count; ++v) finish(o, (first + v) * S::kLanes, own[v]);
    }
    return total(o);
  }

  static double squared(const Output<Real>& o) {
    for (std::int64_t v = 0; v < o.vectors; ++v) {
      const std::int64_t at = v * S::kLanes;
      const Bits label = S::widen(o.labels + at);
      const Bits valid =
          S::lane_numbers() + static_cast<Integer>(at) < static_cast<Integer>(o.count);
      Vector sum = Vector{};
      for (std::int64_t k = 0; k < o.classes; ++k) {
        const Vector target = label == static_cast<Integer>(k) ? S::fill(1) : Vector{};
        const Vector d = valid ? S::load(o.z + k * o.stride + at) - target : Vector{};
        sum += d * d;
        put(o, k, o.d + k * o.stride + at, d);
      }
      if (o.losses != nullptr) S::store(o.losses + at, Real(0.5) * sum);
    }
    return total(o);
  }

  /// With p_k = d_k (k ≠ y), p_y = 1 + d_y, and r measured from its own class, r_k - r_y, so that a
  /// well-fitted example (p_y near 1) keeps its digits:   s = Σ_{k≠y} p_k (r_k - r_y),   out_k =
  /// p_k (r_k - r_y - s),   out_y = -p_y s.
  static void cross_entropy_curvature(const Output<Real>& o, Real* z) {
    for (std::int64_t v = 0; v < o.vectors; ++v) {
      const std::int64_t at = v * S::kLanes;
      const Bits label = S::widen(o.labels + at);
      const Bits valid =
          S::lane_numbers() + static_cast<Integer>(at) < static_cast<Integer>(o.count);
      Vector own = Vector{};
      for (std::int64_t k = 0; k < o.classes; ++k) {
        own = label == static_cast<Integer>(k) ? S::load(z + k * o.stride + at) : own;
      }
      Vector mean = Vector{};
      for (std::int64_t k = 0; k < o.classes; ++k) {
        const std::int64_t i = k * o.stride + at;
        mean +=
            label == static_cast<Integer>(k) ? Vector{} : S::load(o.d + i) * (S::load(z + i) - own);
      }
      for (std::int64_t k = 0; k < o.classes; ++k) {
        const std::int64_t i = k * o.stride + at;
        const Vector d = S::load(o.d + i);
        const Vector other = d * ((S::load(z + i) - own) - mean);
        const Vector curved = label == static_cast<Integer>(k) ? -(Real(1) + d) * mean : other;
        put(o, k, z + i, valid ? curved : Vector{});
      }
    }
  }

  static void squared_curvature(const Output<Real>& o, Real* z) {
    for (std::int64_t v = 0; v < o.vectors; ++v) {
      const std::int64_t at = v * S::kLanes;
      const Bits valid =
          S::lane_numbers() + static_cast<Integer>(at) < static_cast<Integer>(o.count);
      for (std::int64_t k = 0; k < o.classes; ++k) {
        Real* const to = z + k * o.stride + at;
        put(o, k, to, valid ? S::load(to) : Vector{});
      }
    }
  }

 private:
  /// d = z - m; returns z_y - m.
  static Vector shift(const Output<Real>& o, std::int64_t at) {
    const Bits label = S::widen(o.labels + at);
    Vector largest = S::load(o.z + at);
    for (std::int64_t k = 1; k < o.classes; ++k) {
      largest = S::larger(S::load(o.z + k * o.stride + at), largest);
    }
    Vector own = Vector{};
    for (std::int64_t k = 0; k < o.classes; ++k) {
      const std::int64_t i = k * o.stride + at;
      const Vector shifted = S::load(o.z + i) - largest;
      own = label == static_cast<Integer>(k) ? shifted : own;
      S::store(o.d + i, shifted);
    }
    return own;
  }

  /// ℓ and ∂ℓ/∂z from d = e and own = z_y - m.
  static void finish(const Output<Real>& o, std::int64_t at, Vector own) {
    const Bits label = S::widen(o.labels + at);
    const Bits valid = S::lane_numbers() + static_cast<Integer>(at) < static_cast<Integer>(o.count);
    Vector own_exponential = Vector{};
    Vector rest = Vector{};
    for (std::int64_t k = 0; k < o.classes; ++k) {
      const Vector e = S::load(o.d + k * o.stride + at);
      const Bits is_own = label == static_cast<Integer>(k);
      own_exponential = is_own ? e : own_exponential;
      rest += is_own ? Vector{} : e;
    }
    const Vector excess = own == Real(0) ? rest : (rest - Real(1)) + own_exponential;
    if (o.losses != nullptr) S::store(o.losses + at, valid ? S::log1p(excess) - own : Vector{});
    const Vector scale = Real(1) / (rest + own_exponential);
    for (std::int64_t k = 0; k < o.classes; ++k) {
      Real* const to = o.d + k * o.stride + at;
      const Bits is_own = label == static_cast<Integer>(k);
      const Vector d = scale * (is_own ? -rest : S::load(to));
      put(o, k, to, valid ? d : Vector{});
    }
  }

  /// Stores one vector of row k and adds it to the row's sum.
  static void put(const Output<Real>& o, std::int64_t k, Real* to, Vector d) {
    S::store(to, d);
    if (o.row_sums == nullptr) return;
    Real* const sum = o.row_sums + k * S::kLanes;
    S::store(sum, S::load(sum) + d);
  }

  /// Σ losses in double: a partial sum a lane, then halves of the lanes onto each other.
  static double total(const Output<Real>& o) {
    if (o.losses == nullptr) return 0;
    double lanes[S::kLanes] = {};
    for (std::int64_t v = 0; v < o.vectors; ++v) {
      for (int l = 0; l < S::kLanes; ++l)
        lanes[l] += static_cast<double>(o.losses[v * S::kLanes + l]);
    }
#pragma GCC unroll 8
    for (int half = S::kLanes / 2; half > 0; half /= 2) {
      for (int l = 0; l < half; ++l) lanes[l] += lanes[l + half];
    }
    return lanes[0];
  }
};

}  // namespace
}  // namespace thermoscape::mlp
