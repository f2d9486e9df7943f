// Train and test part of one set, and the line between their minima, where all is known: least
// squares, whose test loss is a parabola, so that Eq. 3 is exact.
#include <cmath>

#include "experiments/recipes.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/places.hpp"
#include "thermoscape/experiments/shift_curvature/minima_pair.hpp"

namespace thermoscape {
namespace {

constexpr std::string_view kRecipe = R"(title = "Two parabolas"
seed = 3
minima = 2
[data.points]
source = "mixture"
train = 40
test = 30
dimension = 4
class_count = 3
noise = 1.0
[objective]
kind = "linear"
l2 = 0.02
precision = "float64"
[[phase]]
name = "sgd"
rule = "sgd"
learning_rate = [0.01, 0.05]
sweep = ["learning_rate"]
batch = { size = 5, replacement = true }
duration = { steps = 50 }
record = [{ probe = "test_loss", every = 25 }, { probe = "test_accuracy", every = 25 }]
[[phase]]
name = "to-train"
from = "sgd"
rule = "newton-cg"
stop = { gradient_norm = 1e-12, steps = 100 }
[[phase]]
name = "to-test"
from = "sgd"
rule = "lbfgs"
split = "test"
stop = { gradient_norm = 1e-9, steps = 500 }
record = [{ probe = "loss", every = 1 }]
[[measure]]
name = "pair"
analysis = "minima-pair"
phase = "to-train"
test = "to-test"
)";

class MinimaPairs : public testing::Test {
 protected:
  void SetUp() override {
    if (results_ != nullptr) return;
    const recipes::TemporaryFolder folder;
    prepared_ = new Prepared(prepare(parse_recipe(kRecipe, "pair.toml", "demo", {})));
    const store::RunDirectory directory = begin_run(*prepared_, folder.path() / "run");
    const RunResult result = run_experiment(*prepared_, directory, 2, std::atomic<bool>(false), {});
    EXPECT_TRUE(result.healthy);
    results_ = new Dataset(result.results);
  }
  static void TearDownTestSuite() {
    delete results_;
    delete prepared_;
  }
  static Estimate found(const std::string& quantity, const Coordinates& where = {}) {
    for (const Finding& one : findings_from(*results_)) {
      if (one.quantity == "pair." + quantity && one.where == where) return one.estimate;
    }
    ADD_FAILURE() << quantity << " was not found";
    return {};
  }
  static inline const Prepared* prepared_ = nullptr;
  static inline const Dataset* results_ = nullptr;
};

TEST_F(MinimaPairs, EveryStartEndsInTheOneMinimumOfEachPart) {
  EXPECT_EQ(found("minima_share").value, 1);
  const Estimate shift = found("shift");
  EXPECT_GT(shift.value, 0.01);
  EXPECT_LT(shift.standard_error, 1e-6 * shift.value);
}

TEST_F(MinimaPairs, TheTaylorExpansionIsExactOnAParabola) {
  // With the penalty the gradient at the test minimum is zero and Eq. 3 is exact; without it the
  // slope that the penalty leaves must be put back. Gradient norms of 1e-9 leave errors near 1e-8.
  EXPECT_NEAR(found("penalised_prediction_ratio").value, 1, 1e-7);
  EXPECT_NEAR(found("sloped_prediction_ratio").value, 1, 1e-7);
  EXPECT_GT(std::abs(found("exact_prediction_ratio").value - 1), 1e-5);
}

TEST_F(MinimaPairs, CurvaturesAreThoseOfTheInputs) {
  // C = I ⊗ XᵀX/n on either part, from the data themselves.
  const Ground& ground = prepared_->grounds[0];
  const auto curvature = [](const Ground& part, const std::vector<double>& s) {
    const std::size_t width = 4;
    double sum = 0;
    double norm = 0;
    for (std::size_t k = 0; k < s.size() / width; ++k) {
      for (std::size_t e = 0; e < part.train->labels.size(); ++e) {
        double dot = 0;
        for (std::size_t i = 0; i < width; ++i)
          dot += static_cast<double>(part.train->inputs[e * width + i]) * s[k * width + i];
        sum += dot * dot / static_cast<double>(part.train->labels.size());
      }
    }
    for (const double one : s) norm += one * one;
    return sum / norm;
  };
  const auto end_of = [](const char* phase) {
    const auto values =
        results_->group(phase).group(std::string(phase) + "-m0-b0-r0").array("last_theta").values;
    return std::vector<double>(values.begin(), values.end());
  };
  std::vector<double> s = end_of("to-test");
  const std::vector<double> start = end_of("to-train");
  for (std::size_t i = 0; i < s.size(); ++i) s[i] -= start[i];
  ASSERT_EQ(ground.others.size(), 1u);
  EXPECT_NEAR(found("exact_train_curvature").value / curvature(ground, s), 1, 1e-6);
  EXPECT_NEAR(
      found("exact_test_curvature").value / curvature(ground.at("points/test"), s), 1, 1e-6);
}

TEST_F(MinimaPairs, TheSpanOfTheTestGradientsHoldsTheWholeShiftHere) {
  // 30 test examples of rank 4 x 3 parameters: the span is everything.
  EXPECT_NEAR(found("projected_share").value, 1, 1e-9);
  EXPECT_NEAR(found("projected_term_ratio").value, 1, 1e-9);
}

TEST_F(MinimaPairs, ThePhaseOnTheTestPartLowersTheLossOfThatPart) {
  const auto& run = results_->group("to-test").group("to-test-m0-b0-r0").array("loss").values;
  ASSERT_GE(run.size(), 2u);
  EXPECT_LT(run[run.size() - 1], run[0]);
  // The test loss that the SGD phase recorded is the loss on that part, whose penalty is small
  // here.
  const auto& seen = results_->group("sgd").group("sgd-m0-b0-r0").array("test_loss").values;
  const auto& objective = std::get<std::shared_ptr<const Objective<double>>>(
      prepared_->grounds[0].at("points/test").objective);
  const std::vector<double> start(static_cast<std::size_t>(objective->parameters()), 0.0);
  EXPECT_EQ(seen[0], objective->clone()->loss(start, {}));
}

Dataset results_of(const std::string& recipe) {
  const recipes::TemporaryFolder folder;
  const Prepared prepared = prepare(parse_recipe(recipe, "pair.toml", "demo", {}));
  const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
  return run_experiment(prepared, directory, 2, std::atomic<bool>(false), {}).results;
}

Estimate found_in(const Dataset& results, const std::string& quantity) {
  for (const Finding& one : findings_from(results)) {
    if (one.quantity == quantity && one.where.empty()) return one.estimate;
  }
  ADD_FAILURE() << quantity << " was not found";
  return {};
}

TEST(TestLossTerms, AddUpOnAParabola) {
  // Of a parabola the mean over any points is U_k and the terms of their mean and covariance,
  // exactly, but for the slope of the penalty, which is made small.
  const Dataset results = results_of(recipes::changed(kRecipe, "l2 = 0.02", "l2 = 1e-7") + R"(
[[phase]]
name = "around"
from = "to-train"
rule = "sgd"
learning_rate = [0.05, 0.2]
sweep = ["learning_rate"]
batch = { size = 5, replacement = true }
replicas = 2
duration = { steps = 4000 }
record = [{ probe = "theta", every = 10 }]
[[measure]]
name = "terms"
analysis = "test-loss-terms"
phase = "around"
test = "to-test"
)");
  EXPECT_NEAR(found_in(results, "terms.prediction_ratio").value, 1, 1e-5);
  EXPECT_GT(found_in(results, "terms.shift_term").value, 0);
  EXPECT_GT(found_in(results, "terms.covariance_term").value, 0);
}

TEST(MinimaPair, ASaddleHasAStatusAndASentenceAndNoNumber) {
  // A tanh network that has hardly left its initial point has negative curvature.
  std::string text = recipes::changed(
      kRecipe, "kind = \"linear\"", "kind = \"mlp\"\nhidden = [6]\nactivation = \"tanh\"");
  text = recipes::changed(
      text, "stop = { gradient_norm = 1e-12, steps = 100 }", "duration = { steps = 2 }");
  text = recipes::changed(text, "rule = \"newton-cg\"", "rule = \"sgd\"\nlearning_rate = 0.01");
  text = recipes::changed(
      text, "stop = { gradient_norm = 1e-9, steps = 500 }", "duration = { steps = 2 }");
  text = recipes::changed(text, "rule = \"lbfgs\"", "rule = \"sgd\"\nlearning_rate = 0.01");
  const Dataset results = results_of(text);
  EXPECT_EQ(found_in(results, "pair.minima_share").value, 0);
  EXPECT_EQ(found_in(results, "pair.shift").status, Status::undefined);
  EXPECT_EQ(found_in(results, "pair.test_curvature").status, Status::undefined);
  EXPECT_THAT(text_attribute(results.attributes, "notes"),
              testing::HasSubstr("no minimum, the curvature reaches down to -"));
}

TEST(Places, AreNamedOnceAndRefusedWhereTheyDoNotExist) {
  const Recipe recipe = parse_recipe(kRecipe, "pair.toml", "demo", {});
  EXPECT_EQ(places_of(recipe), std::vector<std::string>{"points/test"});
  const auto refused = [](const std::string& text) {
    return recipes::complaint_of(
        [&] { (void)prepare(parse_recipe(text, "pair.toml", "demo", {})); });
  };
  EXPECT_THAT(refused(recipes::changed(kRecipe, "test = 30\n", "")),
              testing::HasSubstr("needs test examples"));
  EXPECT_THAT(refused(recipes::changed(kRecipe, "split = \"test\"", "split = \"held\"")),
              testing::HasSubstr("must be one of train, test"));
  EXPECT_THAT(refused(recipes::changed(kRecipe, "split = \"test\"", "data = \"other\"")),
              testing::HasSubstr("must name a [data.NAME]"));
  const std::string other = recipes::changed(
      recipes::changed(kRecipe, "split = \"test\"", "data = \"wide\""),
      "[objective]",
      "[data.wide]\nsource = \"mixture\"\ntrain = 40\ndimension = 5\nclass_count = "
      "3\n[objective]\ndata = \"points\"");
  EXPECT_THAT(refused(other), testing::HasSubstr("must make the same network"));
  EXPECT_THAT(refused(recipes::changed(kRecipe, "test = \"to-test\"", "test = \"to-tests\"")),
              testing::HasSubstr("must name a phase"));
}

}  // namespace
}  // namespace thermoscape
