// Measures of the limiting dynamics on least squares, where the landscape is its own parabola.
#include <algorithm>
#include <cmath>

#include "experiments/finished_run.hpp"
#include "thermoscape/experiments/limiting_dynamics/definitions.hpp"
#include "thermoscape/experiments/limiting_dynamics/speed_sweep.hpp"

namespace thermoscape {
namespace {

constexpr std::string_view kWander = R"(title = "Wander"
seed = 5
[data.points]
source = "mixture"
train = 150
test = 60
dimension = 4
class_count = 2
noise = 1.0
[objective]
kind = "linear"
precision = "float64"
[[phase]]
name = "settle"
rule = "momentum"
learning_rate = 0.05
momentum = 0.8
batch = { size = 10, replacement = true }
duration = { steps = 3000 }
[[phase]]
name = "wander"
from = "settle"
rule = "momentum"
learning_rate = [0.01, 0.005, 0.02, 0.01, 0.01, 0.01, 0.01]
batch = { size = [20, 20, 20, 10, 40, 20, 20], replacement = true }
momentum = [0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.95]
sweep = ["learning_rate", "batch.size", "momentum"]
zip = true
duration = { steps = 20000 }
record = [
  { probe = "eigenplanes", every = 1, directions = 4 },
  { probe = "test_loss", count = 2 },
  { probe = "gradient_norm_squared", every = 1 },
  { probe = "full_gradient_norm_squared", every = 10 },
]
[[measure]]
name = "planes"
analysis = "eigenplanes"
phase = "wander"
plane_points = 6
[[measure]]
name = "speed"
analysis = "speed-sweep"
phase = "wander"
)";

using LeastSquares = recipes::OneRun<kWander>;
const Coordinates kMiddle{{"learning_rate", 0.01}, {"batch.size", 20}, {"momentum", 0.9}};

TEST_F(LeastSquares, ThePlaneOfTheTrainingLossHasTheCurvaturesOfTheHessian) {
  const double ratio = found("planes.curvature_ratio", kMiddle).value;
  EXPECT_GT(ratio, 1.2);
  EXPECT_NEAR(found("planes.plane_train_curvature_ratio", kMiddle).value, ratio, 1e-4 * ratio);
  // Without weight decay the modified loss is isotropic.
  EXPECT_NEAR(found("planes.plane_modified_curvature_ratio", kMiddle).value, 1, 1e-9);
  EXPECT_TRUE(found("planes.plane_test_curvature_ratio", kMiddle).ok());
  EXPECT_NE(found("planes.plane_test_curvature_ratio", kMiddle).value,
            found("planes.plane_train_curvature_ratio", kMiddle).value);
}

TEST_F(LeastSquares, OrbitsFillAndForgetAsTheRecursionSays) {
  const Estimate fill = found("planes.orbit_fill", kMiddle);
  EXPECT_NEAR(fill.value, 1, 0.25);
  EXPECT_NEAR(found("planes.orbit_after_turn_less_expected", kMiddle).value, 0, 0.1);
  EXPECT_EQ(found("planes.clockwise_share", kMiddle).value, 1);
  EXPECT_NEAR(found("planes.frequency_over_expected", kMiddle).value, 1, 0.1);
}

TEST_F(LeastSquares, SpeedIsWhatTheNoisePredictsAlongEveryAxis) {
  const Estimate measured = found("speed.over_measured_noise");
  EXPECT_NEAR(measured.value, 1, 0.03 + 4 * measured.standard_error);
  EXPECT_LT(measured.standard_error, 0.03);
  EXPECT_NEAR(found("speed.over_one_constant").value, 1, 0.1);
  EXPECT_LT(found("speed.straight_share").value, 1e-3);  // it stays where it is
  EXPECT_EQ(found("speed.over_one_constant", kMiddle).value, 1);
  EXPECT_NEAR(found("speed.speed_power_of_learning_rate").value, 2, 0.1);
  EXPECT_NEAR(found("speed.speed_power_of_batch_size").value, -1, 0.1);
  EXPECT_NEAR(found("speed.speed_power_of_momentum").value, 1, 0.1);
}

// tr Σ from the batches of the run, against the steps that it makes.
TEST_F(LeastSquares, NoiseAlongTheRunPredictsItsSpeed) {
  const Estimate along = found("planes.step_square_over_noise_along", kMiddle);
  EXPECT_LT(along.standard_error, 0.05);
  EXPECT_NEAR(along.value, 1, 0.03 + 4 * along.standard_error);
}

// As for a model from a file, which is where its author left it.
TEST(Eigenplanes, APhaseMayBeginAtTheInitialPoint) {
  std::string text(kWander);
  text = recipes::changed(text, "from = \"settle\"\n", "");
  text = recipes::changed(text, "steps = 20000", "steps = 300");
  const recipes::FinishedRun run(text);
  const auto findings = findings_from(run.result.results);
  const auto moved = [](const Finding& one) { return one.quantity == "planes.converged_share"; };
  EXPECT_EQ(std::count_if(findings.begin(), findings.end(), moved), 7);
}

TEST(Eigenplanes, ATaskThatDivergedIsLeftOut) {
  std::string text(kWander);
  text = recipes::changed(text, "steps = 20000", "steps = 600");
  text = recipes::changed(text, "[0.01, 0.005, 0.02, 0.01,", "[0.01, 0.005, 50.0, 0.01,");
  text = recipes::changed(text, "zip = true", "zip = true\nallow = [\"diverged\"]");
  const recipes::FinishedRun run(text);
  int points = 0;
  for (const Finding& one : findings_from(run.result.results)) {
    if (one.quantity != "planes.converged_share") continue;
    ++points;
    EXPECT_NE(one.where.front().second, 50.0);
  }
  EXPECT_EQ(points, 6);
}

TEST(Definitions, TheIndexOfThePaperIsOneLessThanTheStep) {
  std::vector<double> moved{0};
  for (int k = 1; k < 400; ++k) moved.push_back(std::pow(k, 1.5));
  const FitRange range{50, 399};
  EXPECT_NEAR(exponent_over(moved, range, "corrected").value, 1.5, 1e-12);
  // ln k on ln(k - 1) has a slope below 1 by about the mean of 1/k.
  const double paper = exponent_over(moved, range, "paper").value;
  EXPECT_LT(paper, 1.5 - 1.5 / 399);
  EXPECT_GT(paper, 1.5 - 1.5 / 50);
  // The rules: without the first of four epochs, two thirds of the rest; an octave.
  EXPECT_EQ(last_two_thirds(401, 100).first, 200);
  EXPECT_EQ(last_two_thirds(401, 100).last, 400);
  EXPECT_EQ(second_epoch(100).first, 102);
  EXPECT_EQ(second_epoch(100).last, 199);
}

TEST(SpeedSweep, FindsTheMiddleAndTheLinesThroughIt) {
  std::vector<TaskSpeed> tasks;
  for (const SpeedPlace& at :
       {SpeedPlace{1, 8, 0.9}, {2, 8, 0.9}, {1, 4, 0.9}, {1, 8, 0.5}, {0.5, 8, 0.9}, {1, 8, 0.9}}) {
    TaskSpeed t;
    t.at = at;
    t.factor = 1;
    t.trace_before = 2;
    t.trace_after = 4;
    t.straight_share = 0.25;
    t.step_square = {tasks.empty() ? 2.0 : 4.0, 0.1, Status::ok};
    tasks.push_back(t);
  }
  const std::vector<SpeedPoint> points = speed_points(tasks);
  ASSERT_EQ(points.size(), 5u);
  EXPECT_EQ(default_point(points), 0u);
  EXPECT_EQ(points[0].step_square.value, 3);  // of two replicas
  EXPECT_EQ(points[0].over_measured.value, 1);
  EXPECT_EQ(points[0].over_start.value, 1.5);
  EXPECT_EQ(points[0].diffusive_over_measured.value, 0.75);
  EXPECT_EQ(points[1].exponent.status, Status::too_short);
  EXPECT_EQ(along_axis(points, 0, 0), (std::vector<std::size_t>{4, 0, 1}));
  EXPECT_EQ(along_axis(points, 0, 1), (std::vector<std::size_t>{2, 0}));
  EXPECT_EQ(along_axis(points, 0, 2), (std::vector<std::size_t>{3, 0}));
  const std::vector<SpeedPoint> corners{points[1], points[2], points[3]};
  EXPECT_THROW((void)default_point(corners), Error);
}

}  // namespace
}  // namespace thermoscape
