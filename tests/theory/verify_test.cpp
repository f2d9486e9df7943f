#include "thermoscape/theory/verify.hpp"

#include <cmath>
#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"

namespace thermoscape::theory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Json reference() {
  std::ifstream file(THERMOSCAPE_SOURCE_DIR "/tests/reference/open.json");
  return Json::parse(file);
}

TEST(Verify, every_entry_of_a_theory_kind_passes) {
  std::set<std::string> seen;
  for (const Json& entry : reference()) {
    const auto kind = entry.at("kind").get<std::string>();
    if (!theory_kinds().contains(kind)) continue;
    seen.insert(kind);
    const EntryOutcome outcome = verify_entry(theory_kinds(), entry);
    EXPECT_TRUE(outcome.passed) << outcome.id << ": " << outcome.reason;
    EXPECT_EQ(outcome.id, entry.at("id").get<std::string>());
  }
  for (const auto& [kind, function] : theory_kinds()) {
    EXPECT_TRUE(seen.contains(kind)) << kind << " has no reference entry";
  }
}

TEST(Verify, a_changed_value_fails_with_the_reason) {
  for (Json entry : reference()) {
    if (!theory_kinds().contains(entry.at("kind").get<std::string>())) continue;
    Json& expected = entry.at("expected");
    Json& element = expected.is_array() ? expected.back() : expected;
    if (element.is_array()) continue;
    element = element.get<double>() * 1.05 + 1e-3 * std::abs(element.get<double>());
    // The last element only, by more than any tolerance in the file that is relative.
    const EntryOutcome outcome = verify_entry(theory_kinds(), entry);
    if (entry.at("tol").value("rel", 0.0) > 0.03) continue;
    EXPECT_FALSE(outcome.passed) << outcome.id;
    EXPECT_THAT(outcome.reason, HasSubstr("differs from")) << outcome.id;
  }
}

TEST(Verify, tolerance_is_absolute_plus_relative_element_by_element) {
  const KindTable kinds{{"echo", [](const KindInputs& in) { return in.list("x"); }}};
  const auto passes = [&](const char* text) {
    return verify_entry(kinds, Json::parse(text)).passed;
  };
  EXPECT_TRUE(passes(R"({"id":"a","kind":"echo","inputs":{"x":[1.1,2]},"expected":[1,2],
                         "tol":{"rel":0.05,"abs":0.06}})"));
  EXPECT_FALSE(passes(R"({"id":"a","kind":"echo","inputs":{"x":[1.1,2]},"expected":[1,2],
                          "tol":{"rel":0.05,"abs":0.04}})"));
  EXPECT_TRUE(passes(R"({"id":"a","kind":"echo","inputs":{"x":[1.1,2]},"expected":[1,2],
                         "tol":{"rel":0,"abs":[0.2,0]}})"));
  EXPECT_FALSE(passes(R"({"id":"a","kind":"echo","inputs":{"x":[1.1,2.1]},"expected":[1,2],
                          "tol":{"rel":0,"abs":[0.2,0]}})"));
  EXPECT_TRUE(passes(R"({"id":"a","kind":"echo","inputs":{"x":3},"expected":3})"));
  EXPECT_TRUE(passes(R"({"id":"a","kind":"echo","inputs":{"x":[[1,2],[3,4]]},
                         "expected":[[1,2],[3,4]]})"));
}

TEST(Verify, never_throws_but_says_why) {
  const auto reason = [&](const char* text) {
    const EntryOutcome outcome = verify_entry(theory_kinds(), Json::parse(text));
    EXPECT_FALSE(outcome.passed);
    return outcome.reason;
  };
  EXPECT_THAT(reason(R"({"id":"x","kind":"toy_exactt","inputs":{},"expected":1})"),
              HasSubstr("did you mean `toy_exact`?"));
  EXPECT_THAT(reason(R"({"id":"x","kind":"toy_exact","inputs":{"a":1},"expected":1})"),
              HasSubstr("inputs.B: must be given"));
  EXPECT_THAT(reason(R"({"id":"x","kind":"toy_exact","inputs":{"a":"one"},"expected":1})"),
              HasSubstr("must be a number"));
  EXPECT_THAT(reason(R"({"id":"x","kind":"free_diffusion_msd","inputs":{"N":1,"T":1,"t":1},
                         "expected":[2,3]})"),
              HasSubstr("1 values, expected 2"));
  EXPECT_THAT(reason(R"({"id":"x","kind":"free_diffusion_msd","inputs":{"N":1,"T":-1,"t":1},
                         "expected":2})"),
              HasSubstr("temperature = -1"));
  EXPECT_THAT(reason(R"({"id":"x","kind":"em_quadratic","inputs":{"ks":[9],"eta":1,"T":1},
                         "expected":[1,1,1,1]})"),
              HasSubstr("nan differs"));
  EXPECT_FALSE(reason("[1, 2]").empty());
  EXPECT_FALSE(reason(R"({"id":"x","kind":3})").empty());
  EXPECT_FALSE(evaluate_kind(theory_kinds(), "unknown", Json::object()).has_value());
}

TEST(Verify, expands_sine_arrays) {
  const Json inputs = Json::parse(
      R"({"x":{"sinarray":{"shape":[2,3],"amp":1.2,"w":0.7,"phase":0.1,"offset":-0.5}}})");
  const KindInputs in(inputs);
  const std::vector<double> flat = in.list("x");
  ASSERT_EQ(flat.size(), 6U);
  EXPECT_DOUBLE_EQ(flat[0], -0.5 + 1.2 * std::sin(0.7 + 0.1));
  EXPECT_DOUBLE_EQ(flat[5], -0.5 + 1.2 * std::sin(0.7 * 36 + 0.1));
  const auto rows = in.matrix("x");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_THAT(rows[1], ElementsAre(flat[3], flat[4], flat[5]));
  const Json bad = Json::parse(R"({"x":{"sinarray":{"shape":[1e12]}}})");
  EXPECT_THROW((void)KindInputs(bad).list("x"), Error);
}

/// Momentum enters as η/(1-β), with the discrete factor of momentum.
TEST(Verify, temperature_map_takes_momentum) {
  const auto value = evaluate_kind(
      theory_kinds(), "temperature_map", Json::parse(R"({"a":0.1,"B":50,"D":2,"k":3,"beta":0.5})"));
  ASSERT_TRUE(value.has_value());
  EXPECT_NEAR((*value)[0], 0.004, 1e-15);
  EXPECT_NEAR((*value)[2], 0.004 / 3 / (1 - 0.1 * 3 / 3), 1e-15);
}

}  // namespace
}  // namespace thermoscape::theory
