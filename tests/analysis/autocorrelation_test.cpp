#include "thermoscape/analysis/autocorrelation.hpp"

#include <thread>

#include "analysis/synthetic.hpp"
#include "thermoscape/analysis/autocovariance.hpp"

namespace thermoscape::analysis {
namespace {

using testing::ar1;
using testing::Coverage;
using testing::quadratic_loss;

TEST(Autocovariance, EqualsTheDirectSum) {
  for (const std::size_t n : {7, 64, 501}) {
    const std::vector<double> x = testing::normals(n, n);
    const std::vector<double> c = autocovariance(x, n - 1);
    for (std::size_t k = 0; k < n; ++k) {
      double sum = 0;
      for (std::size_t t = 0; t + k < n; ++t) sum += x[t] * x[t + k];
      EXPECT_NEAR(c[k] * static_cast<double>(n - k), sum, 1e-12 * static_cast<double>(n))
          << n << " " << k;
    }
  }
  EXPECT_THROW((void)autocovariance(std::vector<double>(5), 5), Error);
}

TEST(Autocovariance, ManyThreadsAtOnce) {
  const std::vector<double> x = ar1(5000, 0.9, 1);
  const std::vector<double> expected = autocovariance(x, 100);
  std::vector<std::vector<double>> found(4);
  std::vector<std::thread> threads;
  for (auto& one : found) {
    threads.emplace_back([&x, &one] {
      for (int i = 0; i < 20; ++i) one = autocovariance(x, 100);
    });
  }
  for (std::thread& t : threads) t.join();
  for (const auto& one : found) EXPECT_EQ(one, expected);
}

TEST(Residuals, RemoveALineExactly) {
  std::vector<double> line(1000), wave(1000);
  for (std::size_t t = 0; t < line.size(); ++t) line[t] = 3 - 0.25 * static_cast<double>(t);
  for (const double r : residuals(line, true)) EXPECT_NEAR(r, 0, 1e-10);
  const std::vector<double> noise = ar1(1000, 0.5, 2);
  const std::vector<double> plain = residuals(noise, true);
  for (std::size_t t = 0; t < line.size(); ++t) wave[t] = noise[t] + line[t];
  const std::vector<double> tilted = residuals(wave, true);
  for (std::size_t t = 0; t < line.size(); ++t) EXPECT_NEAR(tilted[t], plain[t], 1e-10);
}

TEST(Autocorrelation, ChiWithoutCorrectionIsTheDirectOne) {
  const std::vector<double> x = ar1(2000, 0.8, 3);
  AutocorrelationOptions options;
  options.remove_trend = options.correct_bias = false;
  const Autocorrelation a = autocorrelation(x, 0.5, options);
  const std::vector<double> r = residuals(x, false);
  double c0 = 0;
  for (const double v : r) c0 += v * v / 2000;
  for (const std::size_t k : {1, 10, 500, 1000}) {
    double sum = 0;
    for (std::size_t t = 0; t + k < r.size(); ++t) sum += r[t] * r[t + k];
    EXPECT_NEAR(a.chi[k], sum / static_cast<double>(r.size() - k) / c0, 1e-12);
  }
  EXPECT_EQ(a.interval, 0.5);
}

// AR(1): χ = φ^k, τ½ = ln ½ / ln φ, τ = (1+φ)/(2(1-φ)); here sampled every 0.1, with and without a
// trend.
TEST(Autocorrelation, Ar1TimesAreCovered) {
  constexpr double kPhi = 0.95, kInterval = 0.1;
  for (const bool remove_trend : {true, false}) {
    Coverage half, integrated;
    AutocorrelationOptions options;
    options.remove_trend = remove_trend;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      std::vector<double> x = ar1(20000, kPhi, 1 + seed);
      if (remove_trend) {
        for (std::size_t t = 0; t < x.size(); ++t) x[t] += 1e-4 * static_cast<double>(t);
      }
      const Autocorrelation a = autocorrelation(x, kInterval, options);
      EXPECT_EQ(a.half_time.status, Status::ok);
      half.add(a.half_time, kInterval * std::log(0.5) / std::log(kPhi));
      integrated.add(a.integrated_time, kInterval * (1 + kPhi) / (2 * (1 - kPhi)));
    }
    half.expect_honest("half time");
    integrated.expect_honest("integrated time", 0.05);
  }
}

TEST(Autocorrelation, AnUnremovedTrendSpoilsTheHalfTime) {
  std::vector<double> x = ar1(20000, 0.95, 5);
  for (std::size_t t = 0; t < x.size(); ++t) x[t] += 3e-4 * static_cast<double>(t);
  AutocorrelationOptions options;
  options.remove_trend = false;
  const Autocorrelation with = autocorrelation(x, 1, options);
  const Autocorrelation without = autocorrelation(x, 1);
  const double truth = std::log(0.5) / std::log(0.95);
  EXPECT_GT(with.half_time.value, 10 * truth);
  EXPECT_NEAR(without.half_time.value, truth, 4 * without.half_time.standard_error);
}

TEST(Autocorrelation, ShortSeriesAreCorrectedForTheRemovedLine) {
  // 60 τ½ long: the line takes about 4τ/n = 10% from χ. Means over 200 runs, each with scatter
  // 0.37.
  constexpr double kPhi = 0.95;
  const double truth = std::log(0.5) / std::log(kPhi);
  double corrected = 0, plain = 0;
  AutocorrelationOptions raw;
  raw.correct_bias = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<double> x = ar1(static_cast<std::size_t>(60 * truth), kPhi, 900 + seed);
    corrected += autocorrelation(x).half_time.value / 200;
    plain += autocorrelation(x, 1, raw).half_time.value / 200;
  }
  EXPECT_LT(plain / truth, 0.94);
  EXPECT_NEAR(corrected / truth, 1, 0.08);
}

TEST(Autocorrelation, LossOfTwoStiffnesses) {
  // χ_L = mean of e^(-2kt): the root of ½(φ1^2τ + φ2^2τ) = ½ between lags of different slope.
  std::vector<double> loss = quadratic_loss(400000, 4, 0.9, 1, 1);
  const std::vector<double> slow = quadratic_loss(400000, 4, 0.99, 1, 2);
  for (std::size_t t = 0; t < loss.size(); ++t) loss[t] += slow[t];
  double low = 0, high = 1000;
  for (int i = 0; i < 100; ++i) {
    const double m = 0.5 * (low + high);
    (0.5 * (std::pow(0.81, m) + std::pow(0.9801, m)) > 0.5 ? low : high) = m;
  }
  const Autocorrelation a = autocorrelation(loss);
  EXPECT_NEAR(a.half_time.value, low, 4 * a.half_time.standard_error);
  EXPECT_LT(a.half_time.standard_error, 0.1 * low);
}

TEST(Autocorrelation, Statuses) {
  const std::vector<double> slow = ar1(1000, 0.99, 6);  // τ½ = 69, 14 of them
  EXPECT_EQ(autocorrelation(slow).half_time.status, Status::too_short);
  AutocorrelationOptions few;
  few.maximum_lag = 5;
  EXPECT_EQ(autocorrelation(slow, 1, few).half_time.status, Status::undefined);
  EXPECT_EQ(autocorrelation(slow, 1, few).integrated_time.status, Status::too_short);
  EXPECT_EQ(autocorrelation(std::vector<double>(100, 0.3)).half_time.status, Status::undefined);
  EXPECT_EQ(autocorrelation(std::vector<double>(3, 0.3)).half_time.status, Status::too_short);
  EXPECT_EQ(autocorrelation(std::vector<double>(100, std::nan(""))).half_time.status,
            Status::diverged);
  EXPECT_THROW((void)autocorrelation(slow, 0), Error);
  few.maximum_lag = 1000;
  EXPECT_THROW((void)autocorrelation(slow, 1, few), Error);
}

TEST(Autocorrelation, WhiteNoiseHalvesBetweenLagZeroAndOne) {
  const Autocorrelation a = autocorrelation(testing::normals(100000, 7));
  EXPECT_NEAR(a.half_time.value, 0.5, 4 * a.half_time.standard_error + 1e-3);
  EXPECT_NEAR(a.integrated_time.value, 0.5, 4 * a.integrated_time.standard_error);
}

}  // namespace
}  // namespace thermoscape::analysis
