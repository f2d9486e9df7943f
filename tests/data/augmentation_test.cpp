#include "thermoscape/data/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "data/support.hpp"

namespace thermoscape::data {
namespace {
using testing::HasSubstr;

constexpr std::int64_t kHeight = 9;
constexpr std::int64_t kWidth = 11;
constexpr int kPadding = 2;

/// Pixel values that name their own place; none is 0, which stands for padding.
std::vector<float> image() {
  std::vector<float> out;
  for (int i = 0; i < 2 * kHeight * kWidth; ++i) out.push_back(static_cast<float>(1 + i));
  return out;
}

CropFlip crop(bool flip = true) {
  return {.channels = 2,
          .height = kHeight,
          .width = kWidth,
          .padding = kPadding,
          .flip = flip,
          .noise = Noise(5)};
}

/// The image padded, cut at (top, left) and mirrored: written out, as a second algorithm.
std::vector<float> expected(int top, int left, bool mirrored) {
  const std::vector<float> in = image();
  std::vector<float> out;
  for (int c = 0; c < 2; ++c) {
    std::vector<std::vector<float>> padded(kHeight + 2 * kPadding,
                                           std::vector<float>(kWidth + 2 * kPadding, 0.0f));
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        padded[y + kPadding][x + kPadding] =
            in[static_cast<std::size_t>((c * kHeight + y) * kWidth + x)];
      }
    }
    for (int y = 0; y < kHeight; ++y) {
      const auto first = padded[top + y].begin() + left;
      std::vector<float> row(first, first + kWidth);
      if (mirrored) std::reverse(row.begin(), row.end());
      out.insert(out.end(), row.begin(), row.end());
    }
  }
  return out;
}

TEST(CropFlip, EveryDrawIsOneOfTheShiftsPixelForPixelAndAllAreEquallyLikely) {
  std::map<std::vector<float>, int> counts;
  for (int top = 0; top <= 2 * kPadding; ++top) {
    for (int left = 0; left <= 2 * kPadding; ++left) {
      counts[expected(top, left, false)] = 0;
      counts[expected(top, left, true)] = 0;
    }
  }
  ASSERT_EQ(counts.size(), 50u);
  const std::vector<float> in = image();
  std::vector<float> out(in.size());
  constexpr int kDraws = 10000;
  for (int i = 0; i < kDraws; ++i) {
    crop().apply(i % 7, i, in, out);
    const auto found = counts.find(out);
    ASSERT_NE(found, counts.end()) << "not a shift or mirror image";
    ++found->second;
  }
  // χ² with 49 degrees of freedom: mean 49, deviation √98; five deviations.
  double chi_square = 0;
  for (const auto& entry : counts)
    chi_square += std::pow(entry.second - kDraws / 50.0, 2) / (kDraws / 50.0);
  EXPECT_LT(chi_square, 49 + 5 * std::sqrt(98.0));
}

TEST(CropFlip, IsAPureFunctionOfNoiseEpochAndExample) {
  const std::vector<float> in = image();
  const auto drawn = [&](std::int64_t epoch, std::int32_t example, std::uint64_t seed) {
    CropFlip one = crop();
    one.noise = Noise(seed);
    std::vector<float> out(in.size());
    one.apply(epoch, example, in, out);
    return out;
  };
  std::set<std::vector<float>> epochs, examples, seeds;
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(drawn(i, 3, 1), drawn(i, 3, 1));
    epochs.insert(drawn(i, 3, 1));
    examples.insert(drawn(3, i, 1));
    seeds.insert(drawn(3, 3, static_cast<std::uint64_t>(i)));
  }
  // 30 draws among 50: fewer than 12 different ones would be a stuck address.
  EXPECT_GT(epochs.size(), 12u);
  EXPECT_GT(examples.size(), 12u);
  EXPECT_GT(seeds.size(), 12u);
}

TEST(CropFlip, WithoutPaddingAndFlipIsTheIdentity) {
  CropFlip none = crop(false);
  none.padding = 0;
  const std::vector<float> in = image();
  std::vector<float> out(in.size());
  for (int i = 0; i < 20; ++i) {
    none.apply(i, i, in, out);
    EXPECT_EQ(out, in);
  }
}

TEST(CropFlip, RefusesWrongSizes) {
  std::vector<float> small(10);
  EXPECT_THAT(test::complaint([&] { crop().apply(0, 0, small, small); }),
              HasSubstr("must be 2 x 9 x 11 values"));
}

}  // namespace
}  // namespace thermoscape::data
