#pragma once
#include "thermoscape/objective/mlp/kernels.hpp"
#include "thermoscape/objective/mlp/simd.hpp"

namespace thermoscape::mlp {
namespace {

/// Cuts n into ceil(n / most) parts that differ by at most one, the longer ones first.
struct Parts {
  std::int64_t count;
  std::int64_t length;  ///< of the shorter parts
  std::int64_t longer;  ///< how many are one longer

  // A division by `count`, which only the run knows, would cost as much as a tenth of a tile.
  Parts(std::int64_t size, std::int64_t most)
      : count(static_cast<std::uint32_t>(size + most - 1) / static_cast<std::uint32_t>(most)),
        length(most) {
    while (length * count > size) --length;
    longer = size - length * count;
  }
  [[nodiscard]] std::int64_t begin(std::int64_t i) const {
    return i * length + (i < longer ? i : longer);
  }
  [[nodiscard]] std::int64_t size(std::int64_t i) const { return i < longer ? length + 1 : length; }
};

/// Product over register tiles of at most Rows outputs x Columns vectors of examples. Each weight
/// is broadcast once and each vector of examples loaded once per tile, Rows + Columns loads for
/// Rows * Columns multiply-adds.
template <class S, class Real, int Rows, int Columns>
struct ProductKernel {
  using Vector = typename S::Vector;
  // Depths beyond this go in pieces, so that the piece of x that all row tiles share stays in the
  // first-level cache.
  static constexpr std::int64_t kDepth = 128;

  static void run(const Product<Real>& p) {
    // A gate in place cannot wait until the last piece has overwritten it.
    if (p.depth <= kDepth || p.gate == p.y) return sweep(p);
    Product<Real> piece = p;
    piece.finish = p.finish == Finish::add ? Finish::add : Finish::store;
    for (std::int64_t done = 0; done < p.depth; done += kDepth) {
      piece.depth = p.depth - done < kDepth ? p.depth - done : kDepth;
      piece.weights = p.weights + done * p.depth_stride;
      piece.x = p.x + done * p.x_stride;
      sweep(piece);
      piece.finish = Finish::add;
      piece.bias = nullptr;
    }
    finish_stored(p);
  }

 private:
  // The product as the tiles see it. Strides are in bytes: GCC would make a second copy of the loop
  // for each stride of one element, and then no longer keep the sums in registers.
  struct Sweep {
    const char* weights;
    std::int64_t row_bytes;
    std::int64_t depth_bytes;
    std::int64_t depth;
    const char* x;
    std::int64_t x_bytes;
    const char* bias;
    std::int64_t bias_bytes;
    Real* y;
    const Real* gate;
    std::int64_t y_stride;
    Real* row_sums;
    Real zero;  ///< not known to be zero: comparisons with a constant do not become a maximum
  };

  static void sweep(const Product<Real>& p) {
    static volatile Real hidden_zero = 0;
    static constexpr Real kZero = 0;
    const Real zero = hidden_zero;
    constexpr std::int64_t kSize = sizeof(Real);
    const bool has_bias = p.bias != nullptr;
    const Sweep s{bytes(p.weights),
                  p.row_stride * kSize,
                  p.depth_stride * kSize,
                  p.depth,
                  bytes(p.x),
                  p.x_stride * kSize,
                  bytes(has_bias ? p.bias : &kZero),
                  has_bias ? kSize : 0,
                  p.y,
                  p.gate == nullptr ? p.y : p.gate,
                  p.y_stride,
                  p.row_sums,
                  zero};
    const Parts rows(p.rows, Rows);
    const Parts columns(p.vectors, Columns);
    const Tiles& of = tiles(p.finish);
    for (std::int64_t j = 0; j < columns.count; ++j) {
      const std::int64_t column = columns.begin(j);
      const std::int64_t width = columns.size(j);
      const std::int64_t at = column * S::kLanes;
      const std::int64_t tall = rows.longer * (rows.length + 1);
      if (rows.longer > 0) of.tile[rows.length][width - 1](s, 0, tall, at);
      if (rows.longer < rows.count) of.tile[rows.length - 1][width - 1](s, tall, p.rows, at);
    }
  }

  static const char* bytes(const Real* p) { return reinterpret_cast<const char*>(p); }
  static Real scalar(const char* p) {
    Real x;
    __builtin_memcpy(&x, p, sizeof x);
    return x;
  }

  /// The tiles of R rows between two rows, one below the other: a call a tile would cost as much as
  /// a fifth of its end. Finish is a compile-time choice, for with a switch before the stores GCC
  /// keeps the sums in memory.
  template <Finish F, int R, int C>
  static void tile(const Sweep& s, std::int64_t from, std::int64_t to, std::int64_t column) {
    std::int64_t row = from;
    do {
      Vector sum[R][C];
      // From zero, the bias at the end: as a start it would have to be copied into every sum, which
      // costs a tenth of the tile.
      for (int r = 0; r < R; ++r) {
        for (int c = 0; c < C; ++c) sum[r][c] = Vector{};
      }
      const char* weight[R];
#pragma GCC unroll 16  // else GCC computes the addresses in vectors, behind all multiply-adds
      for (int r = 0; r < R; ++r) weight[r] = s.weights + (row + r) * s.row_bytes;
      const char* x = s.x + column * static_cast<std::int64_t>(sizeof(Real));
      const std::int64_t x_bytes = s.x_bytes;
      const std::int64_t depth_bytes = s.depth_bytes;
      std::int64_t at = 0;
      std::int64_t k = s.depth;
      do {
        Vector example[C];
        for (int c = 0; c < C; ++c)
          __builtin_memcpy(&example[c], x + c * sizeof(Vector), sizeof(Vector));
        for (int r = 0; r < R; ++r) {
          const Vector w = S::fill(scalar(weight[r] + at));
          for (int c = 0; c < C; ++c) sum[r][c] += w * example[c];
        }
        x += x_bytes;
        at += depth_bytes;
      } while (--k > 0);

      Real* const row_sums = s.row_sums;
      const std::int64_t bias_bytes = s.bias_bytes;
      const char* const bias_at = s.bias + row * bias_bytes;
      const std::int64_t y_stride = s.y_stride;
      const std::int64_t first = row * y_stride + column;
      const Vector zero = S::fill(s.zero);
      Real* const y = s.y + first;
      const Real* const gate = s.gate + first;
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        Vector total;
        const Vector bias = sums_rows(F) ? Vector{} : S::fill(scalar(bias_at + r * bias_bytes));
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) {
          const std::int64_t i = r * y_stride + c * S::kLanes;
          const Vector whole = sums_rows(F) ? sum[r][c] : sum[r][c] + bias;
          const Vector value = finished<F>(whole, F == Finish::add ? y + i : gate + i, zero);
          S::store(y + i, value);
          total = c == 0 ? value : total + value;
        }
        if constexpr (sums_rows(F)) add_row(row_sums + (row + r) * S::kLanes, total);
      }
      row += R;
    } while (row < to);
  }

  /// The finish of a product already stored.
  static void finish_stored(const Product<Real>& p) {
    switch (p.finish) {
      case Finish::store:
        return;
      case Finish::add:
        return;
      case Finish::relu:
        return finish_stored<Finish::relu>(p);
      case Finish::gate_none:
        return finish_stored<Finish::gate_none>(p);
      case Finish::gate_positive:
        return finish_stored<Finish::gate_positive>(p);
      case Finish::gate_tanh:
        return finish_stored<Finish::gate_tanh>(p);
      case Finish::gate_factor:
        return finish_stored<Finish::gate_factor>(p);
    }
  }
  template <Finish F>
  static void finish_stored(const Product<Real>& p) {
    for (std::int64_t r = 0; r < p.rows; ++r) {
      Vector total = Vector{};
      for (std::int64_t v = 0; v < p.vectors; ++v) {
        const std::int64_t i = r * p.y_stride + v * S::kLanes;
        const Vector value = finished<F>(S::load(p.y + i), p.gate + i, Vector{});
        S::store(p.y + i, value);
        total += value;
      }
      if constexpr (sums_rows(F)) add_row(p.row_sums + r * S::kLanes, total);
    }
  }

  static constexpr bool sums_rows(Finish f) {
    return f != Finish::store && f != Finish::add && f != Finish::relu;
  }
  static void add_row(Real* to, Vector total) {
    S::store(to, S::load(to) + total);
  }

  template <Finish F>
  static Vector finished(Vector y, const Real* gate, [[maybe_unused]] Vector zero) {
    if constexpr (F == Finish::add) {
      return y + S::load(gate);
    } else if constexpr (F == Finish::relu) {
      return S::larger(zero, y);  // in this order NaN passes through
    } else if constexpr (F == Finish::gate_positive) {
      return S::load(gate) > Real(0) ? y : Vector{};
    } else if constexpr (F == Finish::gate_tanh) {
      const Vector a = S::load(gate);
      return y * (Real(1) - a * a);
    } else if constexpr (F == Finish::gate_factor) {
      return y * S::load(gate);
    } else {
      return y;
    }
  }

  // tiles(f).tile[R - 1][C - 1] is the tile of R x C with finish f.
  using Tile = void (*)(const Sweep&, std::int64_t from, std::int64_t to, std::int64_t column);
  struct Tiles {
    Tile tile[Rows][Columns];
  };
  template <Finish F, int... I>
  static constexpr Tiles table(std::integer_sequence<int, I...>) {
    Tiles t{};
    ((t.tile[I / Columns][I % Columns] = &tile<F, I / Columns + 1, I % Columns + 1>), ...);
    return t;
  }
  template <Finish F>
  static constexpr Tiles kTiles = table<F>(std::make_integer_sequence<int, Rows * Columns>{});

  static const Tiles& tiles(Finish finish) {
    switch (finish) {
      case Finish::store:
        break;
      case Finish::add:
        return kTiles<Finish::add>;
      case Finish::gate_none:
        return kTiles<Finish::gate_none>;
      case Finish::relu:
        return kTiles<Finish::relu>;
      case Finish::gate_positive:
        return kTiles<Finish::gate_positive>;
      case Finish::gate_tanh:
        return kTiles<Finish::gate_tanh>;
      case Finish::gate_factor:
        return kTiles<Finish::gate_factor>;
    }
    return kTiles<Finish::store>;
  }
};

}  // namespace
}  // namespace thermoscape::mlp
