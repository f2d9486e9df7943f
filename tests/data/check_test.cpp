#include "thermoscape/data/check.hpp"

#include <cmath>
#include <limits>

#include "data/support.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Check, AcceptsASoundSetAndNamesWhatIsWrong) {
  const Labelled good = counting({0, 1, 0}, 2);
  EXPECT_NO_THROW(check(good));
  const auto refusal = [&](auto spoil) {
    Labelled set = good;
    spoil(set);
    return complaint([&] { check(set); });
  };
  EXPECT_THAT(refusal([](Labelled& s) { s.inputs[3] = std::nanf(""); }),
              AllOf(HasSubstr("test, example 1, input 1"), HasSubstr("finite")));
  EXPECT_THAT(refusal([](Labelled& s) { s.inputs[4] = std::numeric_limits<float>::infinity(); }),
              HasSubstr("test, example 2, input 0"));
  EXPECT_THAT(refusal([](Labelled& s) { s.labels[2] = 2; }), HasSubstr("test, example 2 = 2"));
  EXPECT_THAT(refusal([](Labelled& s) { s.labels[2] = -1; }), HasSubstr("test, example 2 = -1"));
  EXPECT_THAT(refusal([](Labelled& s) { s.classes = 3; }), HasSubstr("class 2 without an example"));
  EXPECT_THAT(refusal([](Labelled& s) { s.inputs.pop_back(); }), HasSubstr("5 input values"));
  EXPECT_THAT(refusal([](Labelled& s) { s = {}; }), HasSubstr("0 examples"));
}

TEST(Digest, MatchesAByteWiseRecalculationAndSeesEveryChange) {
  const Labelled set = counting({1, 0}, 2, 1);  // inputs 0 and 10
  // FNV-1a over rank, shape, classes, count (8 bytes each), labels and input bits (4 bytes each),
  // little-endian.
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const std::uint64_t word : {1, 1, 2, 2}) {
    for (int i = 0; i < 8; ++i) hash = (hash ^ (word >> (8 * i) & 255)) * 0x100000001b3ull;
  }
  for (const std::uint64_t word : {1u, 0u, 0u, 0x41200000u}) {  // 10.0f
    for (int i = 0; i < 4; ++i) hash = (hash ^ (word >> (8 * i) & 255)) * 0x100000001b3ull;
  }
  EXPECT_EQ(std::stoull(digest(set), nullptr, 16), hash);
  EXPECT_EQ(digest(set).size(), 16u);

  Labelled other = set;
  other.name = "renamed";
  EXPECT_EQ(digest(other), digest(set));
  other.inputs[0] = -0.0f;
  EXPECT_NE(digest(other), digest(set));
  other = set;
  other.labels = {0, 1};
  EXPECT_NE(digest(other), digest(set));
  other = set;
  other.classes = 3;
  EXPECT_NE(digest(other), digest(set));
}

TEST(ClassCounts, Counts) {
  EXPECT_THAT(class_counts(std::vector<std::int32_t>{2, 0, 2}, 4), ElementsAre(1, 0, 2, 0));
}

}  // namespace
}  // namespace thermoscape::data
