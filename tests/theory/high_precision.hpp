#pragma once
#include <array>
#include <cstddef>

#include <boost/multiprecision/cpp_bin_float.hpp>

namespace thermoscape::theory {

/// Matrix exponentials and powers to 100 digits, straight from their definitions: an oracle that
/// knows no eigenvalue, regime or closed form.
using Precise = boost::multiprecision::cpp_bin_float_100;

template <std::size_t N>
struct PreciseMatrix {
  std::array<std::array<Precise, N>, N> at{};

  static PreciseMatrix identity() {
    PreciseMatrix m;
    for (std::size_t i = 0; i < N; ++i) m.at[i][i] = 1;
    return m;
  }
  friend PreciseMatrix operator*(const PreciseMatrix& a, const PreciseMatrix& b) {
    PreciseMatrix m;
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t k = 0; k < N; ++k) {
        for (std::size_t j = 0; j < N; ++j) m.at[i][j] += a.at[i][k] * b.at[k][j];
      }
    }
    return m;
  }
  friend PreciseMatrix operator+(PreciseMatrix a, const PreciseMatrix& b) {
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t j = 0; j < N; ++j) a.at[i][j] += b.at[i][j];
    }
    return a;
  }
  friend PreciseMatrix operator*(PreciseMatrix a, const Precise& factor) {
    for (auto& row : a.at) {
      for (Precise& x : row) x *= factor;
    }
    return a;
  }
};

template <std::size_t N>
PreciseMatrix<N> power(PreciseMatrix<N> base, unsigned long long exponent) {
  PreciseMatrix<N> result = PreciseMatrix<N>::identity();
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = result * base;
    base = base * base;
  }
  return result;
}

/// e^X by 40 terms of its series after 60 halvings.
template <std::size_t N>
PreciseMatrix<N> exponential(PreciseMatrix<N> x) {
  constexpr int kHalvings = 60;
  x = x * ldexp(Precise(1), -kHalvings);
  PreciseMatrix<N> term = PreciseMatrix<N>::identity();
  PreciseMatrix<N> sum = term;
  for (int n = 1; n <= 40; ++n) {
    term = term * x * (Precise(1) / n);
    sum = sum + term;
  }
  for (int i = 0; i < kHalvings; ++i) sum = sum * sum;
  return sum;
}

}  // namespace thermoscape::theory
