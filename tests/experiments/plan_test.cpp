#include <set>

#include "experiments/recipes.hpp"

namespace thermoscape {
namespace {

using recipes::changed;
using recipes::complaint_of;
using recipes::kSmall;
using recipes::parsed;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Plan planned(std::string_view text, std::int64_t examples = 2) {
  return recipes::plan_of(parsed(text), examples);
}

std::int64_t steps_of(std::string_view duration, std::int64_t examples = 2) {
  return planned(changed(kSmall, "duration = { steps = 100 }", duration), examples).steps();
}

std::string with_phase(std::string_view lines) {
  return changed(kSmall, "temperature = 0.01\n", lines);
}

TEST(Plan, SweepIsTheProductWithTheLastKeyFastest) {
  const Plan plan =
      planned(changed(with_phase("temperature = [1, 2]\nsweep = ['temperature', 'time_step']\n"),
                      "time_step = 0.1",
                      "time_step = [0.1, 0.2, 0.3]"));
  std::vector<std::pair<double, double>> seen;
  for (const Branch& branch : plan.phases[0].branches) {
    const auto& rule = std::get<Overdamped>(branch.rule);
    seen.emplace_back(rule.temperature, rule.time_step);
    EXPECT_THAT(
        branch.where,
        ElementsAre(Pair("temperature", rule.temperature), Pair("time_step", rule.time_step)));
  }
  EXPECT_THAT(
      seen,
      ElementsAre(
          Pair(1, 0.1), Pair(1, 0.2), Pair(1, 0.3), Pair(2, 0.1), Pair(2, 0.2), Pair(2, 0.3)));
}

TEST(Plan, ZipPairsTheLists) {
  const std::string text =
      with_phase("temperature = [1, 2]\nsweep = ['temperature', 'time_step']\nzip = true\n");
  const Plan plan = planned(changed(text, "time_step = 0.1", "time_step = [0.1, 0.2]"));
  ASSERT_EQ(plan.phases[0].branches.size(), 2u);
  EXPECT_THAT(plan.phases[0].branches[1].where,
              ElementsAre(Pair("temperature", 2), Pair("time_step", 0.2)));
  EXPECT_THAT(
      complaint_of([&] { (void)planned(changed(text, "time_step = 0.1", "time_step = [0.1]")); }),
      HasSubstr("equally long"));
}

TEST(Plan, SweepReachesNestedKeys) {
  const Plan plan = planned(changed(with_phase("temperature = 1\nsweep = ['duration.steps']\n"),
                                    "steps = 100",
                                    "steps = [10, 20]"));
  EXPECT_EQ(plan.phases[0].branches[0].stop.steps, 10);
  EXPECT_EQ(plan.phases[0].branches[1].stop.steps, 20);
  EXPECT_EQ(plan.steps(), 30);
}

TEST(Plan, MinimaReplicasAndBranchesMultiply) {
  const std::string text =
      changed(with_phase("temperature = [1, 2, 3]\nsweep = ['temperature']\nreplicas = 4\n"),
              "seed = 7",
              "minima = 5");
  const Plan plan = planned(text);
  EXPECT_EQ(plan.tasks.size(), 60u);
  std::set<std::string> ids;
  std::set<std::tuple<std::int64_t, std::size_t, std::int64_t>> places;
  for (const Task& task : plan.tasks) {
    ids.insert(task.id);
    places.insert({task.minimum, task.branch, task.replica});
    EXPECT_FALSE(task.parent);
  }
  EXPECT_EQ(ids.size(), 60u);
  EXPECT_EQ(places.size(), 60u);
}

TEST(Plan, PhasesContinueEachTaskOfTheOneBefore) {
  const std::string text =
      changed(with_phase("temperature = [1, 2]\nsweep = ['temperature']\nreplicas = 2\n"),
              "seed = 7",
              "minima = 3") +
      R"(
[[phase]]
name = "after"
from = "probe"
rule = "sgd"
learning_rate = [0.1, 0.2, 0.3]
sweep = ["learning_rate"]
stop = { steps = 10 }
[[phase]]
name = "last"
from = "after"
rule = "overdamped"
temperature = [5, 6]
sweep = ["temperature"]
stop = { steps = 10 }
)";
  const Plan plan = planned(text);
  const std::size_t first = 3 * 2 * 2;
  ASSERT_EQ(plan.tasks.size(), first + first * 3 + first * 3 * 2);
  std::set<std::string> ids;
  std::map<std::size_t, int> children;
  for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
    const Task& task = plan.tasks[t];
    EXPECT_TRUE(ids.insert(task.id).second) << task.id;
    EXPECT_EQ(task.parent.has_value(), task.phase > 0);
    if (!task.parent) continue;
    const Task& parent = plan.tasks[*task.parent];
    EXPECT_LT(*task.parent, t) << "parents stand before children";
    EXPECT_EQ(parent.phase + 1, task.phase);
    EXPECT_EQ(parent.minimum, task.minimum);
    ++children[*task.parent];
  }
  for (const auto& [parent, count] : children) EXPECT_EQ(count, parent < first ? 3 : 2);
  EXPECT_THAT(plan.tasks[first].where,
              ElementsAre(Pair("temperature", 1), Pair("learning_rate", 0.1)));
  // A key that both phases sweep is told apart.
  EXPECT_THAT(
      plan.tasks.back().where,
      ElementsAre(
          Pair(HasSubstr("temperature"), 2), Pair("learning_rate", 0.3), Pair("temperature", 6)));
  EXPECT_NE(plan.tasks.back().where[0].first, "temperature");
}

TEST(Plan, AMatchingPhaseContinuesTheRunsWithItsValues) {
  const std::string_view after = R"(
[[phase]]
name = "after"
from = "probe"
match = true
rule = "overdamped"
temperature = [2, 1, 3]
time_step = [0.1, 0.2, 0.3]
sweep = ["temperature", "time_step"]
zip = true
stop = { steps = 10 }
)";
  const std::string text = with_phase("temperature = [1, 2]\nsweep = ['temperature']\n");
  const Plan plan = planned(text + std::string(after));
  ASSERT_EQ(plan.tasks.size(), 4u);
  for (std::size_t t = 2; t < 4; ++t) {
    const double temperature = t == 2 ? 1 : 2;
    EXPECT_THAT(plan.tasks[t].where,
                ElementsAre(Pair("temperature", temperature),
                            Pair("time_step", temperature == 2 ? 0.1 : 0.2)));
    EXPECT_EQ(plan.tasks[*plan.tasks[t].parent].where.front().second, temperature);
    const auto& rule = std::get<Overdamped>(plan.branch(plan.tasks[t]).rule);
    EXPECT_EQ(rule.temperature, temperature);
  }
  const std::string none = changed(after, "[2, 1, 3]", "[4, 5, 6]");
  EXPECT_THAT(complaint_of([&] { (void)planned(text + none); }), HasSubstr("values of the swept"));
  const std::string alone =
      with_phase("temperature = [1, 2]\nsweep = ['temperature']\nmatch = true\n");
  EXPECT_THAT(complaint_of([&] { (void)planned(alone); }), HasSubstr("a phase `from`"));
}

TEST(Plan, LengthInStepsTimeEpochsAndTemperatureTime) {
  EXPECT_EQ(steps_of("stop = { steps = 17 }"), 17);
  EXPECT_EQ(steps_of("duration = { steps = 17 }"), 17);
  EXPECT_EQ(steps_of("duration = { time = 5 }"), 50) << "at a time step of 0.1";
  EXPECT_EQ(steps_of("duration = { time = 0.3 }"), 3) << "0.3/0.1 is not 3 in doubles";
  EXPECT_EQ(steps_of("duration = { time = 0.31 }"), 4) << "at least that long";
  EXPECT_EQ(steps_of("duration = { temperature_time = 0.05 }"), 50) << "s = T t with T = 0.01";
  EXPECT_EQ(steps_of("duration = { epochs = 3 }"), 3) << "full batches: one step an epoch";
  EXPECT_EQ(steps_of("batch = { size = 8 }\nduration = { epochs = 3 }", 20), 9) << "20 = 8 + 8 + 4";
  EXPECT_EQ(steps_of("batch = { size = 8, drop_last = true }\nduration = { epochs = 3 }", 20), 6);
  EXPECT_EQ(steps_of("batch = { size = 8 }\nduration = { epochs = 0.5 }", 20), 2);
}

TEST(Plan, TemperatureTimeFollowsTheSweep) {
  const Plan plan =
      planned(changed(with_phase("temperature = [1e-1, 1e-2]\nsweep = ['temperature']\n"),
                      "steps = 100",
                      "temperature_time = 1"));
  EXPECT_EQ(plan.phases[0].branches[0].stop.steps, 100);
  EXPECT_EQ(plan.phases[0].branches[1].stop.steps, 1000);
}

TEST(Plan, OfTimeAndTemperatureTimeTheLongerHolds) {
  const Plan plan = recipes::plan_of(recipes::parsed(
      recipes::changed(recipes::changed(recipes::kSmall,
                                        "temperature = 0.01",
                                        "temperature = [0.01, 0.1]\nsweep = [\"temperature\"]"),
                       "steps = 100",
                       "temperature_time = 1, time = 40")));
  EXPECT_EQ(plan.phases[0].branches[0].stop.steps, 1000);  // s = 1 takes a time of 100
  EXPECT_EQ(plan.phases[0].branches[1].stop.steps, 400);   // and of 10 here
}

TEST(Plan, RefusesWhatCannotRunInOneLine) {
  const std::vector<std::tuple<std::string, std::string, std::string>> bad = {
      {"steps = 100", "time = 1e-300, steps = 1", "2 lengths"},
      {"steps = 100", "time = 1e300", "1e13 steps"},
      {"steps = 100", "steps = 0", "0 lengths"},
      {"duration = { steps = 100 }", "", "0 lengths"},
      {"temperature = 0.01\nduration = { steps = 100 }",
       "temperature = 0\nduration = { temperature_time = 1 }",
       "temperature above 0"},
      {"duration", "from = 'prob'\nduration", "from = prob"},
      {"duration", "from = 'probe'\nduration", "earlier phase"},
      {"duration", "sweep = ['temperature']\nduration", "list"},
      {"duration", "sweep = ['nothing']\nduration", "nothing"},
      {"temperature = 0.01", "temperature = []\nsweep = ['temperature']", "list"},
      {"temperature = 0.01", "temperature = [1, 'two']\nsweep = ['temperature']", "numbers"},
      {"temperature = 0.01", "temperature = [1, 2]", "number"},
      {"temperature = 0.01", "temperature = [1, -2]\nsweep = ['temperature']", "-2"},
      {"temperature = 0.01",
       "temperature = [1, 2]\nsweep = ['temperature', 'temperature']",
       "twice"},
      {"temperature = 0.01", "replicas = [1, 2]\nsweep = ['replicas']", "replicas"},
      {"temperature = 0.01", "replicas = 100000000000000", "tasks"},
      {"seed = 7", "minima = 100000000000000", "tasks"},
      {"duration", "batch = { size = 3 }\nduration", "batch.size = 3"},
      {"duration", "batch = { sise = 3 }\nduration", "`batch.size`"},
      {"every = 2", "every = 2, count = 3", "2 schedules"},
      {"every = 2", "evry = 2", "`every`"},
      {"every = 2", "per_decade = 1e15", "per_decade"},
      {"{ probe = \"loss\", every = 2 }", "{ every = 2 }", "`probe`"},
      {"{ probe = \"loss\", every = 2 }", "3", "table"},
      {"[{ probe = \"loss\", every = 2 }]", "3", "list"},
      {"{ probe = \"loss\", every = 2 }", "{ probe = \"lost\", every = 2 }", "`loss`"},
  };
  for (const auto& [from, to, word] : bad) {
    const std::string line = complaint_of([&] { (void)planned(changed(kSmall, from, to)); });
    EXPECT_THAT(line, HasSubstr(word)) << to;
    EXPECT_THAT(line, HasSubstr("[[phase]] 1 `probe`")) << to;
  }
}

TEST(Plan, RuleParametersByName) {
  const AnyRule rule = Overdamped{.temperature = 0.5, .time_step = 0.25};
  EXPECT_EQ(rule_parameter(rule, "temperature"), 0.5);
  EXPECT_EQ(rule_parameter(rule, "momentum"), std::nullopt);
  EXPECT_EQ(time_step(rule), 0.25);
  EXPECT_EQ(unit_of(rule, "temperature"), "loss");
  EXPECT_EQ(unit_of(rule, "batch.size"), "examples");
  EXPECT_EQ(unit_of(rule, "nothing"), "1");
}

}  // namespace
}  // namespace thermoscape
