#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/noise.hpp"

namespace thermoscape {
namespace {

// Seeds are fixed, so nothing here is left to chance from run to run. A bound of 4 standard errors
// passes a sound generator with probability 0.99994 per comparison.
constexpr double kErrors = 4;
constexpr std::size_t kDraws = std::size_t{1} << 20;

template <class Real>
std::vector<Real> normals(std::uint64_t seed, std::size_t count = kDraws) {
  std::vector<Real> x(count);
  Noise(seed).normal<Real>("test.normal", 0, x);
  return x;
}

template <class Real>
class NormalDraws : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(NormalDraws, Reals);

TYPED_TEST(NormalDraws, HaveTheMomentsOfTheNormalLaw) {
  const auto x = normals<TypeParam>(1);
  // ⟨x^p⟩ = (p-1)!! for even p, 0 for odd p; the variance of x^p is ⟨x^2p⟩ - ⟨x^p⟩².
  const std::array<double, 13> moment = {1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395};
  for (std::size_t p = 1; p <= 6; ++p) {
    double sum = 0;
    for (const auto v : x) sum += std::pow(static_cast<double>(v), static_cast<double>(p));
    const double error = std::sqrt((moment[2 * p] - moment[p] * moment[p]) / kDraws);
    EXPECT_NEAR(sum / kDraws, moment[p], kErrors * error) << "power " << p;
  }
}

/// √N times the largest distance between the empirical and the exact distribution function.
double kolmogorov_smirnov(std::vector<double> x, const std::function<double(double)>& cumulative) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = cumulative(x[i]);
    worst = std::max({worst, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return worst * std::sqrt(n);
}
constexpr double kKolmogorov = 2.23;  // exceeded with probability 2 exp(-2 x²) = 1e-4

TYPED_TEST(NormalDraws, PassKolmogorovSmirnov) {
  const auto x = normals<TypeParam>(2);
  const double distance = kolmogorov_smirnov(
      {x.begin(), x.end()}, [](double v) { return 0.5 * std::erfc(-v / std::sqrt(2.0)); });
  EXPECT_LT(distance, kKolmogorov);
}

TYPED_TEST(NormalDraws, HaveGaussianTailsUpToTheStatedBound) {
  const auto x = normals<TypeParam>(3, kDraws * 8);
  const double n = static_cast<double>(x.size());
  for (const double bound : {2.0, 3.0, 4.0, 4.5}) {
    const double p = std::erfc(bound / std::sqrt(2.0));
    const auto count =
        std::count_if(x.begin(), x.end(), [&](auto v) { return std::abs(v) > bound; });
    EXPECT_NEAR(static_cast<double>(count), n * p, kErrors * std::sqrt(n * p)) << bound;
  }
  for (const auto v : x) ASSERT_LE(std::abs(v), 6.77);
}

TYPED_TEST(NormalDraws, UniformsPassKolmogorovSmirnovInsideTheOpenInterval) {
  std::vector<TypeParam> x(kDraws);
  Noise(4).uniform<TypeParam>("test.uniform", 0, x);
  for (const auto v : x) {
    ASSERT_GT(v, 0);
    ASSERT_LE(v, 1);
  }
  EXPECT_LT(kolmogorov_smirnov({x.begin(), x.end()}, [](double v) { return v; }), kKolmogorov);
}

/// (χ² - degrees) / √(2 degrees), about standard normal.
double chi_square_excess(const std::vector<double>& counts) {
  double sum = 0;
  for (const double c : counts) sum += c;
  const double expected = sum / static_cast<double>(counts.size());
  double chi = 0;
  for (const double c : counts) chi += (c - expected) * (c - expected) / expected;
  const double degrees = static_cast<double>(counts.size() - 1);
  return (chi - degrees) / std::sqrt(2 * degrees);
}

TEST(NoiseWords, EveryByteIsUniform) {
  std::vector<std::uint32_t> words(kDraws);
  Noise(6).words("test.words", 3, words);
  for (int shift = 0; shift < 32; shift += 8) {
    std::vector<double> counts(256);
    for (const std::uint32_t w : words) counts[(w >> shift) & 255] += 1;
    EXPECT_LT(std::abs(chi_square_excess(counts)), kErrors) << "byte at bit " << shift;
  }
}

TEST(NoiseWords, SuccessivePairsFillTheSquare) {
  std::vector<std::uint32_t> words(kDraws);
  Noise(7).words("test.words", 4, words);
  std::vector<double> counts(64 * 64);
  for (std::size_t i = 0; i + 1 < words.size(); i += 2)
    counts[(words[i] >> 26) * 64 + (words[i + 1] >> 26)] += 1;
  EXPECT_LT(std::abs(chi_square_excess(counts)), kErrors);
}

double correlation(const std::vector<double>& a,
                   const std::vector<double>& b,
                   std::size_t lag = 0) {
  double sum = 0;
  for (std::size_t i = 0; i + lag < a.size(); ++i) sum += a[i] * b[i + lag];
  return sum / static_cast<double>(a.size() - lag);
}

std::vector<double> squares_about_one(std::vector<double> x) {
  for (double& v : x) v = (v * v - 1) / std::sqrt(2.0);
  return x;
}

/// Neither the draws nor their squares may correlate; both have unit variance, so the standard
/// error is 1/√N.
void expect_independent(const std::vector<double>& a,
                        const std::vector<double>& b,
                        const std::string& what) {
  const double error = 1 / std::sqrt(static_cast<double>(a.size()));
  EXPECT_LT(std::abs(correlation(a, b)), kErrors * error) << what;
  EXPECT_LT(std::abs(correlation(squares_about_one(a), squares_about_one(b))), kErrors * error)
      << what << ", squares";
}

std::vector<double> drawn(const Noise& noise, Stream stream, std::uint64_t step) {
  std::vector<double> x(std::size_t{1} << 16);
  noise.normal<double>(stream, step, x);
  return x;
}

TEST(NoiseIndependence, BetweenStreamsStepsChainsAndSeeds) {
  const Noise noise(1);
  const auto base = drawn(noise, "test.a", 0);
  expect_independent(base, drawn(noise, "test.b", 0), "streams");
  for (const std::uint64_t step : {1ull, 2ull, 1ull << 32, 1ull << 63}) {
    expect_independent(base, drawn(noise, "test.a", step), "step " + std::to_string(step));
  }
  for (const std::uint64_t seed : {0ull, 2ull, 3ull, 1ull << 32}) {
    expect_independent(base, drawn(Noise(seed), "test.a", 0), "seed " + std::to_string(seed));
  }
  for (const std::uint64_t chain : {0ull, 1ull, 2ull}) {
    const Noise fork = noise.fork("replica", chain);
    expect_independent(base, drawn(fork, "test.a", 0), "fork");
    expect_independent(
        drawn(fork, "test.a", 0), drawn(noise.fork("replica", chain + 1), "test.a", 0), "chains");
    expect_independent(
        drawn(fork, "test.a", 0), drawn(noise.fork("minimum", chain), "test.a", 0), "parts");
    expect_independent(
        drawn(fork, "test.a", 0), drawn(fork.fork("replica", chain), "test.a", 0), "nested");
  }
}

TEST(NoiseIndependence, BetweenPlacesOfOneRange) {
  const std::vector<double> x = normals<double>(9);
  const std::vector<double> squares = squares_about_one(x);
  const double error = 1 / std::sqrt(static_cast<double>(kDraws));
  // 16, 32, 48, 64: cos and sin of one pair, the two pairs of a counter, neighbouring blocks.
  for (const std::size_t lag : {1u, 2u, 3u, 4u, 8u, 15u, 16u, 17u, 32u, 48u, 63u, 64u, 65u, 128u}) {
    EXPECT_LT(std::abs(correlation(x, x, lag)), kErrors * error) << lag;
    EXPECT_LT(std::abs(correlation(squares, squares, lag)), kErrors * error) << lag << ", squares";
  }
}

TEST(NoiseIndependence, CoordinatesOfOneDrawOverSteps) {
  // The covariance matrix of 8 coordinates over many steps is the unit matrix.
  constexpr std::size_t kSteps = 40000;
  const Noise noise(10);
  std::vector<double> x(8);
  std::array<std::array<double, 8>, 8> covariance{};
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    noise.normal<double>("test.steps", step, x);
    for (std::size_t i = 0; i < 8; ++i) {
      for (std::size_t j = 0; j <= i; ++j) covariance[i][j] += x[i] * x[j] / kSteps;
    }
  }
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(covariance[i][i], 1, kErrors * std::sqrt(2.0 / kSteps));
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_NEAR(covariance[i][j], 0, kErrors * std::sqrt(1.0 / kSteps));
  }
}

TEST(NoisePermutation, EveryOrderIsEquallyLikely) {
  std::map<std::vector<std::int32_t>, double> seen;
  for (std::uint64_t epoch = 0; epoch < 24000; ++epoch)
    seen[Noise(11).permutation("test.order", epoch, 4)] += 1;
  ASSERT_EQ(seen.size(), 24u);
  std::vector<double> counts;
  for (const auto& [order, count] : seen) counts.push_back(count);
  EXPECT_LT(std::abs(chi_square_excess(counts)), kErrors);
}

TEST(NoisePermutation, EveryElementVisitsEveryPlace) {
  constexpr std::size_t kSize = 40;
  std::vector<double> counts(kSize * kSize);
  for (std::uint64_t epoch = 0; epoch < 8000; ++epoch) {
    const auto order = Noise(12).permutation("test.order", epoch, kSize);
    for (std::size_t place = 0; place < kSize; ++place)
      counts[place * kSize + static_cast<std::size_t>(order[place])] += 1;
  }
  // (n-1)² free counts rather than n² - 1: the excess is shifted by -(2n - 2) / √(2(n² - 1)) =
  // -1.4, well inside.
  EXPECT_LT(std::abs(chi_square_excess(counts)), kErrors + 1.4);
}

}  // namespace
}  // namespace thermoscape
