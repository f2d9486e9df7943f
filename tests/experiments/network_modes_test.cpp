// Minibatches and active temperature along the modes of a network of LibTorch.
#include <cmath>

#include "experiments/finished_run.hpp"
#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/experiments/trajectory.hpp"

namespace thermoscape {
namespace {

constexpr std::string_view kLenet = R"(title = "Modes of a LeNet"
seed = 3
[data.digits]
source = "digits"
train = 60
[objective]
kind = "lenet"
variant = "mnist"
width = 0.25
initialisation = "xavier-normal"
[[phase]]
name = "train"
rule = "sgd"
learning_rate = 0.1
batch = { size = 20 }
duration = { steps = 60 }
record = [{ probe = "theta", count = 2 }]
[[phase]]
name = "explore"
from = "train"
rule = "sgd"
learning_rate = 0.1
batch = { size = 20 }
duration = { steps = 40 }
record = [{ probe = "trajectory", every = 1, parameters = "conv2.weight" }]
[[measure]]
name = "ensemble"
analysis = "mini-loss"
phase = "explore"
modes = 20
profiles = 5
fit = [2, 20]
batches = 10
[[measure]]
name = "active"
analysis = "active-temperature"
phase = "explore"
modes = 20
profiles = 5
fit = [2, 20]
shown = [5]
training = "train"
)";

class NetworkModes : public recipes::OneRun<kLenet> {};

/// ⟨|∂ L^μ|²⟩ over batches of 20 out of 60, from one backward pass an example.
double batch_square(Objective<float>& objective,
                    const std::vector<float>& theta,
                    std::span<const float> direction) {
  std::vector<float> gradient(theta.size());
  double sum = 0, squares = 0;
  for (std::int32_t e = 0; e < 60; ++e) {
    objective.loss_gradient(theta, Batch{std::span(&e, 1)}, gradient);
    double slope = 0;
    for (std::size_t i = 0; i < theta.size(); ++i)
      slope += static_cast<double>(gradient[i]) * static_cast<double>(direction[i]);
    sum += slope / 60;
    squares += slope * slope / 60;
  }
  return sum * sum + (squares - sum * sum) * (60 - 20) / (20.0 * (60 - 1));
}

TEST_F(NetworkModes, StepsAndTemperaturesAreThoseOfTheGradientsOfSingleExamples) {
  const Workshop workshop{
      &run_->prepared.recipe, 1, &run_->prepared.plan, run_->directory, &run_->prepared.grounds};
  const RunView view(workshop);
  const std::size_t task = view.tasks_of("explore").front();
  const Ground& ground = view.ground(task);
  const auto objective = make_objective<float>(ground.settings, ground.train.get());
  const std::vector<double> last = view.last_theta(task);
  const std::vector<float> theta(last.begin(), last.end());
  const Trajectory trajectory(view, task);
  const analysis::Pca pca = analysis::pca(trajectory.rows(0, trajectory.rows()));
  const Dataset& steps = results().group("ensemble").group("explore-m0-b0-r0");
  const Dataset& heat = results().group("active").group("explore-m0-b0-r0");
  const Values& ranks = steps.array("rank").values;
  ASSERT_GE(ranks.size(), 4U);
  for (std::size_t m = 0; m < ranks.size(); ++m) {
    const Eigen::VectorXd axis = pca.components.col(static_cast<Eigen::Index>(ranks[m]) - 1);
    std::vector<float> direction(theta.size(), 0.0F);
    trajectory.subset().put<float>({axis.data(), static_cast<std::size_t>(axis.size())}, direction);
    const double square = batch_square(*objective, theta, direction);
    EXPECT_NEAR(steps.array("exact_step_square").values[m] / (0.01 * square), 1, 1e-4) << m;
    const Values& others = heat.array("rank").values;
    for (std::size_t k = 0; k < others.size(); ++k) {
      if (others[k] != ranks[m]) continue;
      EXPECT_NEAR(heat.array("temperature").values[k] / (0.05 * square), 1, 1e-4) << k;
    }
  }
  EXPECT_EQ(found("ensemble.bounded_share").status, Status::ok);
  EXPECT_EQ(found("active.loss_exponent").status == Status::ok,
            heat.array("training_loss").values.size() > 2);
}

}  // namespace
}  // namespace thermoscape
