// The measures of a phase of learning where the answer is known: a network that all but stands
// still, so that the gradients of its batches have one law, and one that drifts.
#include <cmath>
#include <numeric>

#include "experiments/finished_run.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {
namespace {

constexpr std::string_view kRecipe = R"(title = "Known answer"
seed = 5
[data.digits]
source = "digits"
classes = [0, 1, 2]
train = 60
[objective]
kind = "mlp"
hidden = [7, 5]
biases = false
precision = "float64"
[[phase]]
name = "still"
rule = "sgd"
learning_rate = 1e-9
batch = { size = 20 }
duration = { epochs = 400 }
record = [
  { probe = "loss", every = 1 },
  { probe = "gradient_norm_squared", every = 1 },
  { probe = "full_gradient_norm_squared", count = 400 },
]
[[phase]]
name = "moving"
rule = "sgd"
learning_rate = 0.005
batch = { size = 20 }
duration = { steps = 60 }
record = [
  { probe = "trajectory", every = 1, parameters = "layer2.weight" },
]
[[measure]]
name = "phases"
analysis = "two-phases"
phase = "still"
[[measure]]
name = "first"
analysis = "first-mode"
phase = "moving"
)";

class PhasesOfLearning : public recipes::OneRun<kRecipe> {};

TEST_F(PhasesOfLearning, RatioOfGradientsIsThatOfAllExamples) {
  // ⟨|∇L^μ|²⟩ - |∇L|² = tr Σ (D-B)/(B(D-1)) over batches drawn without replacement.
  const Workshop workshop{
      &run_->prepared.recipe, 1, &run_->prepared.plan, run_->directory, &run_->prepared.grounds};
  const RunView view(workshop);
  const std::size_t task = view.tasks_of("still").front();
  const auto objective = view.objective(task);
  const std::vector<double> theta = view.last_theta(task);
  const auto parameters = static_cast<std::size_t>(objective->parameters());
  std::vector<double> mean(parameters);
  (void)objective->loss_gradient(theta, Batch{}, mean);
  const double whole = std::inner_product(mean.begin(), mean.end(), mean.begin(), 0.0);
  double squares = 0;
  objective->example_gradients(
      theta, Batch{}, [&](std::int64_t, std::int64_t, std::span<const double> block) {
        squares += std::inner_product(block.begin(), block.end(), block.begin(), 0.0);
      });
  const double noise = (squares / 60 - whole) * (60 - 20) / (20.0 * (60 - 1));
  const Values& ratio =
      run_->result.results.group("phases").group("still-m0-b0-r0").array("gradient_ratio").values;
  ASSERT_GT(ratio.size(), 390U);
  // Mean of the inverse, which is linear in the squares of the batches.
  double sum = 0, spread = 0;
  const auto n = static_cast<double>(ratio.size());
  for (const double one : ratio) sum += 1 / one / n;
  for (const double one : ratio) spread += std::pow(1 / one - sum, 2) / n;
  // The windows of neighbouring looks share batches: twice the error of independent ones.
  EXPECT_NEAR(sum, noise / whole, 4 * 2 * std::sqrt(spread / n));
  EXPECT_LT(2 * std::sqrt(spread / n), 0.1 * sum);
  for (const Finding& one : findings_from(results())) {
    if (one.quantity == "phases.drop") {
      EXPECT_EQ(one.estimate.status, Status::undefined);
    }
  }
}

TEST_F(PhasesOfLearning, TheLossFallsAlongTheDriftAsTheMarginsSay) {
  // On a path so short that it is all but straight SGD goes downhill, along which margins grow.
  EXPECT_GT(found("first.beta_weighted").value, 0);
  EXPECT_GT(found("first.beta_positive_share").value, 0.5);
  const Dataset& stored = results().group("first").group("moving-m0-b0-r0");
  const Values& rates = stored.array("rate").values;
  const Values& losses = stored.array("loss").values;
  ASSERT_EQ(rates.size(), 60U);
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  EXPECT_NEAR(std::inner_product(rates.begin(), rates.end(), losses.begin(), 0.0) / total,
              found("first.beta_weighted").value,
              1e-12);
}

}  // namespace
}  // namespace thermoscape
