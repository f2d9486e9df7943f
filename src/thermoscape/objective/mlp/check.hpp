#pragma once
#include <cstdint>
#include <string>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/mlp/network.hpp"

namespace thermoscape::mlp {

/// Throws Error unless a span of an argument has the length that its meaning asks for.
inline void check_size(const char* what, std::size_t received, std::int64_t expected) {
  if (static_cast<std::int64_t>(received) == expected) return;
  reject({std::string("mlp.") + what,
          std::to_string(received) + " numbers",
          "must hold " + std::to_string(expected),
          ""});
}

/// k from the length of a block of vectors [k, each].
inline std::int64_t block_size(const char* what, std::size_t received, std::int64_t each) {
  const auto k = static_cast<std::int64_t>(received) / each;
  check_size(what, received, k * each);
  return k;
}

/// out[first + e, c] = values[c][e]: from the layout of the kernels to one example after the other.
template <class Real>
void to_rows(const Block<Real>& block, std::int64_t classes, const Real* values, Real* out) {
  Real* const to = out + block.first * classes;
  for (std::int64_t e = 0; e < block.count; ++e) {
    for (std::int64_t c = 0; c < classes; ++c) to[e * classes + c] = values[c * block.stride + e];
  }
}

/// The inverse, zero in the padding.
template <class Real>
void from_rows(const Block<Real>& block, std::int64_t classes, const Real* rows, Real* values) {
  const Real* const from = rows + block.first * classes;
  for (std::int64_t c = 0; c < classes; ++c) {
    for (std::int64_t e = 0; e < block.stride; ++e) {
      values[c * block.stride + e] = e < block.count ? from[e * classes + c] : Real(0);
    }
  }
}

}  // namespace thermoscape::mlp
