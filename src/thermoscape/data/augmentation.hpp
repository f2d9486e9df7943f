#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/core/noise.hpp"

namespace thermoscape::data {

/// Random crop after zero padding, and random left-right flip: a pure function of (noise, epoch,
/// example).
struct CropFlip {
  std::int64_t channels = 1;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t padding = 4;  ///< pixels added on each side before the crop
  bool flip = true;
  Noise noise{0};

  /// Writes the augmented copy of `image` [channels, height, width] to `out`.
  void apply(std::int64_t epoch,
             std::int32_t example,
             std::span<const float> image,
             std::span<float> out) const;
};

}  // namespace thermoscape::data
