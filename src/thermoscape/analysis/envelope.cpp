#include "thermoscape/analysis/envelope.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {

Curve envelope(std::span<const double> x, std::span<const double> y, std::size_t points) {
  if (x.size() != y.size()) {
    reject(
        {"envelope", fmt::format("{} x, {} y", x.size(), y.size()), "must have equal lengths", ""});
  }
  if (points < 4) reject({"envelope.points", fmt::format("{}", points), "must be >= 4", ""});
  std::vector<std::size_t> finite;
  finite.reserve(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isfinite(y[i])) finite.push_back(i);
  }
  Curve out;
  const auto keep = [&](std::size_t i) {
    out.x.push_back(x[finite[i]]);
    out.y.push_back(y[finite[i]]);
  };
  const std::size_t n = finite.size();
  if (n <= points) {
    for (std::size_t i = 0; i < n; ++i) keep(i);
    return out;
  }
  const std::size_t stretches = (points - 2) / 2;  // of the points between the first and the last
  keep(0);
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t begin = 1 + (n - 2) * s / stretches;
    const std::size_t end = 1 + (n - 2) * (s + 1) / stretches;
    std::size_t low = begin, high = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (y[finite[i]] < y[finite[low]]) low = i;
      if (y[finite[i]] > y[finite[high]]) high = i;
    }
    keep(std::min(low, high));
    if (low != high) keep(std::max(low, high));
  }
  keep(n - 1);
  return out;
}

}  // namespace thermoscape::analysis
