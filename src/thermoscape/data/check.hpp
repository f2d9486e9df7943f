#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// Which classes must have an example: all, where a set is trained on, or any, where a model that
/// knows more classes is measured on what there is.
enum class Present { all, any };

/// Throws Error "FILE, offset N = LABEL" unless 0 <= label < classes.
void check_label(std::int64_t label,
                 std::int32_t classes,
                 std::string_view file,
                 std::uint64_t offset);

/// Examples in each class [classes]. Labels must be in range.
[[nodiscard]] std::vector<std::int64_t> class_counts(std::span<const std::int32_t> labels,
                                                     std::int32_t classes);

/// Throws Error naming the first class without an example.
void check_classes(std::span<const std::int32_t> labels,
                   std::int32_t classes,
                   const std::string& where);

/// Throws Error naming source, example and rule unless sizes agree, inputs are finite, labels are
/// in range and the classes that must have an example have one. O(size).
void check(const Labelled& set, Present classes = Present::all);

/// Pixels 0 ... 255 as floats in [0, 1].
[[nodiscard]] std::vector<float> unit_pixels(std::span<const std::byte> pixels);

/// 64-bit FNV-1a of shape, classes, labels and the bits of the inputs, as 16 hexadecimal digits:
/// what a manifest keeps to say which data a run saw. Name, source, steps and records do not enter.
[[nodiscard]] std::string digest(const Labelled& set);

}  // namespace thermoscape::data
