#include "thermoscape/landscape/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

Outliers outliers(std::span<const double> eigenvalues, std::int64_t gap_ranks) {
  Outliers found;
  if (eigenvalues.empty()) return found;
  if (!std::is_sorted(eigenvalues.begin(), eigenvalues.end(), std::greater<>())) {
    reject({"outliers.eigenvalues", "", "must be sorted, largest first", ""});
  }
  const double largest = eigenvalues.front();
  const double smallest = eigenvalues.back();
  const double zero = 1e-12 * std::max(std::abs(largest), std::abs(smallest));
  const double edge = std::max(zero, -smallest);
  double sum = 0;
  double squares = 0;
  for (std::size_t k = 0; k < eigenvalues.size() && eigenvalues[k] > zero; ++k) {
    const double one = eigenvalues[k];
    sum += one;
    squares += one * one;
    found.above_bulk += one > edge;
    const auto rank = static_cast<std::int64_t>(k) + 1;
    const bool has_next = k + 1 < eigenvalues.size() && eigenvalues[k + 1] > zero;
    if (rank <= gap_ranks && has_next && one / eigenvalues[k + 1] > found.gap_ratio) {
      found.gap_ratio = one / eigenvalues[k + 1];
      found.before_gap = rank;
    }
  }
  if (squares > 0) found.participation = sum * sum / squares;
  return found;
}

double kolmogorov_smirnov(std::vector<double> a, std::vector<double> b) {
  if (a.empty() || b.empty()) reject({"kolmogorov_smirnov", "", "needs two samples", ""});
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const auto na = static_cast<double>(a.size());
  const auto nb = static_cast<double>(b.size());
  double distance = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == x) ++i;
    while (j < b.size() && b[j] == x) ++j;
    distance =
        std::max(distance, std::abs(static_cast<double>(i) / na - static_cast<double>(j) / nb));
  }
  return distance;
}

}  // namespace thermoscape
