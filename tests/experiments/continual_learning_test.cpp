#include "thermoscape/experiments/variance_flatness/continual_learning.hpp"

#include <cmath>
#include <numeric>

#include "experiments/finished_run.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning_repeat.hpp"
#include "thermoscape/record/sampler.hpp"

// Lessons and constraints on parameters that are not neighbours in θ.
namespace thermoscape {
namespace {

constexpr std::string_view kPairs = R"(title = "Two pairs"
seed = 6
[data.digits]
source = "digits"
classes = [0, 1, 2, 3]
train = 160
test = 80
[objective]
kind = "mlp"
hidden = [8, 7]
biases = false
[[phase]]
name = "all"
rule = "sgd"
learning_rate = 0.1
batch = { size = 20 }
duration = { epochs = 2 }
record = [{ probe = "test_accuracy", count = 2 }]
[[measure]]
name = "forgetting"
analysis = "continual-learning"
phase = "all"
parameters = "layer1.weight,layer3.weight"
first_steps = 120
second_steps = 60
batch = 10
window = 60
constrained = 10
strengths = [1]
elastic_strengths = [100]
counts = [5]
sequence = 2
)";

struct Lessons : testing::Test {
  Prepared prepared = prepare(parse_recipe(kPairs, "pairs.toml", "demo", {}));
  const Ground& ground = prepared.grounds.front();
  ParameterSubset outer = named_parameters("layer1.weight,layer3.weight", ground, "test");
  ParameterSubset middle = named_parameters("layer2.weight", ground, "test");
  std::unique_ptr<Objective<float>> objective =
      make_objective<float>(ground.settings, ground.train.get());
  std::vector<float> start = objective->initial(Noise(1));

  [[nodiscard]] std::vector<double> part(const std::vector<float>& theta,
                                         const ParameterSubset& subset) const {
    std::vector<double> values(static_cast<std::size_t>(subset.count()));
    subset.take<float>(theta, values);
    return values;
  }
};

TEST_F(Lessons, MoveWhatIsTrainedAloneByPlainSteps) {
  ASSERT_EQ(outer.parts().size(), 2U);
  const Lesson lesson{
      .learning_rate = 0.1, .batch = 20, .steps = 12, .trained = outer, .penalties = {}};
  std::vector<double> trajectory;
  const std::vector<float> learned =
      learn(ground.settings, *ground.train, start, lesson, Noise(3), &trajectory, 5);
  // The same by hand: whole gradients, the middle layer put back after each step.
  std::vector<float> expected = start, gradient(start.size());
  const std::vector<double> held = part(start, middle);
  Sampler sampler({.size = 20, .drop_last = true}, 160, Noise(3));
  for (int step = 0; step < 12; ++step) {
    objective->loss_gradient(expected, sampler.at(step), gradient);
    for (std::size_t i = 0; i < gradient.size(); ++i) expected[i] -= 0.1F * gradient[i];
    middle.put<float>(held, expected);
  }
  EXPECT_EQ(learned, expected);
  EXPECT_NE(part(learned, outer), part(start, outer));
  ASSERT_EQ(trajectory.size(), 5 * static_cast<std::size_t>(outer.count()));
  EXPECT_EQ(std::vector<double>(trajectory.end() - outer.count(), trajectory.end()),
            part(learned, outer));
}

TEST_F(Lessons, AStiffConstraintHoldsItsDirectionsAndNoOthers) {
  const std::vector<LearningTask> tasks =
      learning_tasks(*ground.train, *test_ground(prepared.recipe, ground, "")->train, 2);
  ASSERT_EQ(tasks.size(), 2U);
  Lesson lesson{.learning_rate = 0.1, .batch = 10, .steps = 150, .trained = outer, .penalties = {}};
  std::vector<double> trajectory;
  const std::vector<float> first =
      learn(ground.settings, *tasks[0].train, start, lesson, Noise(3), &trajectory, 80);
  const TaskMemory memory =
      remember(ground.settings, tasks[0], first, outer, trajectory, {.modes = 12, .profiles = 8});
  ASSERT_EQ(memory.directions.rows(), 12);
  const auto moved = [&](std::vector<QuadraticPenalty> penalties) {
    lesson.penalties = std::move(penalties);
    const std::vector<float> second =
        learn(ground.settings, *tasks[1].train, first, lesson, Noise(4));
    const std::vector<double> at = part(second, outer);
    return Vector(memory.directions *
                  (Eigen::Map<const Vector>(at.data(), outer.count()) - memory.centre));
  };
  const Vector free = moved({}), held = moved({landscape_constraint(memory, 1e9, 6)});
  EXPECT_LT(held.head(6).norm(), 1e-4 * free.head(6).norm());
  EXPECT_GT(held.tail(6).norm(), 0.1 * free.tail(6).norm());
}

TEST(ContinualLearning, OfLayersThatAreNotNeighbours) {
  const recipes::FinishedRun run(kPairs);
  int totals = 0;
  for (const Finding& one : findings_from(run.result.results)) {
    if (!one.quantity.ends_with("_total")) continue;
    EXPECT_TRUE(std::isfinite(one.estimate.value)) << one.quantity;
    ++totals;
  }
  EXPECT_EQ(totals, 9);  // six methods, N_c = 5 of two, and all parameters of EWC
}

TEST_F(Lessons, HalfOfTheTestExamplesChooseAndTheOthersAreQuoted) {
  const data::Labelled& test = *test_ground(prepared.recipe, ground, "")->train;
  const std::vector<LearningTask> tasks = learning_tasks(*ground.train, test, 2);
  std::int64_t all = 0;
  for (const LearningTask& task : tasks) {
    const std::int64_t chooses = task.validation->size(), quoted = task.test->size();
    EXPECT_TRUE(chooses == quoted || chooses == quoted + 1);
    all += chooses + quoted;
    for (const std::int32_t label : task.validation->labels)
      EXPECT_TRUE(label == task.classes[0] || label == task.classes[1]);
  }
  EXPECT_EQ(all, test.size());
  // The first two examples of task 0 in the test set.
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; positions.size() < 2; ++i) {
    if (test.labels[static_cast<std::size_t>(i)] < 2) positions.push_back(i);
  }
  const std::size_t width = test.inputs.size() / test.labels.size();
  const auto example = [&](const data::Labelled& set, std::int64_t i) {
    const auto first = set.inputs.begin() + i * static_cast<std::ptrdiff_t>(width);
    return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(width));
  };
  EXPECT_EQ(example(*tasks[0].validation, 0), example(test, positions[0]));
  EXPECT_EQ(example(*tasks[0].test, 0), example(test, positions[1]));
}

TEST(ContinualLearning, StrengthIsChosenByTheValidationHalfAlone) {
  Swept swept;
  swept[1] = {{0.5, 0}, {0.5, 0}, 0.9};
  swept[10] = {{0.4, 0}, {0.4, 0}, 0.2};
  swept[100] = {{0.1, 0}, {0.1, 0}, 0.3};
  const Chosen inside = choose(swept);
  EXPECT_EQ(inside.strength, 10);
  EXPECT_DOUBLE_EQ(inside.errors.total(), 0.8);
  EXPECT_FALSE(inside.lowest || inside.highest);
  swept[100].validation = 0.1;
  EXPECT_TRUE(choose(swept).highest);
  swept[1].validation = 0.1;  // the smallest of equals
  EXPECT_TRUE(choose(swept).lowest);
}

// Few constraints bear a stiffer λ than many: each N_c has the list, and its own choice of it.
TEST(ContinualLearning, EveryNumberOfConstraintsChoosesAmongAllStrengths) {
  const recipes::FinishedRun run(recipes::changed(
      recipes::changed(kPairs, "elastic_strengths = [100]", "elastic_strengths = [1, 1e3, 1e6]"),
      "counts = [5]",
      "counts = [3, 100000]"));
  const auto found = [&](const std::string& quantity, const Coordinates& where) {
    for (const Finding& one : findings_from(run.result.results)) {
      if (one.quantity == quantity && one.where == where) return one.estimate.value;
    }
    ADD_FAILURE() << quantity;
    return std::nan("");
  };
  // All parameters are what EWC holds without a number.
  for (const char* what : {"total", "log10_strength"}) {
    const std::string name = what;
    EXPECT_EQ(found("forgetting.elastic_of_" + name, {{"constrained", 100000}}),
              found("forgetting.elastic_" + name, {}));
  }
  EXPECT_TRUE(std::isfinite(found("forgetting.elastic_of_log10_strength", {{"constrained", 3}})));
  // The notes name the ends of lists: of EWC that is [1, 1e6] here, of the landscape a single λ.
  const std::string notes = text_attribute(run.result.results.attributes, "notes");
  const double of_three = found("forgetting.elastic_of_log10_strength", {{"constrained", 3}});
  const bool at_end = of_three == 0 || of_three == 6;
  EXPECT_EQ(notes.find("in 1 of 1 starts at N_c = 3") != std::string::npos, at_end);
  EXPECT_EQ(notes.find("landscape: best λ"), std::string::npos);
}

// Before anything is trained: what the data must have follows from the recipe.
TEST(ContinualLearning, BatchesAndTasksThatTheDataCannotGiveAreRefused) {
  using recipes::changed, recipes::complaint_of;
  const auto complaint = [](const std::string& text) {
    return complaint_of([&] { (void)prepare(parse_recipe(text, "pairs.toml", "demo", {})); });
  };
  EXPECT_NO_THROW((void)prepare(parse_recipe(std::string(kPairs), "pairs.toml", "demo", {})));
  EXPECT_THAT(complaint(changed(kPairs, "batch = 10\n", "batch = 100000\n")),
              testing::AllOf(testing::HasSubstr("[[measure]] 1 `forgetting`, batch = 100000"),
                             testing::HasSubstr("must be <= 80, the examples of classes 0 to 1")));
  EXPECT_THAT(complaint(changed(kPairs, "first_steps", "classes_each = 3\nfirst_steps")),
              testing::AllOf(testing::HasSubstr("`forgetting`, classes_each = 3"),
                             testing::HasSubstr("must leave two tasks: the data have 4 classes")));
}

// Before anything runs: what `parameters` names is known from the recipe alone.
TEST(ContinualLearning, ParametersThatAreNotThereAreRefusedBeforeAnythingRuns) {
  using recipes::complaint_of;
  const std::string line = complaint_of([] {
    (void)prepare(parse_recipe(recipes::changed(kPairs, "layer1.weight,layer3.weight", "layer9.*"),
                               "pairs.toml",
                               "demo",
                               {}));
  });
  EXPECT_THAT(line, testing::HasSubstr("[[measure]] 1 `forgetting`, parameters = layer9.*"));
  EXPECT_THAT(line, testing::HasSubstr("layer1.weight"));
}

}  // namespace
}  // namespace thermoscape
