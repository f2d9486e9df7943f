#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/experiments/variance_flatness/continual_learning.hpp"
#include "thermoscape/landscape/fisher.hpp"

// The penalties that a memory of a task makes, against formulas of their own.
namespace thermoscape {
namespace {

/// A memory with everything, made by hand: 6 weights, 4 orthonormal directions.
TaskMemory small_memory() {
  MlpSettings linear;
  linear.hidden = {};
  linear.biases = false;
  data::Labelled two;
  two.shape = {3};
  two.classes = 2;
  two.inputs = {1, 0, 0};
  two.labels = {0};
  const auto objective = make_objective<double>(AnyObjective(linear), &two);
  TaskMemory memory;
  memory.trained = parameter_subset("all", *objective, "test");
  memory.centre = Vector::LinSpaced(6, -0.5, 0.5);
  Matrix directions = Matrix::Zero(4, 6);
  const double half = std::sqrt(0.5);
  directions(0, 0) = directions(0, 1) = half;
  directions(1, 0) = half;
  directions(1, 1) = -half;
  directions(2, 4) = 1;
  directions(3, 2) = -1;
  memory.directions = directions;
  memory.variance = (Vector(4) << 5.0, 0.16, 0.01, 0.0001).finished();
  memory.flatness = (Vector(4) << 0.3, 0.5, 1.5, 4.0).finished();
  memory.fisher = (Vector(6) << 0.1, 3.0, 0.0, 2.0, 0.5, 1.0).finished();
  return memory;
}

const Vector kAway = (Vector(6) << 0.3, -0.1, 0.25, 0.7, -0.4, 0.05).finished();

double value_at(const QuadraticPenalty& penalty, const Vector& w) {
  return penalty.value({w.data(), static_cast<std::size_t>(w.size())});
}

TEST(Constraints, OfTheLandscapeAreTheSumOverItsDirections) {
  const TaskMemory memory = small_memory();
  const double a = (kAway(0) + kAway(1)) * std::sqrt(0.5),
               b = (kAway(0) - kAway(1)) * std::sqrt(0.5);
  const double expected = 7 * (a * a / 0.09 + b * b / 0.25 + kAway(4) * kAway(4) / 2.25);
  EXPECT_NEAR(value_at(landscape_constraint(memory, 7, 3), memory.centre + kAway),
              expected,
              1e-12 * expected);
}

TEST(Constraints, FromTheVarianceFollowItsPowerAtTheMeasuredScale) {
  // Measured F that obeys the relation with ψ = 4 but for the first, drifting mode: the stiffness
  // is that of the landscape beyond the first, and of the relation for the first.
  TaskMemory memory = small_memory();
  memory.flatness.tail(3) = 0.7 * memory.variance.tail(3).array().pow(-0.25).matrix();
  const double first = 0.7 * std::pow(5.0, -0.25);
  ASSERT_GT(std::abs(first - memory.flatness(0)), 0.1);
  TaskMemory related = memory;
  related.flatness(0) = first;
  const Vector w = memory.centre + kAway;
  const double expected = value_at(landscape_constraint(related, 2, 4), w);
  EXPECT_NEAR(value_at(variance_constraint(memory, 2, 4, 4), w), expected, 1e-12 * expected);
}

TEST(Constraints, RandomOnesHaveTheSameStiffnessAlongOrthonormalDirections) {
  const TaskMemory memory = small_memory();
  const QuadraticPenalty random = random_constraint(memory, 2, 4, Noise(9));
  const QuadraticPenalty landscape = landscape_constraint(memory, 2, 4);
  EXPECT_DOUBLE_EQ(random.stiffest(), landscape.stiffest());
  // The Hessian's trace is that of the stiffnesses, Σ 2λ/F², whatever the directions; its value is
  // not that of the landscape.
  double trace = 0;
  for (Eigen::Index j = 0; j < 6; ++j) {
    const Vector unit = Vector::Unit(6, j);
    trace += 2 * value_at(random, memory.centre + unit);
  }
  EXPECT_NEAR(trace, (4 / memory.flatness.array().square()).sum(), 1e-10);
  const Vector w = memory.centre + kAway;
  EXPECT_GT(std::abs(value_at(random, w) - value_at(landscape, w)), 0.01 * value_at(landscape, w));
  EXPECT_NE(value_at(random, w), value_at(random_constraint(memory, 2, 4, Noise(10)), w));
}

TEST(Constraints, ElasticOnesHoldTheLargestOfTheFisherInformation) {
  const TaskMemory memory = small_memory();
  const Vector w = memory.centre + kAway;
  const auto of = [&](std::initializer_list<Eigen::Index> held) {
    double sum = 0;
    for (const Eigen::Index j : held) sum += 0.5 * 10 * memory.fisher(j) * kAway(j) * kAway(j);
    return sum;
  };
  EXPECT_NEAR(value_at(elastic_constraint(memory, 10), w), of({0, 1, 2, 3, 4, 5}), 1e-12);
  EXPECT_NEAR(value_at(elastic_constraint(memory, 10, 2), w), of({1, 3}), 1e-12);
  EXPECT_NEAR(value_at(elastic_constraint(memory, 10, 6), w), of({0, 1, 2, 3, 4, 5}), 1e-12);
}

// Softmax regression x -> W x at its minimum: F of weight kj is ⟨p_k (1 - p_k) x_j²⟩.
TEST(Constraints, ElasticOnesAreOfTheTrueFisherInformationNotOfTheMeanGradient) {
  constexpr int kInputs = 3, kClasses = 3, kCount = 60;
  auto examples = std::make_shared<data::Labelled>();
  examples->shape = {kInputs};
  examples->classes = kClasses;
  std::vector<double> x(kCount * kInputs);
  Noise(3).normal<double>("test.x", 0, x);
  examples->inputs.assign(x.begin(), x.end());
  for (int e = 0; e < kCount; ++e) {
    const int label = x[e * kInputs] > 0.3 ? 0 : x[e * kInputs + 1] > 0 ? 1 : 2;
    examples->labels.push_back(e % 5 == 0 ? (label + 1) % 3 : label);  // no hyperplane parts them
  }
  MlpSettings linear;
  linear.hidden = {};
  linear.biases = false;
  const AnyObjective settings = linear;
  const auto objective = make_objective<double>(settings, examples.get());
  ASSERT_EQ(objective->parameters(), kInputs * kClasses);
  // To its minimum, where the mean gradient is zero and the Fisher information is not.
  std::vector<double> theta = objective->initial(Noise(5)), gradient(theta.size());
  for (int s = 0; s < 20000; ++s) {
    objective->loss_gradient(theta, Batch{}, gradient);
    for (std::size_t i = 0; i < theta.size(); ++i) theta[i] -= 0.5 * gradient[i];
  }
  // As remember() stores it, in single precision of θ; class k has the weights k * kInputs + j.
  const std::vector<float> single(theta.begin(), theta.end());
  const LearningTask task{{0, 1, 2}, examples, examples, examples};
  const ParameterSubset all = parameter_subset("all", *objective, "test");
  const TaskMemory memory = remember(settings, task, single, all, {}, {});
  EXPECT_EQ(memory.directions.size(), 0);
  std::vector<double> fisher(theta.size(), 0.0);
  for (int e = 0; e < kCount; ++e) {
    const float* const in = examples->inputs.data() + e * kInputs;
    double p[kClasses], norm = 0;
    for (int k = 0; k < kClasses; ++k) {
      double z = 0;
      for (int j = 0; j < kInputs; ++j) z += single[k * kInputs + j] * in[j];
      norm += p[k] = std::exp(z);
    }
    for (int k = 0; k < kClasses; ++k) {
      p[k] /= norm;
      for (int j = 0; j < kInputs; ++j)
        fisher[k * kInputs + j] += p[k] * (1 - p[k]) * in[j] * in[j] / kCount;
    }
  }
  constexpr double kStrength = 30;
  Vector w = memory.centre;
  double expected = 0, of_mean_gradient = 0;
  for (Eigen::Index i = 0; i < w.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double away = 0.1 * static_cast<double>(i + 1);
    w(i) += away;
    expected += 0.5 * kStrength * fisher[at] * away * away;
    of_mean_gradient += 0.5 * kStrength * gradient[at] * gradient[at] * away * away;
  }
  const double value = value_at(elastic_constraint(memory, kStrength), w);
  EXPECT_GT(value, 0.1);
  EXPECT_NEAR(value, expected, 1e-6 * expected);
  EXPECT_GT(value, 1e6 * of_mean_gradient);
}

}  // namespace
}  // namespace thermoscape
