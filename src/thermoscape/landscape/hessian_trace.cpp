#include "thermoscape/landscape/hessian_trace.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

Estimate hessian_trace(Objective<double>& objective,
                       std::span<const double> theta,
                       const Noise& noise,
                       std::uint64_t address,
                       std::int64_t probes) {
  if (probes < 2)
    reject({"hessian_trace.probes", std::to_string(probes), "must be at least 2", ""});
  const auto size = static_cast<std::size_t>(objective.parameters());
  const bool exact = static_cast<std::int64_t>(size) <= probes;
  const std::size_t count = exact ? size : static_cast<std::size_t>(probes);
  std::vector<double> vectors(count * size, 0.0);
  if (exact) {
    for (std::size_t i = 0; i < size; ++i) vectors[i * size + i] = 1;
  } else {
    std::vector<std::uint32_t> words(vectors.size());
    noise.words("hessian_trace.signs", address, words);
    std::transform(words.begin(), words.end(), vectors.begin(), [](std::uint32_t w) {
      return (w & 1u) ? 1.0 : -1.0;
    });
  }
  std::vector<double> products(vectors.size());
  objective.hessian_products(theta, Batch{}, vectors, products);
  std::vector<double> forms(count);
  for (std::size_t k = 0; k < count; ++k) {
    const auto first = static_cast<std::ptrdiff_t>(k * size);
    forms[k] = std::inner_product(vectors.begin() + first,
                                  vectors.begin() + first + static_cast<std::ptrdiff_t>(size),
                                  products.begin() + first,
                                  0.0);
  }
  const double sum = std::accumulate(forms.begin(), forms.end(), 0.0);
  if (!std::isfinite(sum)) return {sum, sum, Status::diverged};
  if (exact) return {sum, 0.0, Status::ok};
  const auto n = static_cast<double>(count);
  const double mean = sum / n;
  double squares = 0;
  for (const double one : forms) squares += (one - mean) * (one - mean);
  return {mean, std::sqrt(squares / (n * (n - 1))), Status::ok};
}

}  // namespace thermoscape
