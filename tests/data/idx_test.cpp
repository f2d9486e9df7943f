#include "thermoscape/data/idx.hpp"

#include "data/support.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Bytes header(std::initializer_list<int> sizes) {
  Bytes out = bytes({0, 0, 8, static_cast<int>(sizes.size())});
  for (const int n : sizes)
    out = out + bytes({n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255});
  return out;
}
const Bytes kImages = header({2, 1, 3}) + bytes({0, 51, 255, 102, 153, 204});
const Bytes kLabels = header({2}) + bytes({1, 0});

TEST(Idx, ReadsHandWrittenBytes) {
  const Labelled set = labelled_from_idx({"i", kImages}, {"l", kLabels}, 2);
  EXPECT_THAT(set.shape, ElementsAre(1, 1, 3));
  EXPECT_THAT(set.labels, ElementsAre(1, 0));
  EXPECT_THAT(set.inputs, ElementsAre(0.0f, 0.2f, 1.0f, 0.4f, 0.6f, 0.8f));
  EXPECT_EQ(set.width(), 3);
  EXPECT_EQ(set.size(), 2);
}

TEST(Idx, ReadsPlainAndGzipFiles) {
  const Folder folder;
  const auto plain = read_idx(folder.write("i", kImages), folder.write("l", kLabels), 2);
  const auto packed =
      read_idx(folder.write("i.gz", gzip(kImages)), folder.write("l.gz", gzip(kLabels)), 2);
  EXPECT_EQ(plain.inputs, packed.inputs);
  EXPECT_EQ(plain.labels, packed.labels);
}

struct Case {
  std::string_view what;
  Bytes images;
  Bytes labels;
  std::string_view where;
  std::string_view rule;
};

TEST(Idx, RefusesEachCorruptionWithFileOffsetAndRule) {
  const Bytes cut(kImages.begin(), kImages.end() - 1);
  const std::vector<Case> cases = {
      {"magic", bytes({1, 0, 8, 3}), kLabels, "i, offset 0", "two zero bytes"},
      {"type", bytes({0, 0, 0x0d, 3}), kLabels, "i, offset 2", "unsigned bytes"},
      {"no dimensions", bytes({0, 0, 8, 0}), kLabels, "i, offset 3", "[1, 4]"},
      {"many dimensions", bytes({0, 0, 8, 255}), kLabels, "i, offset 3", "[1, 4]"},
      {"empty", {}, kLabels, "i, offset 0", "cut short"},
      {"half a header", bytes({0, 0, 8, 3, 0, 0}), kLabels, "i, offset 6", "cut short"},
      {"zero size", header({0, 1, 3}), kLabels, "i, offset 4", "at least 1"},
      {"cut", cut, kLabels, "i, offset 4", "bytes after the header, 5"},
      {"appended", kImages + bytes({7}), kLabels, "i, offset 4", "something was appended"},
      {"lying count",
       header({0x7fffffff, 0x7fffffff, 0x7fffffff}),
       kLabels,
       "i, offset 4",
       "cut short"},
      {"counts",
       kImages,
       header({3}) + bytes({0, 1, 1}),
       "l, offset 4",
       "as many as there are images, 2"},
      {"label", kImages, header({2}) + bytes({0, 2}), "l, offset 9 = 2", "0 ... 1"},
      {"empty class",
       kImages,
       header({2}) + bytes({1, 1}),
       "l, offset 8 = class 0",
       "must have one"},
      {"swapped", kLabels, kImages, "i, offset 3", "at least 2 dimensions"},
      {"images twice", kImages, kImages, "l, offset 3 = 3", "labels need 1 dimension"},
  };
  for (const Case& one : cases) {
    const std::string message = complaint([&] {
      (void)labelled_from_idx({"i", one.images}, {"l", one.labels}, 2);
    });
    EXPECT_THAT(message, AllOf(HasSubstr(std::string(one.where)), HasSubstr(std::string(one.rule))))
        << one.what;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(Idx, RefusesEveryTruncation) {
  for (std::size_t n = 0; n < kImages.size(); ++n) {
    EXPECT_THAT(complaint([&] { (void)parse_idx(std::span(kImages).first(n), "i"); }),
                HasSubstr("i, offset "));
  }
}

}  // namespace
}  // namespace thermoscape::data
