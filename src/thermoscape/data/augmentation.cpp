#include "thermoscape/data/augmentation.hpp"

#include <array>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::data {

void CropFlip::apply(std::int64_t epoch,
                     std::int32_t example,
                     std::span<const float> image,
                     std::span<float> out) const {
  const std::int64_t size = channels * height * width;
  if (channels < 1 || height < 1 || width < 1 || padding < 0) {
    reject({"crop-flip",
            fmt::format("{} x {} x {}, padding {}", channels, height, width, padding),
            "channels, height and width must be at least 1, padding at least 0",
            ""});
  }
  if (static_cast<std::int64_t>(image.size()) != size ||
      static_cast<std::int64_t>(out.size()) != size) {
    reject({"crop-flip",
            fmt::format("{} values in, {} out", image.size(), out.size()),
            fmt::format("must be {} x {} x {} values each", channels, height, width),
            "crop-and-flip needs images: reduce them afterwards or not at all"});
  }
  std::array<std::uint32_t, 3> raw{};
  const std::uint64_t address =
      static_cast<std::uint64_t>(epoch) << 32 | static_cast<std::uint32_t>(example);
  noise.words("data.crop-flip", address, raw);
  const auto shifts = static_cast<std::uint32_t>(2 * padding + 1);
  const std::int64_t down = static_cast<std::int64_t>(raw[0] % shifts) - padding;
  const std::int64_t right = static_cast<std::int64_t>(raw[1] % shifts) - padding;
  const bool mirrored = flip && (raw[2] >> 31) != 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t from_y = y + down;
        const std::int64_t from_x = (mirrored ? width - 1 - x : x) + right;
        const bool inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
        out[static_cast<std::size_t>((c * height + y) * width + x)] =
            inside ? image[static_cast<std::size_t>((c * height + from_y) * width + from_x)] : 0.0f;
      }
    }
  }
}

}  // namespace thermoscape::data
