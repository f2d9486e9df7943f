#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "thermoscape/data/bytes.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

inline constexpr std::int32_t kCifarClasses = 10;
inline constexpr std::size_t kCifarPixels = 3 * 32 * 32;
inline constexpr std::size_t kCifarRecord = 1 + kCifarPixels;

/// One file of the CIFAR-10 binary layout: records of a label byte and 3 x 32 x 32 bytes (red,
/// green, blue planes). Pixels are scaled to [0, 1]. Classes without an example are allowed, since
/// a file is a part of a set. Throws Error (file, offset, rule) for an empty file, a broken last
/// record or a label above 9. Reference: Krizhevsky, Learning multiple layers of features from tiny
/// images (2009).
[[nodiscard]] Labelled parse_cifar10(std::span<const std::byte> bytes, std::string_view file);

/// Several files as one set; throws Error also if one of the ten classes has no example.
[[nodiscard]] Labelled labelled_from_cifar10(std::span<const File> files);

}  // namespace thermoscape::data
