#include "thermoscape/data/npy.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "data/support.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// A file written by hand from NumPy's description of the format.
Bytes npy(std::string header, const Bytes& data, int version = 1) {
  header += "\n";
  const int n = static_cast<int>(header.size());
  Bytes front = bytes("\x93NUMPY") + bytes({version, 0, n & 255, n >> 8});
  if (version > 1) front = front + bytes({0, 0});
  return front + bytes(header) + data;
}
std::string dictionary(const std::string& type,
                       const std::string& shape,
                       const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

TEST(Npy, ReadsEveryTypeAndVersion) {
  for (const int version : {1, 2, 3}) {
    const Npy f4 = parse_npy(
        npy(dictionary("<f4", "(2,)"), bytes({0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0}), version), "f");
    EXPECT_THAT(f4.values, ElementsAre(1.0, -2.5));
    EXPECT_THAT(f4.shape, ElementsAre(2));
  }
  EXPECT_THAT(
      parse_npy(npy(dictionary("<f8", "()"), bytes({0, 0, 0, 0, 0, 0, 0xf8, 0x3f})), "f").values,
      ElementsAre(1.5));
  EXPECT_THAT(parse_npy(npy(dictionary("|u1", "(1, 3)"), bytes({0, 7, 255})), "f").values,
              ElementsAre(0, 7, 255));
  EXPECT_THAT(parse_npy(npy(dictionary("<i4", "(1,)"), bytes({0xfe, 255, 255, 255})), "f").values,
              ElementsAre(-2));
  EXPECT_THAT(
      parse_npy(npy(dictionary("<i8", "(1,)"), bytes({5, 1, 0, 0, 0, 0, 0, 0})), "f").values,
      ElementsAre(261));
  const Npy none = parse_npy(npy(dictionary("<f8", "(0, 3)"), {}), "f");
  EXPECT_THAT(none.shape, ElementsAre(0, 3));
  EXPECT_TRUE(none.values.empty());
}

TEST(Npy, RoundTripIsExact) {
  const std::vector<double> values = {
      0.1, -1e300, 5e-324, std::numeric_limits<double>::infinity(), 0.0, -0.0};
  const std::vector<std::int64_t> shape = {3, 2};
  const Bytes written = to_npy(shape, values);
  const Npy back = parse_npy(written, "f");
  EXPECT_EQ(back.values, values);
  EXPECT_EQ(back.shape, shape);
  EXPECT_TRUE(std::signbit(back.values[5]));
  EXPECT_EQ(back.offset % 64, 0u);  // NumPy's alignment rule
  const std::vector<float> singles = {0.1f, 3e38f};
  const Folder folder;
  write_npy(folder.path() / "a.npy", std::vector<std::int64_t>{2}, singles);
  EXPECT_THAT(read_npy(folder.path() / "a.npy").values, ElementsAre(0.1f, 3e38f));
  EXPECT_THAT(complaint([&] { (void)to_npy(std::vector<std::int64_t>{4}, values); }),
              HasSubstr("must have as many"));
}

TEST(Npy, RefusesEachCorruptionWithFileOffsetAndRule) {
  const Bytes four(4);
  const struct {
    Bytes content;
    std::string_view where;
    std::string_view rule;
  } cases[] = {
      {{}, "f, offset 0", "\\x93NUMPY"},
      {bytes("\x93NUMPX\x01"), "f, offset 0", "\\x93NUMPY"},
      {bytes("\x93NUMPY"), "f, offset 6", "1, 2 or 3"},
      {npy(dictionary("<f4", "(1,)"), four, 4), "f, offset 6 = 4", "1, 2 or 3"},
      {bytes("\x93NUMPY") + bytes({1, 0, 255, 255, '{'}),
       "f, offset 8 = 65535",
       "longer than the file"},
      {bytes("\x93NUMPY") + bytes({2, 0, 255, 255, 255, 255}),
       "f, offset 8",
       "longer than the file"},
      {npy(dictionary(">f4", "(1,)"), four), "f, offset 20 = >f4", "big-endian"},
      {npy(dictionary("<c8", "(1,)"), four), "f, offset 20 = <c8", "must be one of"},
      {npy(dictionary("|O", "(1,)"), four), "f, offset 20 = |O", "must be one of"},
      {npy(dictionary("<f4", "(1,)", "True"), four), "f, offset 44 = True", "must be False"},
      {npy(dictionary("<f4", "(2,)"), four), "f, offset 60 = (2)", "cut short"},
      {npy(dictionary("<f4", "(1,)"), Bytes(5)), "f, offset 60 = (1)", "appended"},
      {npy(dictionary("<f4", "(0, 9)"), four), "f, offset 60 = (0, 9)", "appended"},
      {npy(dictionary("<f4", "(4611686018427387904, 4)"), {}), "f, offset 60", "cut short"},
      {npy(dictionary("<f4", "(-1,)"), four), "f, offset 61", "whole number >= 0"},
      {npy(dictionary("<f4", "(99999999999999999999,)"), four),
       "f, offset 61",
       "whole number >= 0"},
      {npy("{'descr': '<f4', 'fortran_order': False, }", four), "f, offset", "must be there"},
      {npy("{'descr': '<f4', 'descr': '<f4'}", four), "f, offset", "each once"},
      {npy("{'descr': '<f4", four), "f, offset 20", "quote does not end"},
      {npy("[1]", four), "f, offset 10 = [1]", "expected `{`"},
      {npy(dictionary("<f4", "(1,)") + " x", four), "f, offset", "nothing may follow"},
      {npy(dictionary("<i8", "(1,)"), bytes({0, 0, 0, 0, 0, 0, 0, 1})), "f, offset 68", "2^53"},
  };
  for (const auto& one : cases) {
    EXPECT_THAT(complaint([&] { (void)parse_npy(one.content, "f"); }),
                AllOf(HasSubstr(std::string(one.where)), HasSubstr(std::string(one.rule))));
  }
}

TEST(Npy, LabelledSetFromTwoFiles) {
  const std::vector<std::int64_t> shape = {3, 2};
  const File inputs{"x", to_npy(shape, std::vector<float>{1, 2, 3, 4, 5, 6})};
  const auto labels = [](std::initializer_list<int> y) {
    return File{"y", npy(dictionary("|u1", fmt::format("({},)", y.size())), bytes(y))};
  };
  const Labelled set = labelled_from_npy(inputs, labels({1, 0, 1}));
  EXPECT_EQ(set.classes, 2);
  EXPECT_THAT(set.shape, ElementsAre(2));
  EXPECT_THAT(set.inputs, ElementsAre(1, 2, 3, 4, 5, 6));

  const std::size_t first = parse_npy(labels({0, 0, 0}).bytes, "y").offset;
  const auto refusal = [&](const File& x, const File& y) {
    return complaint([&] { (void)labelled_from_npy(x, y); });
  };
  EXPECT_THAT(refusal(inputs, labels({1, 0})),
              HasSubstr("must be as many as there are inputs, 3 in x"));
  EXPECT_THAT(refusal(inputs, labels({2, 0, 2})), HasSubstr("class 1 without an example"));
  // A measurement takes the classes that are there.
  const Labelled sparse = labelled_from_npy(inputs, labels({2, 0, 255}), Present::any);
  EXPECT_EQ(sparse.classes, 256);
  EXPECT_THAT(sparse.labels, ElementsAre(2, 0, 255));
  EXPECT_NO_THROW(check(sparse, Present::any));
  EXPECT_THAT(complaint([&] { check(sparse); }), HasSubstr("class 1 without an example"));
  const File negative{
      "y", npy(dictionary("<i4", "(3,)"), bytes({0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0}))};
  EXPECT_THAT(complaint([&] { (void)labelled_from_npy(inputs, negative, Present::any); }),
              HasSubstr("= -1: a label must be"));
  EXPECT_THAT(refusal(inputs, labels({0, 255, 1})),
              HasSubstr("y, offset " + std::to_string(first + 1) + " = 255"));
  EXPECT_THAT(
      refusal(inputs, {"y", to_npy(std::vector<std::int64_t>{3}, std::vector<float>{0, 1, 0})}),
      HasSubstr("must be integers"));
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), 1e39}) {
    const File broken{"x", to_npy(shape, std::vector<double>{1, 2, 3, bad, 5, 6})};
    const std::size_t offset = parse_npy(broken.bytes, "x").offset + 3 * 8;
    EXPECT_THAT(
        refusal(broken, labels({0, 1, 0})),
        AllOf(HasSubstr("x, offset " + std::to_string(offset)), HasSubstr("finite number")));
  }
}

}  // namespace
}  // namespace thermoscape::data
