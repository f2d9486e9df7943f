#pragma once
// The loop behind LaneKickKernels, shared by the translation units noise_lanes_<set>.cpp.
#include "thermoscape/core/noise_block.hpp"
#include "thermoscape/core/noise_lanes.hpp"

namespace thermoscape {
namespace {

/// What Philox takes from the lanes: round keys and the fixed words of their counters, in as many
/// wide vectors as one vector of Real has halves.
template <std::size_t halves>
struct LaneAddress {
  Wide key[10][2][halves];
  Wide step[2][halves];
  Wide stream;

  LaneAddress(const std::uint64_t* keys, const std::uint64_t* steps, std::uint32_t stream_key)
      : stream(Wide{} + stream_key) {
    constexpr std::uint64_t kWeyl[2] = {0x9E3779B9u, 0xBB67AE85u};
    for (std::size_t h = 0; h < halves; ++h) {
      const auto own = load<Wide>(keys + h * kWideLanes);
      const auto now = load<Wide>(steps + h * kWideLanes);
      step[0][h] = now & 0xffffffffu;
      step[1][h] = now >> 32;
      Wide part[2] = {own & 0xffffffffu, own >> 32};
      for (std::size_t round = 0; round < 10; ++round) {
        for (std::size_t k = 0; k < 2; ++k) {
          key[round][k][h] = part[k];
          part[k] += kWeyl[k];  // what carries into the high half is never read
        }
      }
    }
  }
};

/// The words of counters `counter` ... + count - 1 in every lane, all through a round together as
/// in philox().
template <std::size_t count, std::size_t halves>
inline void lane_words(const LaneAddress<halves>& at,
                       std::uint32_t counter,
                       Words (&out)[count][halves]) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53u;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57u;
  const Wide zero = {};
#pragma GCC unroll 8
  for (std::size_t c = 0; c < count; ++c) {
#pragma GCC unroll 2
    for (std::size_t h = 0; h < halves; ++h) {
      Wide(&x)[4] = out[c][h].w;
      x[0] = zero + (counter + static_cast<std::uint32_t>(c));
      x[1] = at.step[0][h];
      x[2] = at.step[1][h];
      x[3] = at.stream;
    }
  }
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 8
    for (std::size_t c = 0; c < count; ++c) {
#pragma GCC unroll 2
      for (std::size_t h = 0; h < halves; ++h) {
        Wide(&x)[4] = out[c][h].w;
        const Wide product0 = low_product(x[0], zero + kMultiplier0);
        const Wide product1 = low_product(x[2], zero + kMultiplier1);
        x[0] = (product1 >> 32) ^ x[1] ^ at.key[round][0][h];
        x[2] = (product0 >> 32) ^ x[3] ^ at.key[round][1][h];
        x[1] = product1;
        x[3] = product0;
      }
    }
  }
}

/// Two normals a lane from words 2 `pair` and 2 `pair` + 1 of a counter.
struct FloatNormals {
  Float first;
  Float second;
};
inline FloatNormals lane_normals(const Words (&words)[2], std::size_t pair) {
  const Float r = radius(low_halves(words[0].w[2 * pair], words[1].w[2 * pair]));
  const FloatPair unit = circle(low_halves(words[0].w[2 * pair + 1], words[1].w[2 * pair + 1]));
  return {r * unit.cosine, r * unit.sine};
}
struct DoubleNormals {
  Double first;
  Double second;
};
inline DoubleNormals lane_normals(const Words (&words)[1], std::size_t pair) {
  const Double r = radius(words[0].w[2 * pair]);
  const DoublePair unit = circle(words[0].w[2 * pair + 1]);
  return {r * unit.cosine, r * unit.sine};
}

/// Word j of counter c of a block makes draw 16 j + c of it (noise_block.hpp).
template <class Real>
void lane_kick(const LaneKick<Real>& kick) {
  using Vector = typename VectorOf<Real>::Type;
  constexpr std::size_t lanes = sizeof(Vector) / sizeof(Real);
  constexpr std::size_t halves = lanes / kWideLanes;
  constexpr std::size_t kTogether = 4 / halves;  // counters
  const LaneAddress<halves> at(kick.keys, kick.steps, kick.stream);
  const auto amplitude = load<Vector>(kick.amplitude);
  const auto eta = load<Vector>(kick.eta);
  const auto move = [&](std::size_t i, Vector x) {
    if (i >= kick.count) return;
    Real* const place = kick.theta + i * lanes;
    const auto slope = load<Vector>(kick.gradient + i * lanes);
    store(place, load<Vector>(place) + (x * amplitude - slope * eta));
  };
  for (std::size_t first = 0; first < kick.count; first += kNoiseBlock) {
    const std::size_t here =
        kick.count - first < kCounters ? kick.count - first : kCounters;  // counters in use
    for (std::size_t c = 0; c < here; c += kTogether) {
      Words words[kTogether][halves];
      lane_words(at, static_cast<std::uint32_t>(first / 4 + c), words);
#pragma GCC unroll 8
      for (std::size_t t = 0; t < kTogether; ++t) {
#pragma GCC unroll 2
        for (std::size_t pair = 0; pair < 2; ++pair) {
          const std::size_t i = first + c + t + 2 * pair * kCounters;
          if (i >= kick.count) continue;
          const auto x = lane_normals(words[t], pair);
          move(i, x.first);
          move(i + kCounters, x.second);
        }
      }
    }
  }
}

constexpr LaneKickKernels kLaneKickHere = {
    kVectorBytes / sizeof(float), lane_kick<float>, lane_kick<double>};

}  // namespace
}  // namespace thermoscape
