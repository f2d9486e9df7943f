#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/noise_oracle.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {
namespace {

using oracle::Four;

class NoiseKernelsOf : public testing::TestWithParam<InstructionSet> {
 protected:
  const NoiseKernels& kernels = noise_kernels(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Sets,
                         NoiseKernelsOf,
                         testing::ValuesIn(oracle::instruction_sets()),
                         [](const auto& one) { return std::string(name(one.param)); });

TEST_P(NoiseKernelsOf, WordsAreThePublishedOnes) {
  // The known answers shipped with Random123 for philox4x32-10.
  struct Known {
    NoiseAddress at;
    Four words;
  };
  const Known known[] = {
      {{0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{~0ull, ~0ull, ~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x299f31d0a4093822, 0x13198a2e85a308d3, 0x03707344, 0x243f6a88},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const Known& one : known) {
    Four words{};
    kernels.words(one.at, words.data(), words.size());
    EXPECT_EQ(words, one.words);
  }
}

TEST_P(NoiseKernelsOf, WordsAreThoseOfRandom123ForAnyLength) {
  const NoiseAddress at{0x0123456789abcdef, 0xfedcba9876543210, 0xdeadbeef, 0xfffffff0};
  for (std::size_t count = 1; count <= 150; ++count) {
    std::vector<std::uint32_t> words(count + 1, 42);
    kernels.words(at, words.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto counter = static_cast<std::uint32_t>(at.counter + i / 4);
      ASSERT_EQ(words[i], oracle::philox(at, counter)[i % 4]) << i << " of " << count;
    }
    ASSERT_EQ(words[count], 42u) << "wrote past the end";
  }
}

/// Word pairs at which something changes: ends, quadrants, octants, the splits of the logarithm.
std::vector<std::uint32_t> special_words() {
  std::vector<std::uint32_t> words;
  for (const std::uint32_t centre : {0x00000000u,
                                     0x20000000u,
                                     0x40000000u,
                                     0x60000000u,
                                     0x80000000u,
                                     0xa0000000u,
                                     0xc0000000u,
                                     0xe0000000u,
                                     0x01000000u,
                                     0x00800000u,
                                     0xb504f333u,
                                     0x5a827999u,
                                     0xff000000u,
                                     0xffffff00u,
                                     0x30000000u,
                                     0x18000000u}) {
    for (std::int32_t off = -3; off <= 3; ++off)
      words.push_back(centre + static_cast<std::uint32_t>(off));
  }
  return words;
}

template <class Real>
double worst_units(void (*normal)(const NoiseAddress&, Real*, std::size_t)) {
  std::vector<std::uint32_t> words = special_words();
  std::vector<std::uint32_t> random(600);
  Noise(5).words("test.words", 0, random);
  words.insert(words.end(), random.begin(), random.end());
  double worst = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::size_t j = 0; j < words.size(); j += 7) {
      // u, v from both pairs of a counter, so that each half of the kernel sees every kind of word.
      const Four four = {words[i], words[j], words[j], words[i]};
      Real out[kNoiseBlock];
      normal(oracle::address_of(four, 0x5eed + i), out, kNoiseBlock);
      const oracle::Pair first = oracle::box_muller(four[0], four[1]);
      const oracle::Pair second = oracle::box_muller(four[2], four[3]);
      const long double exact[4] = {first.cosine, first.sine, second.cosine, second.sine};
      for (std::size_t k = 0; k < 4; ++k) {
        const long double error = std::abs(out[16 * k] - exact[k]);
        // Zeros of cos and sin must come out as zeros.
        const long double unit = std::abs(exact[k]) * std::numeric_limits<Real>::epsilon() + 1e-40L;
        worst = std::max(worst, static_cast<double>(error / unit));
      }
    }
  }
  return worst;
}

// Rounding analysis: radius 1.5, sine 1.5, product 0.5 units of the last place; a result above the
// middle of its binade hides half of it. Four covers all of that.
TEST_P(NoiseKernelsOf, FloatNormalsAreWithinFourUnitsOfBoxMuller) {
  const double worst = worst_units<float>(kernels.normal_float);
  RecordProperty("worst_units", std::to_string(worst));
  EXPECT_LT(worst, 4);
}

TEST_P(NoiseKernelsOf, DoubleNormalsAreWithinFourUnitsOfBoxMuller) {
  const double worst = worst_units<double>(kernels.normal_double);
  RecordProperty("worst_units", std::to_string(worst));
  EXPECT_LT(worst, 4);
}

TEST_P(NoiseKernelsOf, EveryPlaceOfABlockHoldsItsDraw) {
  const NoiseAddress at{77, 5, 9, 32};
  std::vector<double> out(4 * kNoiseBlock);
  kernels.normal_double(at, out.data(), out.size());
  for (std::size_t block = 0; block < 4; ++block) {
    for (std::size_t c = 0; c < 16; ++c) {
      const Four w = oracle::philox(at, static_cast<std::uint32_t>(at.counter + 16 * block + c));
      for (std::size_t j = 0; j < 4; j += 2) {
        const oracle::Pair exact = oracle::box_muller(w[j], w[j + 1]);
        EXPECT_NEAR(
            out[kNoiseBlock * block + 16 * j + c], static_cast<double>(exact.cosine), 1e-14);
        EXPECT_NEAR(
            out[kNoiseBlock * block + 16 * (j + 1) + c], static_cast<double>(exact.sine), 1e-14);
      }
    }
  }
}

TEST_P(NoiseKernelsOf, FloatAndDoubleSeeTheSameNoise) {
  std::vector<float> single(5000);
  std::vector<double> twice(single.size());
  const NoiseAddress at{31, 7, 1, 0};
  kernels.normal_float(at, single.data(), single.size());
  kernels.normal_double(at, twice.data(), twice.size());
  for (std::size_t i = 0; i < single.size(); ++i) {
    ASSERT_NEAR(single[i], twice[i], 4 * std::numeric_limits<float>::epsilon() * std::abs(twice[i]))
        << i;
  }
}

template <class Real, class Normal>
void expect_prefixes_agree(Normal normal) {
  const NoiseAddress at{3, 1, 4, 16};
  std::vector<Real> whole(300);
  normal(at, whole.data(), whole.size());
  for (std::size_t count = 0; count < whole.size(); ++count) {
    std::vector<Real> part(count + 1, Real(99));
    normal(at, part.data(), count);
    ASSERT_TRUE(std::equal(part.begin(), part.end() - 1, whole.begin())) << count;
    ASSERT_EQ(part.back(), Real(99)) << "wrote past the end";
  }
}

TEST_P(NoiseKernelsOf, ADrawDoesNotDependOnTheLengthOfTheRange) {
  expect_prefixes_agree<float>(kernels.normal_float);
  expect_prefixes_agree<double>(kernels.normal_double);
}

template <class Real, class Normal, class Kick>
void expect_kick_is_update(Normal normal, Kick kick) {
  const NoiseAddress at{8, 2, 6, 0};
  const Real amplitude = Real(0.3);
  const Real eta = Real(0.07);
  for (const std::size_t count : {1u, 63u, 64u, 65u, 200u}) {
    std::vector<Real> xi(count);
    std::vector<Real> start(count);
    std::vector<Real> gradient(count);
    normal(at, xi.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      start[i] = std::sin(Real(i));
      gradient[i] = std::cos(Real(3 * i));
    }
    std::vector<Real> with = start;
    std::vector<Real> without = start;
    kick(at, amplitude, eta, gradient.data(), with.data(), count);
    kick(at, amplitude, eta, nullptr, without.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const double noise = double(amplitude) * xi[i];
      const double pull = double(eta) * gradient[i];
      // Each term is at most 2; three roundings.
      ASSERT_NEAR(with[i], start[i] + noise - pull, 4 * std::numeric_limits<Real>::epsilon()) << i;
      ASSERT_NEAR(without[i], start[i] + noise, 4 * std::numeric_limits<Real>::epsilon()) << i;
    }
  }
}

TEST_P(NoiseKernelsOf, KickAddsTheSameNormalsAndTheGradient) {
  expect_kick_is_update<float>(kernels.normal_float, kernels.kick_float);
  expect_kick_is_update<double>(kernels.normal_double, kernels.kick_double);
}

}  // namespace
}  // namespace thermoscape
