#include "thermoscape/core/field.hpp"

#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/json.hpp"

namespace thermoscape {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::string_view kColours[] = {"red", "green"};

struct Sample {
  double temperature = 1;
  std::int64_t count = 3;
  std::vector<double> steps = {0.5, 0.25};
  std::optional<double> limit;
  std::string colour = "red";
  bool on = true;
  Estimate measured;

  static constexpr auto fields() {
    return std::tuple{field("temperature", &Sample::temperature, "[loss]", "T", kNonNegative),
                      field("count", &Sample::count, "1", "n", kAtLeastOne),
                      field("steps", &Sample::steps, "[time]", "η", Range{0, 1, true, false}),
                      field("limit", &Sample::limit, "", "cap", kPositive),
                      field("colour", &Sample::colour, "", "colour", Range{.choices = kColours}),
                      field("on", &Sample::on, "", "switch"),
                      field("measured", &Sample::measured, "1", "result")};
  }
};

TEST(Fields, AreListedInOrder) {
  EXPECT_THAT(
      field_names<Sample>(),
      testing::ElementsAre("temperature", "count", "steps", "limit", "colour", "on", "measured"));
}

TEST(Fields, GiveAccessToTheMembers) {
  Sample sample;
  for_each_field<Sample>([&](const auto& one) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(sample.*(one.member))>, double>) {
      sample.*(one.member) = 42;
    }
  });
  EXPECT_EQ(sample.temperature, 42);
}

TEST(Ranges, ContainTheirEndsUnlessOpen) {
  EXPECT_TRUE(kNonNegative.contains(0));
  EXPECT_FALSE(kPositive.contains(0));
  EXPECT_TRUE(kUnitInterval.contains(1));
  EXPECT_FALSE(kBelowOne.contains(1));
  EXPECT_TRUE(kBelowOne.contains(0));
  EXPECT_FALSE(kAny.contains(std::numeric_limits<double>::quiet_NaN()));
}

TEST(Ranges, DescribeThemselves) {
  EXPECT_EQ(describe(kAny), "");
  EXPECT_EQ(describe(kPositive), "> 0");
  EXPECT_EQ(describe(kNonNegative), ">= 0");
  EXPECT_EQ(describe(kBelowOne), "in [0, 1)");
  EXPECT_EQ(describe(Range{-kInfinity, 2, false, true}), "< 2");
  EXPECT_EQ(describe(Range{.choices = kColours}), "one of red, green");
}

/// The message that validating `sample` throws, "" if it does not.
std::string complaint(const Sample& sample) {
  try {
    validate(sample, "[[phase]] 2");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Validation, PassesWhatIsInRange) {
  EXPECT_EQ(complaint({}), "");
  Sample sample;
  sample.limit = 2.0;
  sample.steps.clear();
  EXPECT_EQ(complaint(sample), "");
}

TEST(Validation, NamesPlaceFieldValueRuleAndUnit) {
  Sample sample;
  sample.temperature = -1;
  EXPECT_EQ(complaint(sample), "[[phase]] 2.temperature = -1: must be >= 0 [loss]");
  sample = {};
  sample.temperature = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(complaint(sample), HasSubstr("temperature = nan"));
  sample.temperature = kInfinity;
  EXPECT_THAT(complaint(sample), HasSubstr("temperature = inf"));
  sample = {};
  sample.count = 0;
  EXPECT_THAT(complaint(sample), HasSubstr("count = 0: must be >= 1"));
  sample = {};
  sample.steps = {0.5, 2};
  EXPECT_THAT(complaint(sample), HasSubstr("steps = 2: must be in (0, 1] [time]"));
  sample = {};
  sample.limit = 0;
  EXPECT_THAT(complaint(sample), HasSubstr("limit = 0: must be > 0"));
  sample = {};
  sample.colour = "gren";
  EXPECT_THAT(complaint(sample),
              AllOf(HasSubstr("colour = gren: must be one of red, green"), HasSubstr("`green`")));
}

TEST(JsonOfFields, HasTheOrderOfTheTableAndNullForWhatIsNotFinite) {
  Sample sample;
  sample.temperature = std::numeric_limits<double>::quiet_NaN();
  sample.measured = {1.5, kInfinity, Status::spiked};
  const Json json = to_json(sample);
  EXPECT_EQ(json.dump(),
            R"({"temperature":null,"count":3,"steps":[0.5,0.25],"colour":"red","on":true,)"
            R"("measured":{"value":1.5,"standard_error":null,"status":"spiked"}})");
  sample.limit = 2.0;
  EXPECT_EQ(to_json(sample)["limit"], 2.0);
}

TEST(JsonNumber, IsNullUnlessFinite) {
  EXPECT_EQ(json_number(0.1).dump(), "0.1");
  EXPECT_TRUE(json_number(std::numeric_limits<double>::quiet_NaN()).is_null());
  EXPECT_TRUE(json_number(-kInfinity).is_null());
}

TEST(Estimates, StartUndefined) {
  EXPECT_FALSE(Estimate{}.ok());
  EXPECT_TRUE((Estimate{1, 0.1, Status::ok}).ok());
}

}  // namespace
}  // namespace thermoscape
