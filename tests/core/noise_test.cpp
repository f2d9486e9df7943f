#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

template <class Real>
class NoiseOf : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(NoiseOf, Reals);

TYPED_TEST(NoiseOf, IsAFunctionOfItsAddress) {
  const Noise noise(1);
  std::vector<TypeParam> a(100);
  std::vector<TypeParam> b(100);
  noise.normal<TypeParam>("test", 7, a);
  Noise(1).normal<TypeParam>("test", 7, b);
  EXPECT_EQ(a, b);
  for (const Noise& other : {Noise(2), noise.fork("replica", 0)}) {
    other.normal<TypeParam>("test", 7, b);
    EXPECT_NE(a, b);
  }
  noise.normal<TypeParam>("test", 8, b);
  EXPECT_NE(a, b);
  noise.normal<TypeParam>("tess", 7, b);
  EXPECT_NE(a, b);
}

TYPED_TEST(NoiseOf, DoesNotDependOnHowARangeIsSplitOrOnThreads) {
  const Noise noise(3);
  constexpr std::size_t kCount = 10007;
  std::vector<TypeParam> normal(kCount);
  std::vector<TypeParam> uniform(kCount);
  std::vector<TypeParam> kicked(kCount, TypeParam(1));
  const std::vector<TypeParam> gradient(kCount, TypeParam(0.5));
  noise.normal<TypeParam>("test", 1, normal);
  noise.uniform<TypeParam>("test", 1, uniform);
  noise.kick<TypeParam>("test", 1, TypeParam(0.1), TypeParam(0.2), gradient, kicked);
  for (const std::size_t parts : {1u, 2u, 3u, 7u}) {
    std::vector<TypeParam> n(kCount);
    std::vector<TypeParam> u(kCount);
    std::vector<TypeParam> k(kCount, TypeParam(1));
    std::vector<std::thread> threads;
    const std::size_t length = (kCount / parts / 64 + 1) * 64;
    for (std::size_t from = 0; from < kCount; from += length) {
      threads.emplace_back([&, from] {
        const std::size_t here = std::min(length, kCount - from);
        noise.normal<TypeParam>("test", 1, std::span(n).subspan(from, here), from);
        noise.uniform<TypeParam>("test", 1, std::span(u).subspan(from, here), from);
        noise.kick<TypeParam>("test",
                              1,
                              TypeParam(0.1),
                              TypeParam(0.2),
                              std::span(gradient).subspan(from, here),
                              std::span(k).subspan(from, here),
                              from);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(n, normal) << parts;
    EXPECT_EQ(u, uniform) << parts;
    EXPECT_EQ(k, kicked) << parts;
  }
}

TYPED_TEST(NoiseOf, ReachesFarIndices) {
  // The last block below 2^34 differs from the first and from its neighbour.
  const Noise noise(4);
  std::vector<TypeParam> a(64);
  std::vector<TypeParam> b(64);
  std::vector<TypeParam> c(64);
  noise.normal<TypeParam>("test", 0, a);
  noise.normal<TypeParam>("test", 0, b, (std::uint64_t{1} << 34) - 64);
  noise.normal<TypeParam>("test", 0, c, (std::uint64_t{1} << 34) - 128);
  EXPECT_NE(a, b);
  EXPECT_NE(b, c);
}

TYPED_TEST(NoiseOf, RefusesMisplacedRangesAndUnequalLengths) {
  const Noise noise(5);
  std::vector<TypeParam> x(10);
  const std::vector<TypeParam> gradient(9);
  EXPECT_THAT([&] { noise.normal<TypeParam>("test", 0, x, 32); },
              ThrowsMessage<Error>(HasSubstr("multiple of 64")));
  EXPECT_THAT([&] { noise.kick<TypeParam>("test", 0, 1, 1, gradient, x); },
              ThrowsMessage<Error>(HasSubstr("as long as theta")));
}

TEST(NoisePermutation, HoldsEachNumberOnce) {
  for (const std::int32_t n : {0, 1, 2, 3, 64, 1000}) {
    std::vector<std::int32_t> order = Noise(6).permutation("test", 2, n);
    EXPECT_EQ(order, Noise(6).permutation("test", 2, n));
    std::sort(order.begin(), order.end());
    std::vector<std::int32_t> expected(static_cast<std::size_t>(n));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(order, expected);
  }
  EXPECT_THROW((void)Noise(6).permutation("test", 2, -1), Error);
}

TEST(NoiseFork, DependsOnPartAndNumber) {
  const Noise noise(7);
  EXPECT_NE(noise.fork("replica", 0).key(), noise.key());
  EXPECT_NE(noise.fork("replica", 0).key(), noise.fork("replica", 1).key());
  EXPECT_NE(noise.fork("replica", 0).key(), noise.fork("minimum", 0).key());
  EXPECT_NE(noise.fork("a", 1).fork("b", 2).key(), noise.fork("b", 2).fork("a", 1).key());
  EXPECT_EQ(noise.fork("replica", 3).key(), Noise(7).fork("replica", 3).key());
}

TEST(NoiseSeeds, TenThousandSeedsAndForksHaveTheirOwnKeys) {
  std::vector<std::uint64_t> keys;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    keys.push_back(Noise(i).key());
    keys.push_back(Noise(0).fork("replica", i).key());
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

}  // namespace
}  // namespace thermoscape
