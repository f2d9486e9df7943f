#include "thermoscape/data/cifar.hpp"

#include "data/support.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Bytes image(int label, int red, int green, int blue) {
  Bytes out = bytes({label});
  for (const int plane : {red, green, blue}) out = out + Bytes(1024, static_cast<std::byte>(plane));
  return out;
}

TEST(Cifar10, ReadsPlanesOfEachRecord) {
  const Labelled set = parse_cifar10(image(3, 0, 51, 255) + image(9, 255, 0, 102), "c");
  EXPECT_THAT(set.shape, ElementsAre(3, 32, 32));
  EXPECT_THAT(set.labels, ElementsAre(3, 9));
  const auto at_plane = [&](std::size_t i, std::size_t c) {
    return set.inputs[i * 3072 + c * 1024 + 517];
  };
  EXPECT_EQ(at_plane(0, 0), 0.0f);
  EXPECT_EQ(at_plane(0, 1), 0.2f);
  EXPECT_EQ(at_plane(0, 2), 1.0f);
  EXPECT_EQ(at_plane(1, 0), 1.0f);
  EXPECT_EQ(at_plane(1, 2), 0.4f);
}

TEST(Cifar10, JoinsFilesAndWantsEveryClass) {
  std::vector<File> files(2);
  files[0].name = "one";
  files[1].name = "two";
  for (int k = 0; k < 10; ++k) {
    Bytes& target = files[static_cast<std::size_t>(k % 2)].bytes;
    target = target + image(k, k, k, k);
  }
  const Labelled set = labelled_from_cifar10(files);
  EXPECT_THAT(set.labels, ElementsAre(0, 2, 4, 6, 8, 1, 3, 5, 7, 9));
  EXPECT_EQ(set.inputs[5 * 3072], 1.0f / 255.0f);
  EXPECT_THAT(complaint([&] { (void)labelled_from_cifar10(std::span(files).first(1)); }),
              AllOf(HasSubstr("one, offset 0"), HasSubstr("class 1 without an example")));
}

TEST(Cifar10, RefusesCorruptions) {
  const Bytes two = image(0, 1, 2, 3) + image(1, 1, 2, 3);
  EXPECT_THAT(complaint([] { (void)parse_cifar10({}, "c"); }),
              HasSubstr("c, offset 0: must hold at least one"));
  EXPECT_THAT(
      complaint([&] { (void)parse_cifar10(std::span(two).first(3073 + 100), "c"); }),
      AllOf(HasSubstr("c, offset 3073 = 100 bytes"), HasSubstr("an image takes 3073 bytes")));
  EXPECT_THAT(complaint([] { (void)parse_cifar10(image(0, 1, 2, 3) + image(10, 1, 2, 3), "c"); }),
              AllOf(HasSubstr("c, offset 3073 = 10"), HasSubstr("0 ... 9")));
}

}  // namespace
}  // namespace thermoscape::data
