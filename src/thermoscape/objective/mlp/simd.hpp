#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>

namespace thermoscape::mlp {
// Included by one translation unit per instruction set. The unnamed namespace keeps the copies
// apart: merged by the linker, code for a wider set could run on a machine without it.
namespace {

/// Vectors of Real in GCC's vector extension, Bytes wide, with the functions that the network
/// needs.
template <class Real, int Bytes>
struct Simd {
  static constexpr int kLanes = Bytes / static_cast<int>(sizeof(Real));
  static constexpr bool kSingle = sizeof(Real) == 4;
  using Integer = std::conditional_t<kSingle, std::int32_t, std::int64_t>;
  using Element = Real;
  typedef Real Vector __attribute__((vector_size(Bytes)));
  typedef Integer Bits __attribute__((vector_size(Bytes)));

  static Vector load(const Real* from) {
    Vector v;
    __builtin_memcpy(&v, from, Bytes);
    return v;
  }
  static void store(Real* to, Vector v) { __builtin_memcpy(to, &v, Bytes); }
  // x - 0 is x for every x, so this is a broadcast and nothing else; 0 + x is not, for x = -0.
  static Vector fill(Real x) { return x - Vector{}; }
  static Bits bits(Vector v) { return reinterpret_cast<Bits>(v); }
  static Vector real(Bits v) { return reinterpret_cast<Vector>(v); }
  static Vector larger(Vector a, Vector b) { return a > b ? a : b; }
  static Vector magnitude(Vector v) { return real(bits(v) & kMagnitude); }
  static Vector with_sign(Vector size, Vector sign) {
    return real(bits(size) | (bits(sign) & ~kMagnitude));
  }
  /// labels[0 ... lanes) widened to the lane type, and the lane numbers.
  static Bits widen(const std::int32_t* labels) {
    typedef std::int32_t Labels __attribute__((vector_size(kLanes * sizeof(std::int32_t))));
    Labels narrow;
    __builtin_memcpy(&narrow, labels, sizeof narrow);
    return __builtin_convertvector(narrow, Bits);
  }
  static Bits lane_numbers() {
    Bits out;
    for (int i = 0; i < kLanes; ++i) out[i] = i;
    return out;
  }

  static constexpr Integer kMagnitude =
      kSingle ? Integer{0x7fffffff} : static_cast<Integer>(0x7fffffffffffffffLL);
  static constexpr int kMantissa = kSingle ? 23 : 52;
  static constexpr Integer kOne =
      static_cast<Integer>(kSingle ? 0x3f800000LL : 0x3ff0000000000000LL);
  static constexpr Integer kSqrtHalf =
      static_cast<Integer>(kSingle ? 0x3f3504f3LL : 0x3fe6a09e667f3bcdLL);
  // 1.5 · 2^mantissa: added to a small number it leaves the nearest integer in the low bits.
  static constexpr Real kMagic = kSingle ? Real(12582912) : Real(6755399441055744);
  // ln 2 in two parts; the first has enough trailing zeros for exact products with an exponent.
  static constexpr Real kLn2High = kSingle ? Real(0.693359375) : Real(6.93147180369123816490e-01);
  static constexpr Real kLn2Low =
      kSingle ? Real(-2.12194440054690583e-04) : Real(1.90821492927058770002e-10);
  static constexpr Real kLog2e = Real(1.44269504088896340736);
  static constexpr Real kLowest = kSingle ? Real(-87.3) : Real(-708.3);

  /// exp(x) = scale (1 + q) with q = exp(r) - 1, |r| <= ½ ln 2, for kLowest <= x <= 0.
  struct Exponential {
    Vector scale;
    Vector q;
  };
  static Exponential exponential(Vector x) {
    const Vector t = x * kLog2e + kMagic;
    const Vector n = t - kMagic;
    const Vector r = (x - n * kLn2High) - n * kLn2Low;
    constexpr int kDegree = kSingle ? 7 : 13;  // Taylor: the next term is below a tenth of an ulp
    Vector p = fill(inverse_factorial(kDegree));
#pragma GCC unroll 16
    for (int k = kDegree - 1; k >= 2; --k) p = p * r + inverse_factorial(k);
    return {real((bits(t) << kMantissa) + kOne), r + r * r * p};
  }
  /// exp(x) for x <= 0, to 2 ulp; 0 below the smallest normal number; NaN for NaN.
  static Vector exp(Vector x) {
    const Exponential e = exponential(x < kLowest ? fill(kLowest) : x);
    return x < kLowest ? Vector{} : e.scale + e.scale * e.q;
  }
  /// tanh(x) = -m / (m + 2), m = exp(-2|x|) - 1, to 4 ulp.
  static Vector tanh(Vector x) {
    const Vector t = Real(-2) * magnitude(x);
    const Exponential e = exponential(t < kLowest ? fill(kLowest) : t);
    const Vector m = e.scale * e.q + (e.scale - Real(1));
    return with_sign(-m / (m + Real(2)), x);
  }
  /// ln(1 + x) for finite x >= 0, to 4 ulp (Kahan's correction for the rounding of 1 + x).
  static Vector log1p(Vector x) {
    const Vector u = Real(1) + x;
    const Bits e = (bits(u) - kSqrtHalf) >> kMantissa;
    const Vector f = real(bits(u) - (e << kMantissa)) - Real(1);
    const Vector exponent = real(bits(fill(kMagic)) + e) - kMagic;
    const Vector s = f / (Real(2) + f);
    const Vector z = s * s;
    constexpr int kTerms =
        kSingle ? 5 : 11;  // ln((1+s)/(1-s)) = 2 Σ s^(2k+1) / (2k+1), |s| <= 0.172
    Vector p = fill(Real(2) / (2 * kTerms - 1));
#pragma GCC unroll 16
    for (int k = kTerms - 2; k >= 1; --k) p = p * z + Real(2) / (2 * k + 1);
    const Vector log = exponent * kLn2High + (Real(2) * s + (s * z * p + exponent * kLn2Low));
    const Vector exact = u - Real(1);
    return exact == Real(0) ? x : log * (x / exact);
  }

 private:
  static constexpr Real inverse_factorial(int k) {
    double f = 1;
    for (int i = 2; i <= k; ++i) f *= i;
    return static_cast<Real>(1 / f);
  }
};

/// Shuffles of two vectors by rules known at compile time.
template <class S>
struct Shuffle {
  using Vector = typename S::Vector;
  using Indices = std::make_integer_sequence<int, S::kLanes>;

  /// One of the log2(lanes) steps that add up the lanes of as many vectors as there are lanes:
  /// units are single lanes in groups of 128 bits at first, then 128 bits in groups of all, and a
  /// group becomes (a0 + a1, a2 + a3, b0 + b1, b2 + b3) or, of two units, (a0 + a1, b0 + b1). So an
  /// operand of the sum is a single shuffle, within 128 bits or of whole 128 bits.
  template <int Step>
  static Vector fold(Vector a, Vector b) {
    return fold_indices<Step>(a, b, Indices{});
  }
  /// One of the log2(lanes) steps of a transpose: exchanges the off-diagonal blocks of size
  /// `stride`.
  template <int Stride>
  static void exchange(Vector& a, Vector& b) {
    exchange_indices<Stride>(a, b, Indices{});
  }

 private:
  // Lane l of the operand (a0, a2, b0, b2) for odd = 0, of (a1, a3, b1, b3) for odd = 1.
  static constexpr int fold_index(int l, int step, int odd) {
    constexpr int kInner = 16 / static_cast<int>(sizeof(typename S::Element));
    const bool inner = (2 << step) <= kInner;
    const int unit = inner ? 1 : kInner;
    const int units = inner ? kInner : S::kLanes / kInner;
    const int at = l / unit % units;  // the unit's place in its group
    const int start = l - l % (unit * units) + l % unit;
    return start + (at % (units / 2) * 2 + odd) * unit + (at < units / 2 ? 0 : S::kLanes);
  }
  template <int Step, int... L>
  static Vector fold_indices(Vector a, Vector b, std::integer_sequence<int, L...>) {
    return __builtin_shufflevector(a, b, fold_index(L, Step, 0)...) +
           __builtin_shufflevector(a, b, fold_index(L, Step, 1)...);
  }
  template <int Stride, int... L>
  static void exchange_indices(Vector& a, Vector& b, std::integer_sequence<int, L...>) {
    const Vector first =
        __builtin_shufflevector(a, b, ((L & Stride) != 0 ? S::kLanes + (L ^ Stride) : L)...);
    b = __builtin_shufflevector(a, b, ((L & Stride) != 0 ? S::kLanes + L : (L ^ Stride))...);
    a = first;
  }
};

}  // namespace
}  // namespace thermoscape::mlp
