#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <Random123/philox.h>

#include "thermoscape/core/noise_kernels.hpp"

namespace thermoscape::oracle {

using Four = std::array<std::uint32_t, 4>;

/// Random123's own words of one counter.
inline Four philox(const NoiseAddress& at, std::uint32_t counter) {
  const r123::Philox4x32::ctr_type x{{counter,
                                      static_cast<std::uint32_t>(at.step),
                                      static_cast<std::uint32_t>(at.step >> 32),
                                      at.stream}};
  const r123::Philox4x32::key_type key{
      {static_cast<std::uint32_t>(at.key), static_cast<std::uint32_t>(at.key >> 32)}};
  const auto out = r123::Philox4x32()(x, key);
  return {out[0], out[1], out[2], out[3]};
}

/// The address whose first four words are `words`: Philox is a bijection of the counter, run
/// backwards here. It lets a test put any words it likes, also those too rare to meet, through a
/// kernel as it is.
inline NoiseAddress address_of(Four words, std::uint64_t key) {
  constexpr std::uint64_t kM0 = 0xD2511F53u;
  constexpr std::uint64_t kM1 = 0xCD9E8D57u;
  const auto inverse = [](std::uint32_t odd) {
    std::uint32_t x = odd;
    for (int i = 0; i < 5; ++i) x *= 2 - odd * x;
    return x;
  };
  const std::uint32_t inverse0 = inverse(static_cast<std::uint32_t>(kM0));
  const std::uint32_t inverse1 = inverse(static_cast<std::uint32_t>(kM1));
  for (std::uint32_t round = 10; round-- > 0;) {
    const std::uint32_t key0 = static_cast<std::uint32_t>(key) + round * 0x9E3779B9u;
    const std::uint32_t key1 = static_cast<std::uint32_t>(key >> 32) + round * 0xBB67AE85u;
    const std::uint32_t x2 = words[1] * inverse1;
    const std::uint32_t x0 = words[3] * inverse0;
    const std::uint32_t x1 = words[0] ^ static_cast<std::uint32_t>((kM1 * x2) >> 32) ^ key0;
    const std::uint32_t x3 = words[2] ^ static_cast<std::uint32_t>((kM0 * x0) >> 32) ^ key1;
    words = {x0, x1, x2, x3};
  }
  return {key, words[1] | (static_cast<std::uint64_t>(words[2]) << 32), words[3], words[0]};
}

struct Pair {
  long double cosine;
  long double sine;
};

/// Box-Muller in long double. The angle is folded into an octant on the integer, so that cos and
/// sin keep all digits near their zeros, and ln u near u = 1 starts from 1 - u.
inline Pair box_muller(std::uint32_t word_u, std::uint32_t word_v) {
  const long double u = (word_u + 0.5L) / 0x1p32L;
  const long double logarithm =
      u < 0.5L ? std::log(u) : std::log1p(-(0x1p32L - word_u - 0.5L) / 0x1p32L);
  const long double radius = std::sqrt(-2 * logarithm);
  const auto quarter_sine = [](std::int64_t x) {  // sin(2π x / 2^32), x in [0, 2^30]
    const long double unit = 2 * std::numbers::pi_v<long double> / 0x1p32L;
    constexpr std::int64_t kQuarter = std::int64_t{1} << 30;
    return 2 * x <= kQuarter ? std::sin(unit * static_cast<long double>(x))
                             : std::cos(unit * static_cast<long double>(kQuarter - x));
  };
  const auto sine = [&](std::uint32_t x) {
    const std::int64_t full = x;
    constexpr std::int64_t kHalf = std::int64_t{1} << 31;
    const std::int64_t folded = full < kHalf ? full : full - kHalf;
    const long double value = quarter_sine(2 * folded <= kHalf ? folded : kHalf - folded);
    return full < kHalf ? value : -value;
  };
  return {radius * sine(word_v + 0x40000000u), radius * sine(word_v)};
}

/// The sets this machine can run.
inline std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet one :
       {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512}) {
    if (one <= widest_instruction_set()) sets.push_back(one);
  }
  return sets;
}

}  // namespace thermoscape::oracle
