#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

enum class Grouping {
  feature,  ///< each input number has its own mean and scale
  channel   ///< the pixels of a channel share them: axis 0 of shapes {channels, height, width}
};

/// x' = (x - mean) / scale, from the means and standard deviations (divisor n) of a training set.
/// A group that does not vary keeps scale 1, so it becomes 0 there. Population moments: the
/// training set has mean 0 and variance 1 to float rounding. Cost O(size), sums in double.
struct Standardisation {
  Grouping grouping = Grouping::feature;
  std::vector<double> mean;      ///< [groups]
  std::vector<double> scale;     ///< [groups], > 0
  std::int64_t constant = 0;     ///< groups that do not vary
  std::int64_t group_width = 1;  ///< consecutive inputs that share a group
};

/// Throws Error for an empty set, and for channels asked of a set whose shape has fewer than two
/// axes.
[[nodiscard]] Standardisation fit_standardisation(const Labelled& train, Grouping grouping);

/// The set with every input standardised; records "input_mean" and "input_scale". Throws Error if
/// the widths differ.
[[nodiscard]] Labelled apply(const Standardisation& standardisation, Labelled set);

}  // namespace thermoscape::data
