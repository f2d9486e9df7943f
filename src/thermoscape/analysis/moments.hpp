#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// Moments of a correlated series.
struct Moments {
  Estimate mean;                ///< μ
  Estimate standard_deviation;  ///< σ
  Estimate variance;            ///< σ²
  Estimate skewness;            ///< m3 / m2^(3/2)
  Estimate kurtosis;            ///< m4 / m2²; 3 for a normal law
  double statistical_inefficiency = 1;
  double effective_samples = 0;
  std::int64_t samples = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("mean", &Moments::mean, "", "mean"),
        field("standard_deviation", &Moments::standard_deviation, "", "standard deviation"),
        field("variance", &Moments::variance, "", "variance"),
        field("skewness", &Moments::skewness, "1", "skewness m3 / m2^(3/2)"),
        field("kurtosis", &Moments::kurtosis, "1", "kurtosis m4 / m2² (3 for a normal law)"),
        field("statistical_inefficiency",
              &Moments::statistical_inefficiency,
              "samples",
              "samples per independent one, of the mean"),
        field("effective_samples", &Moments::effective_samples, "1", "independent samples"),
        field("samples", &Moments::samples, "1", "samples")};
  }
};

/// Mean, variance, skewness and kurtosis of `series` [n] with error bars that account for its
/// correlation.
///   f(m1 ... m4): SE² = blocked variance of the mean of Σ_k ∂f/∂m_k (x^k - m_k)  (delta method)
///   σ² = m2 / (1 - g/n): the mean was estimated from n/g independent samples.
/// Cost: three passes, no copy.  Each estimate has the Status of its own blocking (blocking.hpp);
/// shape moments of a constant series are undefined.
/// Throws Error if an option is out of range.
[[nodiscard]] Moments moments(std::span<const double> series, const BlockingOptions& options = {});

}  // namespace thermoscape::analysis
