#include "thermoscape/data/subset.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "data/support.hpp"
#include "thermoscape/data/check.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Example numbers, read off the inputs of counting().
std::vector<int> numbers(const Labelled& set) {
  std::vector<int> out;
  for (std::size_t i = 0; i < set.inputs.size(); i += 2)
    out.push_back(static_cast<int>(set.inputs[i]) / 10);
  return out;
}
Labelled uneven() {  // 40 of class 0, 20 of class 1, 3 of class 2
  std::vector<std::int32_t> labels(63, 0);
  std::fill(labels.begin() + 40, labels.begin() + 60, 1);
  std::fill(labels.begin() + 60, labels.end(), 2);
  return counting(labels, 3);
}

TEST(SelectClasses, KeepsAndRelabelsInTheOrderGiven) {
  const Labelled set = counting({0, 1, 2, 3, 2, 1, 0}, 4);
  const Labelled out = select_classes(set, std::vector<std::int64_t>{2, 0});
  EXPECT_THAT(numbers(out), ElementsAre(0, 2, 4, 6));
  EXPECT_THAT(out.labels, ElementsAre(1, 0, 0, 1));
  EXPECT_EQ(out.classes, 2);
  ASSERT_EQ(out.records.size(), 1u);
  EXPECT_THAT(out.records[0].values.span(), ElementsAre(2, 0));
  EXPECT_THAT(out.steps.back(), HasSubstr("classes 2, 0"));
  EXPECT_EQ(select_classes(set, {}).labels, set.labels);
  EXPECT_THAT(complaint([&] { (void)select_classes(set, std::vector<std::int64_t>{4}); }),
              HasSubstr("0 ... 3"));
  EXPECT_THAT(complaint([&] {
                (void)select_classes(set, std::vector<std::int64_t>{1, 1});
              }),
              HasSubstr("twice"));
}

TEST(Choose, SharesAreEqualUpToOneAndOthersMakeUpForSmallClasses) {
  const auto counts = [](std::int64_t n) {
    const Labelled out = choose(uneven(), n, Noise(1));
    return class_counts(out.labels, 3);
  };
  EXPECT_THAT(counts(3), ElementsAre(1, 1, 1));
  EXPECT_THAT(counts(9), ElementsAre(3, 3, 3));
  EXPECT_THAT(counts(11), ElementsAre(4, 4, 3));
  EXPECT_THAT(counts(43), ElementsAre(20, 20, 3));
  EXPECT_THAT(counts(60), ElementsAre(37, 20, 3));
  EXPECT_THAT(counts(63), ElementsAre(40, 20, 3));
}

TEST(Choose, IsWithoutRepetitionOrderedRecordedAndAddressed) {
  const Labelled out = choose(uneven(), 30, Noise(1));
  const std::vector<int> chosen = numbers(out);
  EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
  EXPECT_EQ(std::set<int>(chosen.begin(), chosen.end()).size(), 30u);
  ASSERT_EQ(out.records.back().name, "examples");
  for (std::size_t i = 0; i < chosen.size(); ++i)
    EXPECT_EQ(out.records.back().values[i], chosen[i]);
  EXPECT_EQ(numbers(choose(uneven(), 30, Noise(1))), chosen);
  EXPECT_NE(numbers(choose(uneven(), 30, Noise(2))), chosen);
  const std::vector<int> more = numbers(choose(uneven(), 33, Noise(1)));
  EXPECT_TRUE(std::includes(more.begin(), more.end(), chosen.begin(), chosen.end()));
}

TEST(Choose, EveryExampleOfAClassIsEquallyLikely) {
  const Labelled set = counting(std::vector<std::int32_t>(20, 0), 1);
  std::vector<int> hits(20, 0);
  constexpr int kDraws = 4000;
  for (int seed = 0; seed < kDraws; ++seed) {
    for (const int i : numbers(choose(set, 5, Noise(static_cast<std::uint64_t>(seed)))))
      ++hits[static_cast<std::size_t>(i)];
  }
  // Binomial(4000, 1/4): 1000 ± 27.4; five deviations.
  for (const int n : hits) EXPECT_NEAR(n, 0.25 * kDraws, 5 * std::sqrt(kDraws * 0.25 * 0.75));
}

TEST(ChooseAny, EveryExampleIsEquallyLikelyWhateverItsClass) {
  std::vector<int> hits(63, 0);
  constexpr int kDraws = 4000;
  for (int seed = 0; seed < kDraws; ++seed) {
    const Labelled out = choose_any(uneven(), 2, Noise(static_cast<std::uint64_t>(seed)));
    ASSERT_EQ(out.size(), 2);
    for (const int i : numbers(out)) ++hits[static_cast<std::size_t>(i)];
  }
  constexpr double kShare = 2.0 / 63;  // binomial; five deviations
  for (const int n : hits)
    EXPECT_NEAR(n, kShare * kDraws, 5 * std::sqrt(kDraws * kShare * (1 - kShare)));
}

TEST(Choose, RefusesImpossibleCounts) {
  EXPECT_THAT(complaint([] { (void)choose_any(uneven(), 64, Noise(1)); }), HasSubstr("[1, 63]"));
  EXPECT_THAT(complaint([] { (void)choose(uneven(), 64, Noise(1)); }),
              AllOf(HasSubstr("= 64"), HasSubstr("[3, 63]")));
  EXPECT_THAT(complaint([] { (void)choose(uneven(), 2, Noise(1)); }), HasSubstr("[3, 63]"));
}

TEST(SplitInTwo, IsDisjointBalancedAndComplete) {
  const Labelled set = counting(
      [] {
        std::vector<std::int32_t> labels(60);
        for (std::size_t i = 0; i < labels.size(); ++i)
          labels[i] = static_cast<std::int32_t>(i % 3);
        return labels;
      }(),
      3);
  const Split two = split(set, 36, 24, Noise(3));
  const std::vector<int> train = numbers(two.train);
  const std::vector<int> test = numbers(two.test);
  std::set<int> all(train.begin(), train.end());
  all.insert(test.begin(), test.end());
  EXPECT_EQ(all.size(), 60u);
  EXPECT_THAT(class_counts(two.train.labels, 3), ElementsAre(12, 12, 12));
  EXPECT_THAT(class_counts(two.test.labels, 3), ElementsAre(8, 8, 8));
  EXPECT_EQ(two.train.name, "counting/train");
  EXPECT_EQ(split(set, 36, 0, Noise(3)).test.size(), 0);
  EXPECT_EQ(numbers(split(set, 36, 3, Noise(3)).train), train)
      << "the test set must not move the training set";
  EXPECT_THAT(complaint([&] { (void)split(set, 36, 25, Noise(3)); }), HasSubstr("[3, 24]"));
  EXPECT_THAT(complaint([&] { (void)split(set, 36, 2, Noise(3)); }), HasSubstr("[3, 24]"));
  EXPECT_THAT(complaint([] { (void)split(uneven(), 40, 20, Noise(3)); }),
              HasSubstr("class 2 without an example"));
}

TEST(Take, FollowsTheOrderAndRefusesPositionsThatAreNotThere) {
  const Labelled set = counting({0, 1, 0}, 2);
  EXPECT_THAT(numbers(take(set, std::vector<std::int64_t>{2, 0, 2})), ElementsAre(2, 0, 2));
  EXPECT_THAT(complaint([&] { (void)take(set, std::vector<std::int64_t>{3}); }),
              HasSubstr("must be below 3"));
}

}  // namespace
}  // namespace thermoscape::data
