#include "thermoscape/dynamics/dynamics.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thermoscape {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(RuleCatalogue, NamesAreUniqueAndEachMakesItsRule) {
  std::vector<std::string_view> names = rule_names();
  EXPECT_THAT(names,
              testing::IsSupersetOf({"sgd", "momentum", "adam", "overdamped", "free-diffusion"}));
  for_each_rule([](const auto& rule) {
    EXPECT_EQ(name(make_rule(rule.kName)), rule.kName);
    EXPECT_FALSE(std::string_view(rule.kCite).empty());
  });
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(RuleCatalogue, GradientDescentIsSgd) {
  EXPECT_TRUE(std::holds_alternative<Sgd>(make_rule("gradient-descent")));
}

TEST(RuleCatalogue, AnUnknownNameIsRefusedWithTheNearestOne) {
  EXPECT_THAT([] { (void)make_rule("overdampd", "[[phase]] 2.rule"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("[[phase]] 2.rule = overdampd"),
                                         HasSubstr("sgd, momentum"),
                                         HasSubstr("did you mean `overdamped`?"))));
}

TEST(RuleClock, FollowsAChangeOfStepLength) {
  State<double> state;
  for (int i = 0; i < 10; ++i) advance_clock(state, 0.1);
  EXPECT_EQ(state.time, 1.0);
  for (int i = 0; i < 4; ++i) advance_clock(state, 0.25);
  EXPECT_EQ(state.time, 2.0);
  EXPECT_EQ(state.step, 14);
}

}  // namespace
}  // namespace thermoscape
