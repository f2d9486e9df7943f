#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thermoscape::data {

/// What the header of a `.npy` file says.
struct NpyHeader {
  std::string type;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::size_t type_offset = 0;  ///< where these stand in the file, for messages
  std::size_t order_offset = 0;
  std::size_t shape_offset = 0;
  std::size_t end = 0;  ///< offset of the first value
};

/// Reads magic, version and the Python dictionary literal with exactly the keys descr,
/// fortran_order and shape. Throws Error (file, offset, rule). Allocates nothing that the file does
/// not spell out.
[[nodiscard]] NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::string_view file);

}  // namespace thermoscape::data
