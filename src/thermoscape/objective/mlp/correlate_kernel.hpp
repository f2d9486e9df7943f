#pragma once
#include "thermoscape/objective/mlp/kernels.hpp"
#include "thermoscape/objective/mlp/product_kernel.hpp"
#include "thermoscape/objective/mlp/simd.hpp"

namespace thermoscape::mlp {
namespace {

/// Sums over examples of products of two rows: tiles of at most Rows x Columns accumulators run
/// over the examples and are then folded to one number each. A tile's numbers lie together in the
/// packed array, so that blocks of examples add up in whole vectors; `unpack` puts them into
/// row-major order once, at the end.
template <class S, class Real, int Rows, int Columns>
struct CorrelateKernel {
  using Vector = typename S::Vector;
  using Tile = void (*)(const Correlation<Real>&,
                        std::int64_t row,
                        std::int64_t column,
                        Real* packed);
  static constexpr int kPiece = Columns <= 2 ? 2 : Columns <= 4 ? 4 : 8;
  typedef Real Piece __attribute__((vector_size(kPiece * sizeof(Real))));
  static constexpr int kSlots = (Rows * Columns + S::kLanes - 1) / S::kLanes * S::kLanes;

  static std::int64_t packed_size(std::int64_t rows, std::int64_t columns) {
    return Parts(rows, Rows).count * Parts(columns, Columns).count * kSlots;
  }

  static void run(const Correlation<Real>& p) {
    const Parts rows(p.rows, Rows);
    const Parts columns(p.columns, Columns);
    Real* packed = p.packed;
    for (std::int64_t j = 0; j < columns.count; ++j) {
      const std::int64_t column = columns.begin(j);
      const std::int64_t width = columns.size(j);
      for (std::int64_t i = 0; i < rows.count; ++i, packed += kSlots) {
        const std::int64_t row = rows.begin(i);
        kTiles.tile[rows.size(i) - 1][width - 1](p, row, column, packed);
      }
    }
  }

  static void unpack(
      std::int64_t rows, std::int64_t columns, const Real* packed, Real scale, Real* out) {
    const Parts down(rows, Rows);
    const Parts across(columns, Columns);
    const Real* const end = out + rows * columns;
    const std::int64_t next_tile = down.count * kSlots;
    const std::int64_t longer = across.longer;
    const std::int64_t shorter = across.count - longer;
    for (std::int64_t i = 0; i < down.count; ++i, packed += kSlots) {
      const std::int64_t height = down.size(i);
      for (std::int64_t r = 0; r < height; ++r) {
        const bool inside = end - out >= columns + kPiece;
        const std::int64_t width = across.length;
        const Real* const rest = packed + longer * next_tile + r * width;
        out = copy(longer, width + 1, packed + r * (width + 1), next_tile, inside, scale, out);
        out = copy(shorter, width, rest, next_tile, inside, scale, out);
      }
    }
  }

  static void reduce_rows(std::int64_t rows, const Real* sums, Real scale, Real* out) {
    std::int64_t done = 0;
    for (; done + S::kLanes <= rows; done += S::kLanes) {
      Vector v[S::kLanes];
      for (int i = 0; i < S::kLanes; ++i) v[i] = S::load(sums + (done + i) * S::kLanes);
      S::store(out + done, scale * fold<S::kLanes>(v));
    }
    for (; done < rows; ++done) {
      Vector v[1] = {S::load(sums + done * S::kLanes)};
      out[done] = scale * fold<1>(v)[0];
    }
  }

 private:
  /// The same row of `count` tiles side by side, `width` numbers each; returns the end. Inside, a
  /// piece is moved as wide as a tile can be: what lands behind it is overwritten by the next one.
  static Real* copy(std::int64_t count,
                    std::int64_t width,
                    const Real* from,
                    std::int64_t next_tile,
                    bool inside,
                    Real scale,
                    Real* out) {
    for (; count > 0; --count, from += next_tile, out += width) {
      if (inside) {
        Piece piece;
        __builtin_memcpy(&piece, from, sizeof piece);
        piece *= scale;
        __builtin_memcpy(out, &piece, sizeof piece);
      } else {
        for (std::int64_t c = 0; c < width; ++c) out[c] = scale * from[c];
      }
    }
    return out;
  }

  /// Lane i of the result is the sum of the lanes of v[i], i < N <= lanes; destroys v.
  template <int N, int Step = 0>
  static Vector fold(Vector* v) {
    if constexpr ((1 << Step) == S::kLanes) {
      return v[0];
    } else {
#pragma GCC unroll 32
      for (int i = 0; i < N; i += 2) {
        // A missing partner leaves numbers that nobody reads.
        v[i / 2] = Shuffle<S>::template fold<Step>(v[i], v[i + 1 < N ? i + 1 : i]);
      }
      return fold<(N + 1) / 2, Step + 1>(v);
    }
  }

  template <int R, int C>
  static void tile(const Correlation<Real>& p,
                   std::int64_t row,
                   std::int64_t column,
                   Real* packed) {
    Vector sum[R * C];
    for (int i = 0; i < R * C; ++i) sum[i] = Vector{};
    const Real* d[R];
    const Real* a[C];
#pragma GCC unroll 16  // else GCC computes the addresses in vectors, behind all multiply-adds
    for (int r = 0; r < R; ++r) d[r] = p.d + (row + r) * p.d_stride;
#pragma GCC unroll 16
    for (int c = 0; c < C; ++c) a[c] = p.a + (column + c) * p.a_stride;
    const std::int64_t end = p.vectors * S::kLanes;
    for (std::int64_t e = 0; e < end; e += S::kLanes) {
      Vector row_values[R];
      for (int r = 0; r < R; ++r) row_values[r] = S::load(d[r] + e);
      for (int c = 0; c < C; ++c) {
        const Vector value = S::load(a[c] + e);
        for (int r = 0; r < R; ++r) sum[r * C + c] += row_values[r] * value;
      }
    }
    add_folded<R * C>(sum, packed);
  }

  template <int N>
  static void add_folded(Vector* sum, Real* packed) {
    constexpr int kFirst = N < S::kLanes ? N : S::kLanes;
    S::store(packed, S::load(packed) + fold<kFirst>(sum));
    if constexpr (N > S::kLanes) add_folded<N - S::kLanes>(sum + S::kLanes, packed + S::kLanes);
  }

  struct Tiles {
    Tile tile[Rows][Columns];
  };
  template <int... I>
  static constexpr Tiles table(std::integer_sequence<int, I...>) {
    Tiles t{};
    ((t.tile[I / Columns][I % Columns] = &tile<I / Columns + 1, I % Columns + 1>), ...);
    return t;
  }
  static constexpr Tiles kTiles = table(std::make_integer_sequence<int, Rows * Columns>{});
};

}  // namespace
}  // namespace thermoscape::mlp
