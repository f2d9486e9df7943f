#include "thermoscape/analysis/moments.hpp"

#include <cmath>

namespace thermoscape::analysis {

Moments moments(std::span<const double> series, const BlockingOptions& options) {
  Moments out;
  const Blocking first = blocking(series, options);
  out.mean = first.mean;
  out.statistical_inefficiency = first.statistical_inefficiency;
  out.effective_samples = first.effective_samples;
  out.samples = first.samples;
  if (out.mean.status == Status::diverged || out.samples < 2) {
    for (Estimate* e : {&out.standard_deviation, &out.variance, &out.skewness, &out.kurtosis}) {
      e->status = out.mean.status;
    }
    return out;
  }
  const double n = static_cast<double>(series.size());
  const double mean = out.mean.value;
  double m2 = 0, m3 = 0, m4 = 0;
  for (const double x : series) {
    const double d = x - mean;
    const double square = d * d;
    m2 += square;
    m3 += square * d;
    m4 += square * square;
  }
  m2 /= n;
  m3 /= n;
  m4 /= n;
  // Rounding of the mean alone gives a constant series m2 of about (ε mean)².
  const double rounding = 1e-15 * std::abs(mean);
  if (m2 <= rounding * rounding) {
    out.standard_deviation = out.variance = {0, 0, Status::ok};
    return out;
  }
  const double skewness = m3 / (m2 * std::sqrt(m2));
  const double kurtosis = m4 / (m2 * m2);
  Blocker variance_blocks, skewness_blocks, kurtosis_blocks;
  for (const double x : series) {
    const double d = x - mean;
    const double square = d * d;
    const double excess = square / m2 - 1;  // influence on ln m2
    variance_blocks.push(excess);
    skewness_blocks.push((square * d - m3 - 3 * m2 * d) / (m2 * std::sqrt(m2)) -
                         1.5 * skewness * excess);
    kurtosis_blocks.push((square * square - m4 - 4 * m3 * d) / (m2 * m2) - 2 * kurtosis * excess);
  }
  const double independent = std::max(2.0, out.effective_samples);
  const double variance = m2 / (1 - 1 / independent);
  const Estimate relative = variance_blocks.result(options).mean;
  out.variance = {variance, variance * relative.standard_error, relative.status};
  out.standard_deviation = {
      std::sqrt(variance), 0.5 * std::sqrt(variance) * relative.standard_error, relative.status};
  const Estimate skewness_error = skewness_blocks.result(options).mean;
  out.skewness = {skewness, skewness_error.standard_error, skewness_error.status};
  const Estimate kurtosis_error = kurtosis_blocks.result(options).mean;
  out.kurtosis = {kurtosis, kurtosis_error.standard_error, kurtosis_error.status};
  return out;
}

}  // namespace thermoscape::analysis
