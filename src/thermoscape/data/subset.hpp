#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// The examples at the given positions, in that order.
[[nodiscard]] Labelled take(const Labelled& set, std::span<const std::int64_t> positions);

/// The examples of the named classes, in the order of the source, relabelled 0 ... C-1 in the order
/// given. An empty list keeps all. Records the array "classes" [class] of former labels. Throws
/// Error for a class that is not there or is named twice.
[[nodiscard]] Labelled select_classes(const Labelled& set, std::span<const std::int64_t> classes);

/// `count` examples drawn without replacement, in the order of the source. Classes get equal shares
/// up to one; where a class has too few, the others make up for it. A larger count contains a
/// smaller one of the same noise as long as every class has its share. Records the positions as
/// "examples". Stream "data.subset", step = class. Throws Error unless classes <= count <= size.
[[nodiscard]] Labelled choose(const Labelled& set, std::int64_t count, const Noise& noise);

/// `count` examples drawn uniformly without replacement whatever their classes, in the order of the
/// source: for measurements on sets that lack classes. Records the positions as "examples". Stream
/// "data.subset.any". Throws Error unless 1 <= count <= size.
[[nodiscard]] Labelled choose_any(const Labelled& set, std::int64_t count, const Noise& noise);

/// Two sets without a common example, each drawn as by choose(); test may be 0. Throws Error if
/// train + test exceeds the size, train is below the number of classes, or a class would be missing
/// in the test set.
struct Split {
  Labelled train;
  Labelled test;
};
[[nodiscard]] Split split(const Labelled& set,
                          std::int64_t train,
                          std::int64_t test,
                          const Noise& noise);

}  // namespace thermoscape::data
