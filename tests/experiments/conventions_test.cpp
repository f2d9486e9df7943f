// The two protocols of the thermal probe, as a recipe writes them.
#include "experiments/recipes.hpp"

namespace thermoscape {
namespace {

using recipes::changed;
using recipes::kSmall;
using recipes::parsed;

std::string both_windows(const std::string& conventions) {
  return changed(changed(kSmall, "seed = 7", "seed = 7\nconventions = \"" + conventions + "\""),
                 "phase = \"probe\"",
                 "phase = \"probe\"\nhealth = { maximum_r_hat = 1.3 }\n"
                 "window = { temperature_time = [0.02, 0.05], time = [3, 7] }");
}

std::string text_of(const Recipe& recipe, std::size_t measure, const char* key) {
  return (*recipe.measures.at(measure))[key].value_or(std::string());
}
double number_of(const Recipe& recipe, std::size_t measure, const char* path) {
  return recipe.measures.at(measure)->at_path(path).value_or(-1.0);
}

TEST(Conventions, CorrectedLooksAtFixedS) {
  const Recipe recipe = parsed(both_windows("corrected"));
  ASSERT_EQ(recipe.measures.size(), 1u);
  EXPECT_EQ(number_of(recipe, 0, "window.temperature_time[1]"), 0.05);
  EXPECT_EQ(number_of(recipe, 0, "window.time[1]"), -1);
  EXPECT_EQ(number_of(recipe, 0, "health.maximum_r_hat"), 1.3);
}

TEST(Conventions, PaperLooksAtFixedTimeAndAsksForAHundredCorrelationTimes) {
  const Recipe recipe = parsed(both_windows("paper"));
  ASSERT_EQ(recipe.measures.size(), 1u);
  EXPECT_EQ(number_of(recipe, 0, "window.temperature_time[1]"), -1);
  EXPECT_EQ(number_of(recipe, 0, "window.time[1]"), 7);
  EXPECT_EQ(number_of(recipe, 0, "health.minimum_half_times"), 100);
  EXPECT_GT(number_of(recipe, 0, "health.drift_tolerance"), 1e6);
}

TEST(Conventions, BothStandBesideEachOtherWithEveryClaimJudgedTwice) {
  const Recipe recipe = parsed(both_windows("both"));
  ASSERT_EQ(recipe.measures.size(), 2u);
  EXPECT_EQ(text_of(recipe, 0, "name"), "fluctuations");
  EXPECT_EQ(number_of(recipe, 0, "window.temperature_time[0]"), 0.02);
  EXPECT_EQ(text_of(recipe, 1, "name"), "fluctuations_at_fixed_time");
  EXPECT_EQ(text_of(recipe, 1, "beside"), "fluctuations");
  EXPECT_EQ(number_of(recipe, 1, "window.time[0]"), 3);
  ASSERT_EQ(recipe.expectations.size(), 2u);
  EXPECT_EQ(recipe.expectations[0].quantity, "fluctuations.shape");
  EXPECT_EQ(recipe.expectations[1].quantity, "fluctuations_at_fixed_time.shape");
  EXPECT_EQ(recipe.expectations[1].value, recipe.expectations[0].value);
  EXPECT_EQ(recipe.expectations[1].tolerance, recipe.expectations[0].tolerance);
}

TEST(Conventions, AResolvedRecipeResolvesToItself) {
  for (const char* one : {"corrected", "paper", "both"}) {
    const Recipe first = parsed(both_windows(one));
    const Recipe second = parsed(resolved_text(first));
    EXPECT_EQ(resolved_text(second), resolved_text(first)) << one;
    EXPECT_EQ(second.expectations.size(), first.expectations.size()) << one;
  }
}

TEST(Conventions, AMeasureWithOneWindowIsLeftAlone) {
  const std::string text = changed(
      both_windows("both"), "temperature_time = [0.02, 0.05], time = [3, 7]", "time = [3, 7]");
  const Recipe recipe = parsed(text);
  ASSERT_EQ(recipe.measures.size(), 1u);
  EXPECT_EQ(text_of(recipe, 0, "label"), "");
}

TEST(Conventions, RefusesAnotherWordAndATakenName) {
  EXPECT_THAT(recipes::complaint_of([] { (void)parsed(both_windows("papers")); }),
              testing::HasSubstr("must be one of corrected, paper, both"));
  const std::string taken =
      changed(both_windows("both"),
              "[[expect]]",
              "[[measure]]\nname = \"fluctuations_at_fixed_time\"\nanalysis = \"loss-statistics\"\n"
              "phase = \"probe\"\n[[expect]]");
  EXPECT_THAT(recipes::complaint_of([&] { (void)parsed(taken); }),
              testing::HasSubstr("is used twice"));
}

/// A measure of the limiting dynamics in place of the thermal one.
std::string moving(const std::string& conventions) {
  return changed(changed(kSmall, "seed = 7", "seed = 7\nconventions = \"" + conventions + "\""),
                 "analysis = \"loss-statistics\"",
                 "analysis = \"displacement\"");
}

TEST(Conventions, LimitingDynamicsTakeTheDefinitionsOfThePapersCode) {
  EXPECT_EQ(text_of(parsed(moving("corrected")), 0, "definitions"), "");
  EXPECT_EQ(text_of(parsed(moving("paper")), 0, "definitions"), "paper");
  const Recipe both = parsed(moving("both"));
  ASSERT_EQ(both.measures.size(), 2u);
  EXPECT_EQ(text_of(both, 0, "definitions"), "corrected");
  EXPECT_EQ(text_of(both, 1, "definitions"), "paper");
  EXPECT_EQ(text_of(both, 1, "name"), "fluctuations_of_paper");
  EXPECT_EQ(text_of(both, 1, "beside"), "fluctuations");
  ASSERT_EQ(both.expectations.size(), 2u);
  EXPECT_EQ(both.expectations[1].quantity, "fluctuations_of_paper.shape");
  EXPECT_EQ(resolved_text(parsed(resolved_text(both))), resolved_text(both));
}

}  // namespace
}  // namespace thermoscape
