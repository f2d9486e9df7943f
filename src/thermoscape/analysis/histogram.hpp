#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

inline constexpr std::string_view kHistogramScales[] = {"linear", "log"};

struct HistogramOptions {
  std::int64_t bins = 0;
  std::string scale = "linear";
  std::optional<double> low;
  std::optional<double> high;
  double statistical_inefficiency = 1;

  static constexpr auto fields() {
    using O = HistogramOptions;
    return std::tuple{
        field("bins", &O::bins, "1", "number of bins; 0: by Freedman and Diaconis", Range{0, 1e6}),
        field("scale",
              &O::scale,
              "1",
              "equal widths of x or of ln x",
              Range{.choices = kHistogramScales}),
        field("low", &O::low, "", "first edge; smallest value if absent"),
        field("high", &O::high, "", "last edge; largest value if absent"),
        field("statistical_inefficiency",
              &O::statistical_inefficiency,
              "samples",
              "samples per independent one: errors grow by its root",
              kPositive)};
  }
};

struct Histogram {
  std::vector<double> edges;         ///< [bins + 1]
  std::vector<double> centres;       ///< [bins]; geometric on a log scale
  std::vector<std::int64_t> counts;  ///< [bins]
  std::vector<double> density;  ///< counts / (n width), n all finite values: ∫ = share inside
  std::vector<double> density_error;  ///< sqrt(g counts) / (n width), Poisson
  std::int64_t below = 0;  ///< values under the first edge (on a log scale also those <= 0)
  std::int64_t above = 0;  ///< values over the last edge
  std::int64_t not_finite = 0;
};

/// Density of `values` [n] in bins of equal width, or of equal ratio on a log scale; the last bin
/// holds its upper edge. Freedman-Diaconis: width 2 IQR n^(-1/3) (of ln x on a log scale), at least
/// 1 and at most 1000 bins. All values equal: one bin round them.  An empty bin has error 0:
/// Poisson says nothing of it.
/// Throws Error if an option is out of range, low >= high, low <= 0 on a log scale, or no value can
/// be binned.
[[nodiscard]] Histogram histogram(std::span<const double> values,
                                  const HistogramOptions& options = {});

}  // namespace thermoscape::analysis
