#include "experiments/recipes.hpp"

namespace thermoscape {
namespace {

using recipes::changed;
using recipes::complaint_of;
using recipes::kSmall;
using recipes::parsed;
using testing::HasSubstr;

double temperature_of(const Recipe& recipe) {
  return *(*recipe.phases.at(0))["temperature"].value<double>();
}

TEST(Recipe, ReadsHeadObjectiveAndExpectations) {
  const Recipe recipe = parsed(kSmall);
  EXPECT_EQ(recipe.stem, "small");
  EXPECT_EQ(recipe.scale, "demo");
  EXPECT_EQ(recipe.head.title, "Small");
  EXPECT_EQ(recipe.head.seed, 7);
  EXPECT_EQ(recipe.head.minima, 1);
  EXPECT_EQ(std::get<QuadraticSettings>(recipe.objective).stiffness, (std::vector<double>{1, 2}));
  EXPECT_EQ(recipe.precision, "float64");
  ASSERT_EQ(recipe.expectations.size(), 1u);
  EXPECT_EQ(recipe.expectations[0].quantity, "fluctuations.shape");
  EXPECT_EQ(recipe.expectations[0].tolerance, 0.1);
}

TEST(Recipe, ScaleOverridesTheBody) {
  const std::string text = std::string(kSmall) +
                           "[scale.smoke]\n\"phase.probe.temperature\" = 0.5\nseed = "
                           "9\n\"measure.fluctuations.window\" = { time = [0, 5] }\n"
                           "[scale.paper]\nminima = 10\n";
  EXPECT_EQ(temperature_of(parsed(text)), 0.01) << "the body is demo";
  EXPECT_EQ(parsed(text).head.seed, 7);
  const Recipe smoke = parsed(text, {}, "smoke");
  EXPECT_EQ(temperature_of(smoke), 0.5);
  EXPECT_EQ(smoke.head.seed, 9);
  EXPECT_EQ(*smoke.measures[0]->at_path("window.time[1]").value<double>(), 5);
  EXPECT_EQ(parsed(text, {}, "paper").head.minima, 10);
}

TEST(Recipe, SetReachesNamedAndNestedTablesAndWinsOverTheScale) {
  const std::string text =
      std::string(kSmall) + "[scale.smoke]\n\"phase.probe.temperature\" = 0.5\n";
  const Recipe recipe = parsed(text,
                               {"phase.probe.temperature=0.25",
                                "objective.soft=3",
                                "title=New name",
                                "phase.probe.duration.steps=7",
                                "phase.probe.batch.size=1",
                                "objective.stiffness=[3.0]",
                                "measure.fluctuations.trace_probes=5"},
                               "smoke");
  EXPECT_EQ(temperature_of(recipe), 0.25);
  EXPECT_EQ(std::get<QuadraticSettings>(recipe.objective).soft, 3);
  EXPECT_EQ(std::get<QuadraticSettings>(recipe.objective).stiffness, std::vector<double>{3});
  EXPECT_EQ(recipe.head.title, "New name") << "text needs no quotes";
  const Plan plan = recipes::plan_of(recipe, 1);
  EXPECT_EQ(plan.steps(), 7);
  EXPECT_EQ(plan.phases[0].branches[0].batch.size, 1);
}

TEST(Recipe, ResolvedTextIsTheSameRecipe) {
  const std::string odd = changed(kSmall,
                                  "temperature = 0.01",
                                  "temperature = [0.1, 1e-300, 0.30000000000000004, 3.16e-5, "
                                  "4.9e-324, 1.7976931348623157e308]\nsweep = ['temperature']");
  const std::string text =
      changed(odd, "title = \"Small\"", "title = \"a \\\"b\\\" \\\\ 'c' #, µ\\n\\ttwo lines\"") +
      "[scale.smoke]\n\"phase.probe.replicas\" = 3\n";
  const Recipe recipe = parsed(text, {"phase.probe.time_step=0.7"}, "smoke");
  const std::string resolved = resolved_text(recipe);
  const Recipe again = parsed(resolved, {}, "smoke");
  EXPECT_EQ(resolved_text(again), resolved);
  EXPECT_EQ(*again.table, *recipe.table) << "every value, to the last bit";
  EXPECT_EQ(again.head.title, recipe.head.title);
  EXPECT_EQ(recipes::plan_of(again).tasks.size(), 18u);
}

TEST(Recipe, DataSetsAreNamed) {
  const std::string_view two =
      "[data.a]\nsource = 'gaussian'\ntrain = 10\n[data.b]\nsource = 'spirals'\ntrain = "
      "10\n[[phase]]";
  EXPECT_THAT(complaint_of([&] { (void)parsed(changed(kSmall, "[[phase]]", two)); }),
              HasSubstr("one of several"));
  const Recipe recipe =
      parsed(changed(changed(kSmall, "[[phase]]", two), "precision", "data = 'b'\nprecision"));
  EXPECT_EQ(recipe.objective_data, "b");
  EXPECT_EQ(recipe.data.size(), 2u);
}

struct Bad {
  std::string from;  ///< in the small recipe
  std::string to;
  std::vector<std::string> words;  ///< in the line
};

TEST(Recipe, EveryMistakeIsOneLineThatNamesItsPlace) {
  const std::vector<Bad> all = {
      {"seed = 7", "seeds = 7", {"unknown key `seeds`", "small.toml, line 2", "`seed`"}},
      {"seed = 7", "seed = -7", {"small.toml", "line 2", "seed = -7", ">= 0"}},
      {"seed = 7", "seed = 1.5", {"line 2", "whole number"}},
      {"seed = 7", "seed = 'a'", {"line 2", "whole number"}},
      {"seed = 7", "seed =", {"small.toml, line 2"}},
      {"seed = 7", "seed = 7\nseed = 8", {"small.toml, line 3"}},
      {"seed = 7", "minima = 0", {"minima = 0", ">= 1"}},
      {"seed = 7", "figures = 3", {"figures", "text"}},
      {"seed = 7", "time = 'long'", {"`time`"}},
      {"seed = 7", "time = { dema = 'x' }", {"`time.dema`", "`time.demo`"}},
      {"seed = 7", "data = 3", {"data", "table"}},
      {"seed = 7", "data = { a = 3 }", {"[data.a]", "table"}},
      {"seed = 7", "data = { a = { source = 'mnits' } }", {"[data.a]", "mnits", "`mnist`"}},
      {"seed = 7", "data = { a = { soruce = 'mnist' } }", {"[data.a]", "`source`"}},
      {"seed = 7",
       "data = { a = { source = 'gaussian', train = -1 } }",
       {"[data.a]", "train", "-1"}},
      {"seed = 7", "phase = 3", {"small.toml"}},
      {"seed = 7", "scale = 3", {"scale"}},
      {"seed = 7", "scale = { tiny = { seed = 1 } }", {"[scale.tiny]", "smoke and paper"}},
      {"title = \"Small\"", "", {"small.toml", "`title`"}},
      {"title = \"Small\"", "title = 3", {"title", "text"}},
      {"[objective]", "[objectives]", {"`objectives`", "`objective`"}},
      {"[objective]", "[[objective]]", {"objective", "table"}},
      {"kind = \"quadratic\"", "", {"[objective]", "`kind`"}},
      {"kind = \"quadratic\"", "kind = \"quadratik\"", {"[objective]", "quadratik", "`quadratic`"}},
      {"kind = \"quadratic\"", "kind = 3", {"[objective]", "line 4", "text"}},
      {"stiffness = [1.0, 2.0]", "stiffness = [1.0, -2.0]", {"line 5", "stiffness", "-2"}},
      {"stiffness = [1.0, 2.0]",
       "stifness = [1.0]",
       {"unknown key `stifness`", "line 5", "`stiffness`"}},
      {"stiffness = [1.0, 2.0]", "stiffness = [[1.0], 2.0]", {"line 5", "stiffness"}},
      {"precision = \"float64\"",
       "precision = \"double\"",
       {"precision = double", "float32, float64"}},
      {"precision = \"float64\"", "data = \"digits\"", {"data = digits", "[data.NAME]"}},
      {"[[phase]]", "[phase]", {"[[phase]]"}},
      {"name = \"probe\"", "", {"[[phase]]", "`name`"}},
      {"name = \"probe\"", "name = \"\"", {"[[phase]] name"}},
      {"name = \"probe\"", "name = \"a b\"", {"[[phase]] name = a b", "letters"}},
      {"name = \"probe\"", "name = \"../x\"", {"[[phase]] name = ../x"}},
      {"name = \"probe\"", "name = \"figures\"", {"[[phase]] name = figures"}},
      {"name = \"fluctuations\"", "name = \"probe\"", {"[[measure]] name = probe", "twice"}},
      {"name = \"fluctuations\"", "", {"[[measure]]", "`name`"}},
      {"[[measure]]", "[measure]", {"[[measure]]"}},
      {"[[expect]]", "[expect]", {"[[expect]]"}},
      {"quantity = \"fluctuations.shape\"", "", {"[[expect]] 1", "`quantity`"}},
      {"value = 1.0", "", {"[[expect]] 1", "`value`"}},
      {"value = 1.0", "value = nan", {"[[expect]] 1", "value", "nan"}},
      {"tolerance = 0.1", "", {"[[expect]] 1", "`tolerance`"}},
      {"tolerance = 0.1", "tolerance = 0", {"[[expect]] 1", "tolerance = 0", "> 0"}},
      {"tolerance = 0.1", "tolerance = 0.1\nvlaue = 1", {"[[expect]] 1", "`value`"}},
      {"tolerance = 0.1", "tolerance = 0.1\nwhere = 3", {"[[expect]] 1", "where"}},
      {"tolerance = 0.1",
       "tolerance = 0.1\nwhere = { temperature = 'x' }",
       {"[[expect]] 1", "where", "number"}},
  };
  for (const Bad& bad : all) {
    const std::string text = changed(kSmall, bad.from, bad.to);
    const std::string line = complaint_of([&] { (void)parsed(text); });
    for (const std::string& word : bad.words) EXPECT_THAT(line, HasSubstr(word)) << bad.to;
    EXPECT_EQ(line.find("NAME.NAME"), std::string::npos);
  }
}

TEST(Recipe, BadOverridesAreOneLine) {
  for (const auto& [override_, word] : std::vector<std::pair<std::string, std::string>>{
           {"seed", "path=value"},
           {"=3", "dotted path"},
           {"seed=", "seed"},
           {"phase.nothing.temperature=1", "phase.nothing.temperature"},
           {"phase.probe=1", "phase.probe"},
           {"seed.more=1", "seed"},
           {".seed=1", ".seed"},
           {"seed.=1", "seed."},
           {"phase.probe..x=1", "phase.probe..x"},
           {"sead=1", "`seed`"},
           {"phase.probe.record.loss.every=1", "record"},
           {"a\nb.c.d=1", "a"},
           {"seed.a\nb=1", "seed"},
           {"phase.a\nb.c=1", "phase"},
           {"seed=1\ntitle=2", "seed"}}) {
    EXPECT_THAT(complaint_of([&, &one = override_] { (void)parsed(kSmall, {one}); }),
                HasSubstr(word))
        << override_;
  }
  EXPECT_THAT(complaint_of([] { (void)parsed(kSmall, {}, "huge"); }),
              HasSubstr("smoke, demo, paper"));
  EXPECT_THAT(complaint_of([] { (void)load_recipe("no/such.toml", "demo", {}); }),
              HasSubstr("no/such.toml"));
}

TEST(Recipe, TextThatIsNoTomlIsOneLine) {
  for (const std::string& text : {std::string("\0\0", 2),
                                  std::string("\xff\xfe"),
                                  std::string("[a\n]"),
                                  std::string("a = \"b\nc\""),
                                  std::string("[[phase]]\n[phase]\n"),
                                  std::string(5000, '['),
                                  std::string("\"a\nb\" = 1")}) {
    EXPECT_THAT(complaint_of([&] { (void)parsed(text); }), HasSubstr("small.toml"));
  }
}

}  // namespace
}  // namespace thermoscape
