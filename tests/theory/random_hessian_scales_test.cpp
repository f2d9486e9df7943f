#include "thermoscape/theory/random_hessian_scales.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/softmax_gaussian.hpp"

namespace thermoscape::theory {
namespace {

TEST(RandomHessianScales, hot_logits_are_in_closed_form) {
  const RandomHessianLimits s = random_hessian_limits({0, 4, 50, 0.3, 0.1});
  EXPECT_EQ(s.outliers, 3);
  EXPECT_NEAR(s.class_eigenvalue, 0.25, 1e-12);
  EXPECT_NEAR(s.hessian_trace, 50 * 0.1 * 0.75, 1e-11);
  EXPECT_NEAR(s.top_eigenvalue, 50 * 0.09 * 0.25, 1e-12);
  EXPECT_NEAR(s.trace_over_norm, 10.0 / 9 * std::sqrt(3.0), 1e-14);
  EXPECT_NEAR(s.clustering, 0.9, 1e-14);
}

/// The published example: σ_z = 15, C = 10, SNR 1/0.49.
TEST(RandomHessianScales, published_clustering) {
  const RandomHessianLimits s = random_hessian_limits(RandomHessianScales{});
  EXPECT_NEAR(s.clustering, 0.67, 0.005);
  EXPECT_NEAR(s.trace_over_norm, 4.47, 1e-9);
  const SoftmaxAverages p = softmax_averages({15, 10});
  EXPECT_NEAR(s.class_eigenvalue, (1 - p.mean_square_probability) / 9, 1e-12);
}

TEST(RandomHessianScales, peak_is_a_maximum) {
  for (const double classes : {2.0, 10.0, 100.0}) {
    for (const double a : {0.05, 0.25, 0.4}) {
      const Value peak = top_eigenvalue_peak(classes, a);
      ASSERT_EQ(peak.status, Status::ok) << classes << " " << a;
      const auto height = [&](double sigma) {
        return 2 * a * std::log(sigma) + std::log(mean_logit_curvature({sigma, classes}));
      };
      // The slope in ln σ_z vanishes: central differences.
      const double slope =
          (height(peak.value * std::exp(1e-3)) - height(peak.value * std::exp(-1e-3))) / 2e-3;
      EXPECT_NEAR(slope, 0, 1e-6) << classes << " " << a;
      for (const double factor : {0.1, 0.5, 2.0, 10.0}) {
        EXPECT_GT(height(peak.value), height(factor * peak.value));
      }
    }
  }
  EXPECT_GT(top_eigenvalue_peak(10, 0.4).value, top_eigenvalue_peak(10, 0.25).value);
}

TEST(RandomHessianScales, without_growth_or_with_too_much_there_is_no_peak) {
  EXPECT_EQ(top_eigenvalue_peak(10, 0).status, Status::undefined);
  EXPECT_EQ(top_eigenvalue_peak(10, 0.5).status, Status::undefined);
  EXPECT_THROW((void)top_eigenvalue_peak(1, 0.25), Error);
  EXPECT_THROW((void)top_eigenvalue_peak(10, std::nan("")), Error);
  EXPECT_THROW((void)random_hessian_limits({1, 3, 10, 0, 1}), Error);
}

}  // namespace
}  // namespace thermoscape::theory
