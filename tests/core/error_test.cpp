#include "thermoscape/core/error.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/status.hpp"

namespace thermoscape {
namespace {

using testing::ThrowsMessage;

TEST(ErrorLine, HasPlaceValueRuleAndHint) {
  EXPECT_EQ(to_line({"overdamped.temperature", "-1", "must be >= 0 [loss]", "use 1e-5"}),
            "overdamped.temperature = -1: must be >= 0 [loss] (use 1e-5)");
  EXPECT_EQ(to_line({"recipe.toml", "", "is empty", ""}), "recipe.toml: is empty");
  EXPECT_THAT(([] {
                reject({"a", "b", "c", ""});
              }),
              ThrowsMessage<Error>(testing::StrEq("a = b: c")));
}

TEST(ErrorLine, StaysOneShortLineWhateverWasReceived) {
  const std::string line =
      to_line({"file\n2", "a\nb\tc\x1b[31m" + std::string(500, 'x'), "rule", ""});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_LT(line.size(), 200u);
  EXPECT_THAT(line, testing::HasSubstr("..."));
}

TEST(EditDistance, KnownPairs) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("temprature", "temperature"), 1u);
}

TEST(EditDistance, IsAMetricOnAllWordsOfThreeLetters) {
  std::vector<std::string> words = {""};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i];  // a copy: push_back moves the words
    if (word.size() == 3) continue;
    words.push_back(word + 'a');
    words.push_back(word + 'b');
  }
  ASSERT_EQ(words.size(), 15u);
  for (const std::string& a : words) {
    for (const std::string& b : words) {
      ASSERT_EQ(edit_distance(a, b) == 0, a == b);
      ASSERT_EQ(edit_distance(a, b), edit_distance(b, a));
      for (const std::string& c : words)
        ASSERT_LE(edit_distance(a, c), edit_distance(a, b) + edit_distance(b, c));
    }
  }
}

TEST(DidYouMean, OffersTheNearestOrNothing) {
  const std::array<std::string_view, 3> names = {"temperature", "time_step", "learning_rate"};
  EXPECT_EQ(did_you_mean("temprature", names), "did you mean `temperature`?");
  EXPECT_EQ(did_you_mean("timestep", names), "did you mean `time_step`?");
  EXPECT_EQ(did_you_mean("zzzz", names), "");
  EXPECT_EQ(did_you_mean("x", std::array<std::string_view, 0>{}), "");
}

TEST(ErrorLine, IsOneLineWhateverItsPartsHold) {
  const std::string line = to_line({"a\nb", "c\nd", "saw 'n\n'", "e\tf"});
  EXPECT_EQ(line, "a\\nb = c\\nd: saw 'n\\n' (e?f)");
}

TEST(StatusNames, GoBothWays) {
  for (int i = 0; i <= static_cast<int>(Status::undefined); ++i) {
    const auto status = static_cast<Status>(i);
    EXPECT_EQ(status_from(name(status)), status);
    EXPECT_FALSE(explanation(status).empty());
  }
  EXPECT_EQ(name(Status::not_converged), "not_converged");
  EXPECT_THAT([] { (void)status_from("fine"); },
              ThrowsMessage<Error>(
                  testing::AllOf(testing::HasSubstr("fine"), testing::HasSubstr("spiked"))));
}

}  // namespace
}  // namespace thermoscape
