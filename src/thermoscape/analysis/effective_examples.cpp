#include "thermoscape/analysis/effective_examples.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {

Estimate effective_examples(std::span<const double> losses) {
  double largest = 0;
  Status status = Status::ok;
  for (const double l : losses) {
    if (!std::isfinite(l)) return {Estimate{}.value, Estimate{}.value, Status::diverged};
    if (l < 0) status = Status::out_of_range;
    largest = std::max(largest, std::abs(l));
  }
  if (largest == 0) return {};
  double sum = 0,
         squares = 0;  // in units of the largest, so that losses of 1e-200 do not underflow
  for (const double l : losses) {
    const double r = l / largest;
    sum += r;
    squares += r * r;
  }
  return {sum * sum / squares, 0, status};
}

std::vector<Estimate> effective_examples_rows(std::span<const double> losses,
                                              std::size_t examples) {
  if (examples == 0 || losses.size() % examples != 0) {
    reject({"effective_examples_rows.examples",
            fmt::format("{}", examples),
            fmt::format("must divide the number of losses, {}", losses.size()),
            ""});
  }
  std::vector<Estimate> out;
  out.reserve(losses.size() / examples);
  for (std::size_t i = 0; i < losses.size(); i += examples) {
    out.push_back(effective_examples(losses.subspan(i, examples)));
  }
  return out;
}

}  // namespace thermoscape::analysis
