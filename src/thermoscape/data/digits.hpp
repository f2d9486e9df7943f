#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// Drawn digits: 28 x 28 images in [0, 1] that stand in for handwritten ones where no real data is.
/// Each is a skeleton of strokes (several ways to write most digits; see digit_strokes) bent by a
/// jitter of its control points and a smooth random displacement, then slanted, turned and scaled
/// at random, drawn with a pen of random width and soft edges about 20 pixels high, and centred by
/// its mass up to a random shift. Example i is a pure function of (settings other than count,
/// noise, i); its digit is digits[i mod length], its label the position in that list.  Stream
/// "data.digits.style", step = example.  Cost about 20 µs an image.
struct Digits {
  std::int64_t count = 1000;
  std::vector<std::int64_t> digits = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  double distortion = 1;  ///< in [0, 3]; scales every random change, 0 draws clean digits
};

/// Throws Error if count < 1, a digit is not in 0 ... 9 or named twice, or distortion is out of
/// range.
[[nodiscard]] Labelled generate(const Digits& settings, const Noise& noise);

}  // namespace thermoscape::data
