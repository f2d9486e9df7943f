#include <algorithm>
#include <cmath>
#include <vector>

#include "data/small_sets.hpp"
#include "data/support.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/load.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::HasSubstr;

DataSettings settings(std::int64_t reshuffle) {
  DataSettings one;
  one.train = 90;
  one.test = 60;
  one.reshuffle = reshuffle;
  return one;
}

/// The first pixel of each image, which numbers it within its published part.
std::vector<int> numbers(const Labelled& set) {
  std::vector<int> out;
  for (std::size_t i = 0; i < set.labels.size(); ++i)
    out.push_back(static_cast<int>(std::lround(set.inputs[4 * i] * 255)));
  return out;
}

TEST(Reshuffle, DealsOutEveryImageOfBothPartsOnce) {
  const Folder folder;
  write_mnist(folder, 100, 50);
  const Splits out = load(settings(1), Noise(1), {folder.path()});
  EXPECT_EQ(out.train.size(), 90);
  EXPECT_EQ(out.test.size(), 60);
  std::vector<int> all = numbers(out.train);
  const std::vector<int> rest = numbers(out.test);
  all.insert(all.end(), rest.begin(), rest.end());
  std::sort(all.begin(), all.end());
  std::vector<int> expected;
  for (int i = 0; i < 100; ++i) expected.push_back(i);
  for (int i = 0; i < 50; ++i) expected.push_back(i);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(all, expected);
  for (std::size_t i = 0; i < out.train.labels.size(); ++i)
    EXPECT_EQ(out.train.labels[i], numbers(out.train)[i] % 10);
}

TEST(Reshuffle, EachNumberIsAnotherSplitAndTheSameOneEveryTime) {
  const Folder folder;
  write_mnist(folder, 100, 50);
  const auto digest_of = [&](std::int64_t number) {
    return digest(load(settings(number), Noise(1), {folder.path()}).train);
  };
  EXPECT_EQ(digest_of(1), digest_of(1));
  EXPECT_NE(digest_of(1), digest_of(2));
}

TEST(Reshuffle, IsForSetsWithPublishedParts) {
  DataSettings one = settings(1);
  one.source = "gaussian";
  EXPECT_THAT(complaint([&] { check_settings(one); }), HasSubstr("does not belong to the source"));
}

}  // namespace
}  // namespace thermoscape::data
