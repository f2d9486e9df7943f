#include "thermoscape/analysis/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace thermoscape::analysis {
namespace {

double quantile(std::vector<double>& values, double q) {
  const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

std::int64_t freedman_diaconis(std::vector<double>& values, double low, double high) {
  const double spread = quantile(values, 0.75) - quantile(values, 0.25);
  if (!(spread > 0)) return 1;
  const double width = 2 * spread / std::cbrt(static_cast<double>(values.size()));
  return static_cast<std::int64_t>(std::clamp(std::ceil((high - low) / width), 1.0, 1000.0));
}

}  // namespace

Histogram histogram(std::span<const double> values, const HistogramOptions& options) {
  validate(options, "histogram");
  const bool logarithmic = options.scale == "log";
  if (logarithmic && options.low && *options.low <= 0) {
    reject({"histogram.low", fmt::format("{}", *options.low), "must be > 0 on a log scale", ""});
  }
  Histogram out;
  std::vector<double> u;  // where the bins are equal
  u.reserve(values.size());
  std::int64_t finite = 0;
  for (const double x : values) {
    if (!std::isfinite(x)) {
      ++out.not_finite;
      continue;
    }
    ++finite;
    if (logarithmic && x <= 0) {
      ++out.below;
    } else {
      u.push_back(logarithmic ? std::log(x) : x);
    }
  }
  if (u.empty()) {
    reject({"histogram.values",
            fmt::format("{} values", values.size()),
            logarithmic ? "must hold a finite value > 0" : "must hold a finite value",
            ""});
  }
  const auto transform = [logarithmic](double x) { return logarithmic ? std::log(x) : x; };
  const auto [smallest, largest] = std::minmax_element(u.begin(), u.end());
  double low = options.low ? transform(*options.low) : *smallest;
  double high = options.high ? transform(*options.high) : *largest;
  if (low == high && !options.low && !options.high) {
    const double margin = low == 0 ? 0.5 : 0.5 * std::abs(low);
    low -= margin;
    high += margin;
  }
  if (!(low < high)) {
    reject({"histogram.low",
            fmt::format("{}", options.low ? *options.low : *smallest),
            "must be below high",
            ""});
  }
  const std::int64_t bins = options.bins > 0 ? options.bins : freedman_diaconis(u, low, high);
  const double width = (high - low) / static_cast<double>(bins);
  const auto back = [logarithmic](double x) { return logarithmic ? std::exp(x) : x; };
  for (std::int64_t i = 0; i <= bins; ++i) {
    out.edges.push_back(back(i == bins ? high : low + width * static_cast<double>(i)));
  }
  out.counts.assign(static_cast<std::size_t>(bins), 0);
  for (const double x : u) {
    if (x < low) {
      ++out.below;
    } else if (x > high) {
      ++out.above;
    } else {
      const auto bin = std::min(bins - 1, static_cast<std::int64_t>((x - low) / width));
      ++out.counts[static_cast<std::size_t>(bin)];
    }
  }
  for (std::size_t i = 0; i < out.counts.size(); ++i) {
    const double middle = low + width * (static_cast<double>(i) + 0.5);
    out.centres.push_back(back(middle));
    const double norm = static_cast<double>(finite) * (out.edges[i + 1] - out.edges[i]);
    const double count = static_cast<double>(out.counts[i]);
    out.density.push_back(count / norm);
    out.density_error.push_back(std::sqrt(options.statistical_inefficiency * count) / norm);
  }
  return out;
}

}  // namespace thermoscape::analysis
