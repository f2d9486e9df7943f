#include "thermoscape/theory/softmax_gaussian.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::theory {
namespace {

/// Two classes: p is the logistic function of d ~ N(0, 2σ²), and one integral does. Fine enough
/// steps also for the kink of p_max at d = 0.
SoftmaxAverages two_classes(double sigma) {
  const double deviation = std::numbers::sqrt2 * sigma;
  const double reach = std::min(10.0, 45 / deviation);  // beyond, p is 0 or 1
  const double step = std::min(1e-2, 0.01 / deviation);
  const auto count = std::ceil(reach / step / 2) * 2;
  const double h = reach / count;
  double outside = std::erfc(reach / std::numbers::sqrt2);
  SoftmaxAverages sum{outside, outside, 0};
  for (double i = 0; i <= count; ++i) {  // Simpson's rule on d >= 0
    const double x = i * h;
    const double d = deviation * x;
    const double simpson = (i == 0 || i == count) ? 1 : (std::fmod(i, 2) == 1 ? 4 : 2);
    const double weight =
        2 * simpson * h / 3 * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    const double q = 1 / (1 + std::exp(d));
    const double p = 1 - q;
    sum.mean_square_probability += weight * (1 - 2 * p * q);
    sum.max_probability += weight * p;
    const double entropy = std::log1p(std::exp(-d)) + q * d;
    sum.probability_entropy += weight * entropy / std::numbers::ln2;
  }
  return sum;
}

TEST(SoftmaxGaussian, two_classes_reduce_to_one_integral) {
  for (const double sigma : {1e-3, 0.1, 0.374, 0.376, 1.0, 1.9, 5.0, 40.0, 300.0}) {
    const SoftmaxAverages expected = two_classes(sigma);
    const SoftmaxAverages s = softmax_averages({sigma, 2});
    EXPECT_NEAR(s.mean_square_probability, expected.mean_square_probability, 1e-10) << sigma;
    EXPECT_NEAR(s.max_probability, expected.max_probability, 1e-10) << sigma;
    EXPECT_NEAR(s.probability_entropy, expected.probability_entropy, 1e-9 * s.probability_entropy)
        << sigma;
    EXPECT_NEAR(mean_logit_curvature({sigma, 2}), 1 - expected.mean_square_probability, 1e-10)
        << sigma;
  }
}

/// The trapezoid rule over three logits: the integrand is analytic, the error below e^{-30}.
TEST(SoftmaxGaussian, three_classes_are_a_triple_sum) {
  for (const double sigma : {0.5, 1.0}) {
    const double h = 0.25;
    double square = 0;
    double entropy = 0;
    std::vector<double> power;
    for (int i = -36; i <= 36; ++i) power.push_back(std::exp(sigma * h * i));
    const auto normal = [&](std::size_t i) {
      const double x = h * (static_cast<double>(i) - 36);
      return h * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    };
    for (std::size_t i = 0; i < power.size(); ++i) {
      for (std::size_t j = 0; j < power.size(); ++j) {
        for (std::size_t k = 0; k < power.size(); ++k) {
          const double total = power[i] + power[j] + power[k];
          const double weight = normal(i) * normal(j) * normal(k);
          for (const double one : {power[i], power[j], power[k]}) {
            square += weight * one * one / (total * total);
            entropy -= weight * one / total * std::log2(one / total);
          }
        }
      }
    }
    const SoftmaxAverages s = softmax_averages({sigma, 3});
    EXPECT_NEAR(s.mean_square_probability, square, 1e-11);
    EXPECT_NEAR(s.probability_entropy, entropy, 1e-11);
    EXPECT_NEAR(mean_logit_curvature({sigma, 3}), 1 - square, 1e-11);
  }
}

TEST(SoftmaxGaussian, many_classes_agree_with_draws) {
  constexpr int kDraws = 20000;
  struct Case {
    double sigma;
    int classes;
  };
  for (const auto& [sigma, classes] : {Case{15, 10}, Case{1, 10}, Case{0.3, 40}, Case{4, 100}}) {
    std::vector<double> x(static_cast<std::size_t>(classes));
    double mean[3] = {0, 0, 0};
    double square[3] = {0, 0, 0};
    for (int n = 0; n < kDraws; ++n) {
      Noise(5).normal("test.logits", static_cast<std::uint64_t>(n), std::span<double>(x));
      double largest = -1e300;
      for (double& z : x) largest = std::max(largest, z *= sigma);
      double total = 0;
      for (const double z : x) total += std::exp(z - largest);
      double value[3] = {0, 1 / total, 0};
      for (const double z : x) {
        const double p = std::exp(z - largest) / total;
        value[0] += p * p;
        if (p > 0) value[2] -= p * std::log2(p);
      }
      for (int k = 0; k < 3; ++k) {
        mean[k] += value[k] / kDraws;
        square[k] += value[k] * value[k] / kDraws;
      }
    }
    const SoftmaxAverages s = softmax_averages({sigma, static_cast<double>(classes)});
    const double exact[3] = {s.mean_square_probability, s.max_probability, s.probability_entropy};
    for (int k = 0; k < 3; ++k) {
      const double error = std::sqrt((square[k] - mean[k] * mean[k]) / kDraws);
      EXPECT_NEAR(exact[k], mean[k], 4 * error) << sigma << " " << classes << " " << k;
    }
  }
}

TEST(SoftmaxGaussian, ends_are_the_centre_and_the_corners_of_the_simplex) {
  for (const double classes : {2.0, 10.0, 1000.0}) {
    for (const double sigma : {0.0, 1e-9}) {
      const SoftmaxAverages hot = softmax_averages({sigma, classes});
      EXPECT_NEAR(hot.mean_square_probability, 1 / classes, 1e-12);
      EXPECT_NEAR(hot.max_probability, 1 / classes, 1e-8);
      EXPECT_NEAR(hot.probability_entropy, std::log2(classes), 1e-11);
      EXPECT_NEAR(mean_logit_curvature({sigma, classes}), 1 - 1 / classes, 1e-12);
    }
    const SoftmaxAverages frozen = softmax_averages({1e5, classes});
    EXPECT_NEAR(frozen.max_probability, 1, 1e-3);
    // 1 - EΣp² ∝ 1/σ for large σ.
    EXPECT_NEAR(
        mean_logit_curvature({2e4, classes}) / mean_logit_curvature({1e4, classes}), 0.5, 1e-3);
  }
}

TEST(SoftmaxGaussian, refuses_what_is_out_of_range) {
  EXPECT_THROW((void)softmax_averages({-1, 10}), Error);
  EXPECT_THROW((void)softmax_averages({1, 1}), Error);
  try {
    (void)softmax_averages({1, 2.5});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "random-logits.classes = 2.5: must be a whole number >= 2");
  }
}

}  // namespace
}  // namespace thermoscape::theory
