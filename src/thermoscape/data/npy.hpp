#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/data/bytes.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// An array of a `.npy` file, converted to double. Row-major.
struct Npy {
  std::vector<std::int64_t> shape;  ///< empty for a scalar; sizes may be 0
  std::string type;                 ///< NumPy's name: "<f8", "<f4", "|u1", "<i4", "<i8"
  std::vector<double> values;       ///< [product(shape)]; may hold NaN or infinity
  std::size_t offset = 0;           ///< of the first value in the file
  std::size_t item = 0;             ///< bytes in one value

  [[nodiscard]] bool integral() const { return type != "<f8" && type != "<f4"; }
};

/// Format versions 1 to 3; float64, float32, uint8, int32 and int64, little-endian, C order. Throws
/// Error (file, offset, rule) for everything else, for a header that disagrees with the size of the
/// file, and for an int64 above 2^53, which a double cannot hold.  Reference: NumPy enhancement
/// proposal 1.
[[nodiscard]] Npy parse_npy(std::span<const std::byte> bytes, std::string_view file);
[[nodiscard]] Npy read_npy(const std::filesystem::path& path);

/// The bytes of a version 1 file. Throws Error unless the shape has as many elements as there are
/// values.
[[nodiscard]] Bytes to_npy(std::span<const std::int64_t> shape, std::span<const double> values);
[[nodiscard]] Bytes to_npy(std::span<const std::int64_t> shape, std::span<const float> values);
/// Written whole or not at all (see write_file).
void write_npy(const std::filesystem::path& path,
               std::span<const std::int64_t> shape,
               std::span<const double> values);
void write_npy(const std::filesystem::path& path,
               std::span<const std::int64_t> shape,
               std::span<const float> values);

/// Examples from inputs [D, ...] of any type and labels [D] of an integer type; classes = largest
/// label + 1. Throws Error (file, offset, rule) for NaN, infinity or values beyond float, counts
/// that disagree, negative labels, and classes without an example where all must have one.
[[nodiscard]] Labelled labelled_from_npy(const File& inputs,
                                         const File& labels,
                                         Present classes = Present::all);
[[nodiscard]] Labelled read_labelled_npy(const std::filesystem::path& inputs,
                                         const std::filesystem::path& labels,
                                         Present classes = Present::all);

}  // namespace thermoscape::data
