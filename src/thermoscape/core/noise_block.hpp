#pragma once
// One block of 64 draws: Philox4x32-10 and Box-Muller over vectors, shared by noise_<set>.cpp.
// A block has 16 counters c with words w_j(c), j = 0 ... 3, and normals at positions 16 j + c:
//   (x_j, x_{j+1}) = √(-2 ln u) (cos, sin)(2π v),  u = (w_j + ½) / 2^32,  v = w_{j+1} / 2^32,
// for j = 0 and 2. So no vector is ever transposed, and every width computes the same draws.
#include "thermoscape/core/noise_kernels.hpp"
#include "thermoscape/core/simd.hpp"

namespace thermoscape {
namespace {

constexpr std::size_t kCounters = kNoiseBlock / 4;            // of a block
constexpr std::size_t kWideLanes = kVectorBytes / 8;          // counters in one wide vector
constexpr std::size_t kWideVectors = kCounters / kWideLanes;  // wide vectors in a block

/// The four output words of `kWideLanes` consecutive counters; only the low half of each lane means
/// anything, which saves packing the 64-bit products again in every round.
struct Words {
  Wide w[4];
};

/// The words of `count` runs of kWideLanes counters each, from `counter` on. All runs go through a
/// round together: the ten rounds of one are a chain that leaves the core waiting.
template <std::size_t count>
inline void philox(const NoiseAddress& address, std::uint32_t counter, Words* out) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53u;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57u;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9u;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85u;
  const Wide zero = {};
  Wide lane = {};
  for (std::size_t i = 0; i < kWideLanes; ++i) lane[i] = i;
  Wide x[count][4];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < count; ++i) {
    x[i][0] = lane + (counter + static_cast<std::uint32_t>(i * kWideLanes));
    x[i][1] = zero + static_cast<std::uint32_t>(address.step);
    x[i][2] = zero + (address.step >> 32);
    x[i][3] = zero + address.stream;
  }
  auto key0 = static_cast<std::uint32_t>(address.key);
  auto key1 = static_cast<std::uint32_t>(address.key >> 32);
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < count; ++i) {
      const Wide product0 = low_product(x[i][0], zero + kMultiplier0);
      const Wide product1 = low_product(x[i][2], zero + kMultiplier1);
      x[i][0] = (product1 >> 32) ^ x[i][1] ^ (zero + key0);
      x[i][2] = (product0 >> 32) ^ x[i][3] ^ (zero + key1);
      x[i][1] = product1;
      x[i][3] = product0;
    }
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < 4; ++j) out[i].w[j] = x[i][j];
  }
}

/// ln(1 + f) for f in [-1/4, 1/2], relative error 5e-9 before rounding (weighted minimax).
inline Float log1p_reduced(Float f) {
  Float q = f * -0.0449095815f + 0.104483284f;
  q = q * f - 0.131622314f;
  q = q * f + 0.144820616f;
  q = q * f - 0.166477665f;
  q = q * f + 0.199906066f;
  q = q * f - 0.250000536f;
  q = q * f + 0.333334535f;
  q = q * f - 0.5f;
  return (f * f) * q + f;
}

/// √(-2 ln u), u = (w + ½) / 2^32.
inline Float radius(Word w) {
  constexpr std::int32_t kThreeQuarters = 0x3f400000;
  const Float u = __builtin_convertvector(w, Float) * 0x1p-32f + 0x1p-33f;
  // u = 2^k m with m in [3/4, 3/2).
  const Int exponent = (bits<Int>(u) - kThreeQuarters) >> 23;
  const Float m = bits<Float>(bits<Int>(u) - (exponent << 23));
  // Near u = 1 the distance 1 - u comes from the integer, since the float has lost its digits.
  const Float complement = __builtin_convertvector(bits<Int>(~w), Float) * -0x1p-32f - 0x1p-33f;
  const Float f = w >= 0xC0000000u ? complement : m - 1.0f;
  const Float logarithm =
      __builtin_convertvector(exponent, Float) * 0.693147181f + log1p_reduced(f);
  return square_root(logarithm * -2.0f);
}

struct FloatPair {
  Float cosine;
  Float sine;
};

/// cos and sin of 2π w / 2^32: the quadrant and the rest, in [-π/4, π/4), are split exactly on the
/// integer.
inline FloatPair circle(Word w) {
  const Word quadrant = (w + 0x20000000u) >> 30;
  const Int rest = bits<Int>(w << 2) >> 2;
  const Float r = __builtin_convertvector(rest, Float) * 1.46291807e-09f;  // 2π / 2^32
  const Float z = r * r;
  const Float s = (z * r) * ((z * -0.000195172994f + 0.008332178f) * z - 0.166666552f) + r;
  const Float c =
      (z * z) * ((z * 2.44384501e-05f - 0.00138873677f) * z + 0.0416666456f) + (z * -0.5f + 1.0f);
  const Int swapped = bits<Int>(quadrant << 31) < 0;
  const Word sign_c = ((quadrant + 1u) & 2u) << 30;
  const Word sign_s = (quadrant & 2u) << 30;
  return {bits<Float>(bits<Word>(swapped ? s : c) ^ sign_c),
          bits<Float>(bits<Word>(swapped ? c : s) ^ sign_s)};
}

/// The low half of each lane as a double, minus `shift` < 2^52: exact.
inline Double exact_double(Wide low, double shift) {
  const Wide magic = Wide{} + 0x4330000000000000u;  // 2^52
  return bits<Double>(low | magic) - (0x1p52 + shift);
}

inline Double radius(Wide w) {
  const Double x = exact_double(w & 0xffffffffu, -0.5);
  // x = 2^k m with m in [√½, √2); k >= -1, kept unsigned by adding 64.
  constexpr std::uint64_t kRootHalf = 0x3fe6a09e667f3bcdu;
  const Wide exponent = (bits<Wide>(x) - (kRootHalf - (std::uint64_t{64} << 52))) >> 52;
  const Double m = bits<Double>(bits<Wide>(x) - (exponent << 52) + (std::uint64_t{64} << 52));
  const Double f = m - 1.0;
  const Double s = f / (f + 2.0);  // ln(1 + f) = 2 artanh(s)
  const Double z = s * s;
  Double q = z * 0.14797526380793505 + 0.15313901447188072;
  q = q * z + 0.18183569807123851;
  q = q * z + 0.2222219847475701;
  q = q * z + 0.28571428743273969;
  q = q * z + 0.39999999999411046;
  q = q * z + 0.66666666666667351;
  // 2 s + s z q = f - s (f - z q): the leading term is exact.
  const Double reduced = f - s * (f - z * q);
  const Double logarithm = exact_double(exponent, 64.0 + 32.0) * 0.69314718055994531 + reduced;
  return square_root(logarithm * -2.0);
}

struct DoublePair {
  Double cosine;
  Double sine;
};

inline DoublePair circle(Wide w) {
  const Wide shifted = w + 0x20000000u;
  const Double r = exact_double(shifted & 0x3fffffffu, 0x1p29) * 1.4629180792671596e-09;
  const Double z = r * r;
  Double s = z * 1.5896825703199867e-10 - 2.5050758617890487e-08;
  s = s * z + 2.7557313695018716e-06;
  s = s * z - 0.00019841269829816389;
  s = s * z + 0.0083333333333224235;
  s = s * z - 0.16666666666666632;
  s = (z * r) * s + r;
  Double c = z * -1.1359614047262184e-11 + 2.0875722605463348e-09;
  c = c * z - 2.7557314347330046e-07;
  c = c * z + 2.4801587289464664e-05;
  c = c * z - 0.0013888888888874097;
  c = c * z + 0.041666666666666602;
  c = (z * z) * c + (z * -0.5 + 1.0);
  const Long swapped = bits<Long>(shifted << 33) < 0;
  const Wide sign_c = ((shifted + 0x40000000u) & 0x80000000u) << 32;
  const Wide sign_s = (shifted & 0x80000000u) << 32;
  return {bits<Double>(bits<Wide>(swapped ? s : c) ^ sign_c),
          bits<Double>(bits<Wide>(swapped ? c : s) ^ sign_s)};
}

/// The words of `blocks` blocks, kWideVectors each, from `counter` on.
inline void block_words(const NoiseAddress& address,
                        std::uint32_t counter,
                        std::size_t blocks,
                        Words* out) {
  constexpr std::size_t kTogether = kVectorBytes == 64 ? 4 : 2;  // as many as the registers hold
  const std::size_t end = blocks * kWideVectors;
  const auto at = [counter](std::size_t g) {
    return counter + static_cast<std::uint32_t>(g * kWideLanes);
  };
  std::size_t g = 0;
  for (; g + kTogether <= end; g += kTogether) philox<kTogether>(address, at(g), out + g);
  for (; g < end; g += 2) philox<2>(address, at(g), out + g);
}

/// Calls give(position, vector) for the vectors of normals of a block.
template <class Give>
inline void for_normals(const Words* block, float, Give&& give) {
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kWideVectors; g += 2) {
    const Words& a = block[g];
    const Words& b = block[g + 1];
    for (std::size_t j = 0; j < 4; j += 2) {
      const Float r = radius(low_halves(a.w[j], b.w[j]));
      const FloatPair unit = circle(low_halves(a.w[j + 1], b.w[j + 1]));
      give(kCounters * j + g * kWideLanes, r * unit.cosine);
      give(kCounters * (j + 1) + g * kWideLanes, r * unit.sine);
    }
  }
}

template <class Give>
inline void for_normals(const Words* block, double, Give&& give) {
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kWideVectors; ++g) {
    const Words& a = block[g];
    for (std::size_t j = 0; j < 4; j += 2) {
      const Double r = radius(a.w[j]);
      const DoublePair unit = circle(a.w[j + 1]);
      give(kCounters * j + g * kWideLanes, r * unit.cosine);
      give(kCounters * (j + 1) + g * kWideLanes, r * unit.sine);
    }
  }
}

}  // namespace
}  // namespace thermoscape
