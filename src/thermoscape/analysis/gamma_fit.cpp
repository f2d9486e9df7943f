#include "thermoscape/analysis/gamma_fit.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

namespace thermoscape::analysis {
namespace {

/// P(sup sqrt(n)|F_n - F| > x), Kolmogorov's limit law.
double kolmogorov_tail(double x) {
  if (x < 0.2) return 1;
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += (k % 2 == 1 ? term : -term);
    if (term < 1e-17) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

/// Largest gap between the empirical law and Gamma(shape, rate). Above 2^14 values the law is
/// evaluated at that many order statistics; the gap between two of them can hide at most 2^-14,
/// which is added.
double gamma_distance(std::vector<double> values, double shape, double rate) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  constexpr std::size_t kPoints = std::size_t{1} << 14;
  const std::size_t stride = std::max<std::size_t>(1, n / kPoints);
  double distance = 0;
  for (std::size_t i = 0; i < n; i += stride) {
    const double law = boost::math::gamma_p(shape, rate * values[i]);
    const double below = static_cast<double>(i) / static_cast<double>(n);
    const double above = static_cast<double>(i + 1) / static_cast<double>(n);
    distance = std::max({distance, law - below, above - law});
  }
  return distance + static_cast<double>(stride - 1) / static_cast<double>(n);
}

}  // namespace

double gamma_shape(double s) {
  if (!(s > 0) || !std::isfinite(s))
    reject({"gamma_shape.s", fmt::format("{}", s), "must be > 0", ""});
  // Minka's start is within 1.5% everywhere; Newton in 1/α then converges in a few steps.
  double shape = (3 - s + std::sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);
  if (shape > 1e6) return shape;  // ln α - ψ(α) would cancel; the start is exact to 1e-13 here
  for (int i = 0; i < 20; ++i) {
    const double residual = std::log(shape) - boost::math::digamma(shape) - s;
    const double slope = 1 / shape - boost::math::trigamma(shape);  // < 0
    const double next = 1 / (1 / shape + residual / (shape * shape * slope));
    const double change = std::abs(next - shape);
    shape = next;
    if (change <= 4e-16 * shape) break;
  }
  return shape;
}

GammaFit gamma_fit(std::span<const double> losses, const BlockingOptions& options) {
  GammaFit out;
  out.samples = static_cast<std::int64_t>(losses.size());
  out.not_positive = std::count_if(losses.begin(), losses.end(), [](double x) { return x <= 0; });
  const Blocking average = blocking(losses, options);
  out.mean = average.mean;
  const auto fail = [&out](Status status) {
    out.shape.status = out.rate.status = out.constrained.status = out.goodness.status = status;
    return out;
  };
  if (average.mean.status == Status::diverged) return fail(Status::diverged);
  if (out.not_positive > 0) return fail(Status::out_of_range);
  if (losses.size() < 2) return fail(Status::undefined);

  const double mean = average.mean.value;
  double s = 0;  // <u - ln(1 + u)>, u = L/<L> - 1: equals ln<L> - <ln L> without its cancellation
  for (const double x : losses) {
    const double u = x / mean - 1;
    s += u - std::log1p(u);
  }
  s /= static_cast<double>(losses.size());
  if (!(s > 1e-28)) return fail(Status::undefined);

  const double shape = gamma_shape(s);
  const double shape_per_s = 1 / (1 / shape - boost::math::trigamma(shape));
  Blocker shape_blocks, rate_blocks, rank_blocks;
  for (const double x : losses) {
    const double u = x / mean - 1;
    const double shape_influence = shape_per_s * (u - std::log1p(u) - s);
    shape_blocks.push(shape_influence);
    rate_blocks.push((shape_influence - shape * u) / mean);
    rank_blocks.push(x < mean ? 1 : 0);
  }
  const Estimate shape_error = shape_blocks.result(options).mean;
  const Estimate rate_error = rate_blocks.result(options).mean;
  out.shape = {shape, shape_error.standard_error, shape_error.status};
  out.constrained = {2 * shape, 2 * shape_error.standard_error, shape_error.status};
  out.rate = {shape / mean, rate_error.standard_error, rate_error.status};

  // The distance is about a distribution function, so its samples are counted for an indicator, not
  // for L itself.
  const Blocking indicator = rank_blocks.result(options);
  out.goodness.distance =
      gamma_distance(std::vector<double>(losses.begin(), losses.end()), shape, shape / mean);
  out.goodness.effective_samples = indicator.effective_samples;
  const double root = std::sqrt(indicator.effective_samples);
  out.goodness.p_value = kolmogorov_tail(out.goodness.distance * (root + 0.12 + 0.11 / root));
  out.goodness.status = indicator.mean.status;
  return out;
}

}  // namespace thermoscape::analysis
