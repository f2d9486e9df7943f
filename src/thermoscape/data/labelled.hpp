#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "thermoscape/core/dataset.hpp"

namespace thermoscape::data {

/// A labelled data set in memory. What was done to it on the way is recorded, so that a report can
/// print it.
struct Labelled {
  std::string name;                 ///< "mnist/train", "gaussian"
  std::vector<std::int64_t> shape;  ///< of one example: {1, 28, 28}, {10}
  std::vector<float> inputs;        ///< [D, product(shape)], row-major, one example after the other
  std::vector<std::int32_t> labels;  ///< [D], in 0 ... classes-1
  std::int32_t classes = 0;
  std::string source;              ///< the file or generator it came from
  std::vector<std::string> steps;  ///< what was done to it, in order, in words
  std::vector<Array> records;  ///< the numbers of those steps: means, scales, principal components

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  /// Numbers in one input.
  [[nodiscard]] std::int64_t width() const;
};

}  // namespace thermoscape::data
