#pragma once
// Vectors of the width that the including translation unit is compiled for. Only files named
// *_avx512.cpp, *_avx2.cpp and *_portable.cpp include this, and all of it has internal linkage:
// code for one instruction set must never be merged by the linker with code for another.
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace thermoscape {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr std::size_t kVectorBytes = 32;
#else
constexpr std::size_t kVectorBytes = 16;
#endif

using Float [[gnu::vector_size(kVectorBytes)]] = float;
using Int [[gnu::vector_size(kVectorBytes)]] = std::int32_t;
using Word [[gnu::vector_size(kVectorBytes)]] = std::uint32_t;
using Double [[gnu::vector_size(kVectorBytes)]] = double;
using Long [[gnu::vector_size(kVectorBytes)]] = std::int64_t;
using Wide [[gnu::vector_size(kVectorBytes)]] = std::uint64_t;

template <class Real>
struct VectorOf;
template <>
struct VectorOf<float> {
  using Type = Float;
};
template <>
struct VectorOf<double> {
  using Type = Double;
};

template <class Vector, class Scalar>
inline Vector load(const Scalar* from) {
  Vector v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
template <class Vector, class Scalar>
inline void store(Scalar* to, const Vector& v) {
  __builtin_memcpy(to, &v, sizeof v);
}
/// The same bits as another type.
template <class To, class From>
inline To bits(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}

#if defined(__AVX512F__)
// The masked forms with every lane on are the same instructions; the plain ones trip gcc 12's
// -Wmaybe-uninitialized.
inline Float square_root(Float x) {
  return _mm512_maskz_sqrt_ps(0xffff, x);
}
inline Double square_root(Double x) {
  return _mm512_maskz_sqrt_pd(0xff, x);
}
/// The 64-bit products of the low halves of each 64-bit lane; the high halves are ignored.
inline Wide low_product(Wide a, Wide b) {
  return bits<Wide>(_mm512_maskz_mul_epu32(0xff, bits<__m512i>(a), bits<__m512i>(b)));
}
/// The low halves of a, then those of b.
inline Word low_halves(Wide a, Wide b) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return bits<Word>(_mm512_permutex2var_epi32(bits<__m512i>(a), even, bits<__m512i>(b)));
}
#elif defined(__AVX2__)
inline Float square_root(Float x) {
  return _mm256_sqrt_ps(x);
}
inline Double square_root(Double x) {
  return _mm256_sqrt_pd(x);
}
inline Wide low_product(Wide a, Wide b) {
  return bits<Wide>(_mm256_mul_epu32(bits<__m256i>(a), bits<__m256i>(b)));
}
inline Word low_halves(Wide a, Wide b) {
  const __m256 mixed = _mm256_shuffle_ps(bits<__m256>(a), bits<__m256>(b), 0x88);
  return bits<Word>(_mm256_permute4x64_epi64(bits<__m256i>(mixed), 0xd8));
}
#elif defined(__SSE2__)
inline Float square_root(Float x) {
  return _mm_sqrt_ps(x);
}
inline Double square_root(Double x) {
  return _mm_sqrt_pd(x);
}
inline Wide low_product(Wide a, Wide b) {
  return bits<Wide>(_mm_mul_epu32(bits<__m128i>(a), bits<__m128i>(b)));
}
inline Word low_halves(Wide a, Wide b) {
  return bits<Word>(_mm_shuffle_ps(bits<__m128>(a), bits<__m128>(b), 0x88));
}
#else
template <class Vector>
inline Vector square_root(Vector x) {
  for (std::size_t i = 0; i < sizeof x / sizeof x[0]; ++i) {
    x[i] = sizeof x[0] == sizeof(float) ? __builtin_sqrtf(x[i]) : __builtin_sqrt(x[i]);
  }
  return x;
}
inline Wide low_product(Wide a, Wide b) {
  return (a & 0xffffffffu) * (b & 0xffffffffu);
}
inline Word low_halves(Wide a, Wide b) {
  return Word{static_cast<std::uint32_t>(a[0]),
              static_cast<std::uint32_t>(a[1]),
              static_cast<std::uint32_t>(b[0]),
              static_cast<std::uint32_t>(b[1])};
}
#endif

}  // namespace
}  // namespace thermoscape
