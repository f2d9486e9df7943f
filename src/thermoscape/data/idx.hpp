#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "thermoscape/data/bytes.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// An array of unsigned bytes as the IDX format stores it; `values` views the bytes that were
/// parsed.
///   bytes 0, 1: zero;  2: type, 0x08;  3: number of dimensions n;  then n big-endian 32-bit sizes;
///   then the values
/// Reference: LeCun, Cortes, Burges, The MNIST database of handwritten digits.
struct Idx {
  std::vector<std::int64_t> shape;    ///< each >= 1
  std::span<const std::byte> values;  ///< [product(shape)]
  std::size_t offset = 0;             ///< of the first value in the file
};

/// Throws Error (file, offset, rule) for a wrong magic number, another type than unsigned bytes, 0
/// or more than 4 dimensions, a size of 0, or a file longer or shorter than its header says.
[[nodiscard]] Idx parse_idx(std::span<const std::byte> bytes, std::string_view file);

/// Examples from an image file [D, rows, columns] (or [D, width], or [D, channels, rows, columns])
/// and a label file [D]. Pixels are scaled from 0 ... 255 to [0, 1]. Throws Error if the counts
/// disagree, a label is not below `classes`, or a class has no example.
[[nodiscard]] Labelled labelled_from_idx(const File& images,
                                         const File& labels,
                                         std::int32_t classes);

/// The same from two files, plain or gzip.
[[nodiscard]] Labelled read_idx(const std::filesystem::path& images,
                                const std::filesystem::path& labels,
                                std::int32_t classes);

}  // namespace thermoscape::data
