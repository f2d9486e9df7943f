#pragma once
#include "thermoscape/objective/mlp/product_kernel.hpp"
#include "thermoscape/objective/mlp/replica_kernels.hpp"
#include "thermoscape/objective/mlp/simd.hpp"

namespace thermoscape::mlp {
namespace {

/// The passes over replicas in register tiles of at most Rows x Columns sums, Columns examples or
/// columns wide. No sum runs across lanes, so no lane depends on what the others hold.
template <class S, class Real, int Rows, int Columns>
struct ReplicaLoops {
  using Vector = typename S::Vector;
  static constexpr std::int64_t kVector = sizeof(Vector);

  static void product(const ReplicaProduct<Real>& p) {
    const Parts rows(p.rows, Rows);
    const Parts columns(p.examples, Columns);
    const Products& of = products(p.finish, p.shared);
    for (std::int64_t i = 0; i < rows.count; ++i) {
      const auto* const row = of.tile[rows.size(i) - 1];
      const std::int64_t tall = columns.longer * (columns.length + 1);
      if (columns.longer > 0) row[columns.length](p, rows.begin(i), 0, tall);
      if (columns.longer < columns.count)
        row[columns.length - 1](p, rows.begin(i), tall, p.examples);
    }
  }

  static void correlate(const ReplicaCorrelation<Real>& p) {
    const Parts rows(p.rows, Rows);
    const Parts columns(p.columns, Columns);
    const Correlations& of = p.shared ? kShared : kOwn;
    for (std::int64_t i = 0; i < rows.count; ++i) {
      for (std::int64_t j = 0; j < columns.count; ++j) {
        of.tile[rows.size(i) - 1][columns.size(j) - 1](p, rows.begin(i), columns.begin(j));
      }
    }
  }

  static void tanh(std::int64_t count, Real* z) {
    for (std::int64_t i = 0; i < count * S::kLanes; i += S::kLanes)
      S::store(z + i, S::tanh(S::load(z + i)));
  }

  /// The formulas of OutputKernel::cross_entropy. The label is the same in all lanes. One stage
  /// after the other over all examples, for the stages of one are a long chain.
  static void cross_entropy(const ReplicaOutput<Real>& o) {
    const std::int64_t next = o.stride * S::kLanes;
    constexpr std::int64_t kGroup = 8;
    Vector own[kGroup];
    for (std::int64_t first = 0; first < o.examples; first += kGroup) {
      const std::int64_t count = o.examples - first < kGroup ? o.examples - first : kGroup;
      Real* const z = o.z + first * S::kLanes;
      const std::int32_t* const labels = o.labels + first;
      for (std::int64_t e = 0; e < count; ++e) {
        Real* const at = z + e * S::kLanes;
        Vector largest = S::load(at);
        for (std::int64_t k = 1; k < o.classes; ++k)
          largest = S::larger(S::load(at + k * next), largest);
        for (std::int64_t k = 0; k < o.classes; ++k)
          S::store(at + k * next, S::load(at + k * next) - largest);
        own[e] = S::load(at + labels[e] * next);
      }
      for (std::int64_t k = 0; k < o.classes; ++k) {
        Real* const row = z + k * next;
        for (std::int64_t e = 0; e < count * S::kLanes; e += S::kLanes)
          S::store(row + e, S::exp(S::load(row + e)));
      }
      for (std::int64_t e = 0; e < count; ++e) {
        Real* const at = z + e * S::kLanes;
        const std::int64_t label = labels[e];
        Vector rest = Vector{};
        for (std::int64_t k = 0; k < o.classes; ++k) {
          if (k != label) rest += S::load(at + k * next);
        }
        const Vector own_exponential = S::load(at + label * next);
        const Vector excess = own[e] == Real(0) ? rest : (rest - Real(1)) + own_exponential;
        own[e] = S::log1p(excess) - own[e];
        const Vector scale = Real(1) / (rest + own_exponential);
        for (std::int64_t k = 0; k < o.classes; ++k)
          put(o, k, at + k * next, scale * (k == label ? -rest : S::load(at + k * next)));
      }
      add_losses(own, count, o.losses);
    }
  }

  static void squared(const ReplicaOutput<Real>& o) {
    const std::int64_t next = o.stride * S::kLanes;
    for (std::int64_t e = 0; e < o.examples; ++e) {
      Vector loss[1] = {Vector{}};
      for (std::int64_t k = 0; k < o.classes; ++k) {
        Real* const at = o.z + k * next + e * S::kLanes;
        const Vector d = S::load(at) - (k == o.labels[e] ? Real(1) : Real(0));
        loss[0] += d * d;
        put(o, k, at, d);
      }
      loss[0] *= Real(0.5);
      add_losses(loss, 1, o.losses);
    }
  }

  static void scale(std::int64_t count, Real factor, Real l2, const Real* theta, Real* gradient) {
    for (std::int64_t i = 0; i < count * S::kLanes; i += S::kLanes) {
      Vector g = factor * S::load(gradient + i);
      if (l2 != 0) g += l2 * S::load(theta + i);
      S::store(gradient + i, g);
    }
  }

 private:
  static void put(const ReplicaOutput<Real>& o, std::int64_t k, Real* to, Vector d) {
    S::store(to, d);
    Real* const sum = o.row_sums + k * S::kLanes;
    S::store(sum, S::load(sum) + d);
  }
  static void add_losses(const Vector* losses, std::int64_t count, double* sums) {
    for (std::int64_t e = 0; e < count; ++e) {
      Real lanes[S::kLanes];
      S::store(lanes, losses[e]);
      for (int l = 0; l < S::kLanes; ++l) sums[l] += static_cast<double>(lanes[l]);
    }
  }

  static const char* bytes(const Real* p) { return reinterpret_cast<const char*>(p); }
  /// A vector, or one number for all lanes.
  template <bool Shared>
  static Vector entry(const char* p) {
    if constexpr (Shared) {
      Real x;
      __builtin_memcpy(&x, p, sizeof x);
      return S::fill(x);
    } else {
      Vector v;
      __builtin_memcpy(&v, p, sizeof v);
      return v;
    }
  }
  template <bool Shared>
  static constexpr std::int64_t kEntry = Shared ? sizeof(Real) : sizeof(Vector);

  /// The tiles of C examples between two examples, in R rows from `row` on. As ProductKernel::tile:
  /// sums start from zero, addresses are kept out of vector registers.
  template <Finish F, bool Shared, int R, int C>
  static void product_tile(const ReplicaProduct<Real>& p,
                           std::int64_t row,
                           std::int64_t from,
                           std::int64_t to) {
    const std::int64_t depth_bytes = p.depth_stride * kVector;
    const std::int64_t x_bytes = p.x_stride * kEntry<Shared>;
    const std::int64_t depth = p.depth;
    const std::int64_t y_next = p.y_stride * S::kLanes;
    const bool has_bias = p.bias != nullptr;
    const Real* const bias = p.bias;
    Real* const row_sums = p.row_sums;
    for (std::int64_t e = from; e < to; e += C) {
      Vector sum[R][C];
      for (int r = 0; r < R; ++r) {
        for (int c = 0; c < C; ++c) sum[r][c] = Vector{};
      }
      const char* weight[R];
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) weight[r] = bytes(p.weights) + (row + r) * p.row_stride * kVector;
      const char* x = bytes(p.x) + e * kEntry<Shared>;
      std::int64_t at = 0;
      std::int64_t k = depth;
      do {
        Vector example[C];
        for (int c = 0; c < C; ++c) example[c] = entry<Shared>(x + c * kEntry<Shared>);
        for (int r = 0; r < R; ++r) {
          const Vector w = entry<false>(weight[r] + at);
          for (int c = 0; c < C; ++c) sum[r][c] += w * example[c];
        }
        x += x_bytes;
        at += depth_bytes;
      } while (--k > 0);

      Real* const y = p.y + row * y_next + e * S::kLanes;
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        const Vector start =
            !gates(F) && has_bias ? S::load(bias + (row + r) * S::kLanes) : Vector{};
        Vector total = Vector{};
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) {
          Real* const to_y = y + r * y_next + c * S::kLanes;
          const Vector value = finished<F>(gates(F) ? sum[r][c] : sum[r][c] + start, to_y);
          S::store(to_y, value);
          total = c == 0 ? value : total + value;
        }
        if constexpr (gates(F)) {
          Real* const sums = row_sums + (row + r) * S::kLanes;
          S::store(sums, S::load(sums) + total);
        }
      }
    }
  }

  static constexpr bool gates(Finish f) {
    return f == Finish::gate_none || f == Finish::gate_positive || f == Finish::gate_tanh;
  }
  template <Finish F>
  static Vector finished(Vector y, const Real* gate) {
    if constexpr (F == Finish::relu) {
      return y < Real(0) ? Vector{} : y;  // NaN passes through
    } else if constexpr (F == Finish::gate_positive) {
      return S::load(gate) > Real(0) ? y : Vector{};
    } else if constexpr (F == Finish::gate_tanh) {
      const Vector a = S::load(gate);
      return y * (Real(1) - a * a);
    } else {
      return y;
    }
  }

  template <bool Shared, int R, int C>
  static void correlate_tile(const ReplicaCorrelation<Real>& p,
                             std::int64_t row,
                             std::int64_t column) {
    Vector sum[R * C];
    for (int i = 0; i < R * C; ++i) sum[i] = Vector{};
    const Real* d[R];
    const char* a[C];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) d[r] = p.d + (row + r) * p.d_stride * S::kLanes;
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) a[c] = bytes(p.a) + (column + c) * p.a_stride * kEntry<Shared>;
    const std::int64_t examples = p.examples;
    for (std::int64_t e = 0; e < examples; ++e) {
      Vector row_values[R];
      for (int r = 0; r < R; ++r) row_values[r] = S::load(d[r] + e * S::kLanes);
      for (int c = 0; c < C; ++c) {
        const Vector value = entry<Shared>(a[c] + e * kEntry<Shared>);
        for (int r = 0; r < R; ++r) sum[r * C + c] += row_values[r] * value;
      }
    }
    const std::int64_t columns = p.columns;
    Real* const out = p.out + (row * columns + column) * S::kLanes;
    const bool fresh = p.fresh;
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
      for (int c = 0; c < C; ++c) {
        Real* const place = out + (r * columns + c) * S::kLanes;
        S::store(place, fresh ? sum[r * C + c] : S::load(place) + sum[r * C + c]);
      }
    }
  }

  // products(f, shared).tile[R - 1][C - 1] is the tile of R x C with finish f.
  struct Products {
    void (*tile[Rows][Columns])(const ReplicaProduct<Real>&,
                                std::int64_t row,
                                std::int64_t from,
                                std::int64_t to);
  };
  using Indices = std::make_integer_sequence<int, Rows * Columns>;
  template <Finish F, bool Shared, int... I>
  static constexpr Products product_table(std::integer_sequence<int, I...>) {
    Products t{};
    ((t.tile[I / Columns][I % Columns] =
          &product_tile<F, Shared, I / Columns + 1, I % Columns + 1>),
     ...);
    return t;
  }
  template <Finish F, bool Shared>
  static constexpr Products kProducts = product_table<F, Shared>(Indices{});

  static const Products& products(Finish finish, bool shared) {
    switch (finish) {
      case Finish::relu:
        return shared ? kProducts<Finish::relu, true> : kProducts<Finish::relu, false>;
      case Finish::gate_none:
        return kProducts<Finish::gate_none, false>;
      case Finish::gate_positive:
        return kProducts<Finish::gate_positive, false>;
      case Finish::gate_tanh:
        return kProducts<Finish::gate_tanh, false>;
      case Finish::store:
      case Finish::add:
      case Finish::gate_factor:
        break;
    }
    return shared ? kProducts<Finish::store, true> : kProducts<Finish::store, false>;
  }

  struct Correlations {
    void (*tile[Rows][Columns])(const ReplicaCorrelation<Real>&,
                                std::int64_t row,
                                std::int64_t column);
  };
  template <bool Shared, int... I>
  static constexpr Correlations correlation_table(std::integer_sequence<int, I...>) {
    Correlations t{};
    ((t.tile[I / Columns][I % Columns] = &correlate_tile<Shared, I / Columns + 1, I % Columns + 1>),
     ...);
    return t;
  }
  static constexpr Correlations kShared = correlation_table<true>(Indices{});
  static constexpr Correlations kOwn = correlation_table<false>(Indices{});
};

/// The table of passes for vectors of Bytes and tiles as in kernel_set().
template <class Real, int Bytes, int Rows, int Columns>
const ReplicaKernels<Real>& replica_kernel_set() {
  using S = Simd<Real, Bytes>;
  using Loops = ReplicaLoops<S, Real, Rows, Columns>;
  static constexpr ReplicaKernels<Real> set{S::kLanes,
                                            &Loops::product,
                                            &Loops::correlate,
                                            &Loops::tanh,
                                            &Loops::cross_entropy,
                                            &Loops::squared,
                                            &Loops::scale};
  return set;
}

}  // namespace
}  // namespace thermoscape::mlp
