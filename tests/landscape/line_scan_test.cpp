#include "thermoscape/landscape/line_scan.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/data/generators.hpp"
#include "thermoscape/objective/catalog.hpp"

namespace thermoscape {
namespace {

data::Labelled examples() {
  return data::generate(data::Mixture{57, 5, 3, 0.5}, Noise(3));
}

struct Problem {
  data::Labelled set = examples();
  std::unique_ptr<Objective<double>> objective;
  std::vector<double> theta;
  std::vector<double> direction;

  explicit Problem(const AnyObjective& settings) {
    objective = make_objective<double>(settings, &set);
    theta = objective->initial(Noise(1));
    direction = objective->initial(Noise(2));
    for (std::size_t i = 0; i < direction.size(); ++i) direction[i] += 0.1 * std::sin(1.0 * i);
  }
};

/// Loss and accuracy at each point by evaluations of their own.
void expect_pointwise(Problem& problem, std::int64_t block) {
  const std::vector<double> positions{-1.5, -0.2, 0, 0.7, 30};
  const LineScan scan = scan_line<double>(
      *problem.objective, problem.theta, problem.direction, positions, problem.set.labels, block);
  ASSERT_EQ(scan.accuracy.size(), positions.size());
  const auto classes = static_cast<std::size_t>(problem.objective->outputs());
  std::vector<double> z(problem.set.labels.size() * classes);
  for (std::size_t p = 0; p < positions.size(); ++p) {
    std::vector<double> there = problem.theta;
    for (std::size_t i = 0; i < there.size(); ++i) there[i] += positions[p] * problem.direction[i];
    const double loss = problem.objective->loss(there, {});
    EXPECT_NEAR(scan.loss[p], loss, 1e-12 * (1 + loss)) << positions[p];
    problem.objective->logits(there, {}, z);
    std::size_t right = 0;
    for (std::size_t e = 0; e < problem.set.labels.size(); ++e) {
      std::size_t best = 0;
      for (std::size_t k = 1; k < classes; ++k) {
        if (z[e * classes + k] > z[e * classes + best]) best = k;
      }
      right += best == static_cast<std::size_t>(problem.set.labels[e]) ? 1 : 0;
    }
    EXPECT_DOUBLE_EQ(scan.accuracy[p], static_cast<double>(right) / 57) << positions[p];
  }
}

TEST(LineScan, IsTheLossAndAccuracyOfEachPointWhateverTheBlock) {
  for (const char* loss : {"cross-entropy", "mse"}) {
    Problem problem(MlpSettings{.hidden = {6, 4}, .activation = "tanh", .loss = loss});
    for (const std::int64_t block : {1, 10, 57, 1000}) expect_pointwise(problem, block);
  }
}

/// Passes evaluations on and notes at which example the batch of each began.
class Watched final : public Objective<double> {
 public:
  explicit Watched(Objective<double>& inner) : inner_(&inner) {}
  [[nodiscard]] std::unique_ptr<Objective> clone() const override {
    return std::make_unique<Watched>(*this);
  }
  [[nodiscard]] std::int64_t parameters() const override { return inner_->parameters(); }
  [[nodiscard]] std::int64_t examples() const override { return inner_->examples(); }
  [[nodiscard]] std::int64_t outputs() const override { return inner_->outputs(); }
  [[nodiscard]] OutputLoss output_loss() const override { return inner_->output_loss(); }
  [[nodiscard]] std::vector<double> initial(const Noise& noise) const override {
    return inner_->initial(noise);
  }
  double loss(std::span<const double>, const Batch&) override { return 0; }
  double loss_gradient(std::span<const double>, const Batch&, std::span<double>) override {
    return 0;
  }
  void example_losses(std::span<const double>, const Batch&, std::span<double>) override {}
  void logits(std::span<const double> theta, const Batch& batch, std::span<double> out) override {
    begins.push_back(batch.examples[0]);
    inner_->logits(theta, batch, out);
  }
  void jacobian_products(std::span<const double>,
                         const Batch&,
                         std::span<const double>,
                         std::span<double>) override {}
  void jacobian_pullback(std::span<const double>,
                         const Batch&,
                         std::span<const double>,
                         std::span<double>) override {}
  void hessian_products(std::span<const double>,
                        const Batch&,
                        std::span<const double>,
                        std::span<double>) override {}
  void example_gradients(std::span<const double>, const Batch&, const GradientBlock&) override {}

  std::vector<std::int32_t> begins;

 private:
  Objective<double>* inner_;
};

TEST(LineScan, EachBlockIsDoneWithBeforeTheNextIsRead) {
  Problem problem(MlpSettings{.hidden = {4}});
  Watched watched(*problem.objective);
  const std::vector<double> positions(41, 0.1);
  (void)scan_line<double>(
      watched, problem.theta, problem.direction, positions, problem.set.labels, 20);
  ASSERT_EQ(watched.begins.size(), 3 * 41u);
  for (std::size_t i = 0; i < watched.begins.size(); ++i)
    EXPECT_EQ(watched.begins[i], static_cast<std::int32_t>(20 * (i / 41)));
}

TEST(LineScan, LeavesThePenaltyOut) {
  Problem with(MlpSettings{.hidden = {4}, .l2 = 0.7});
  Problem without(MlpSettings{.hidden = {4}});
  const std::vector<double> at{0, 1};
  const auto scanned = [&](Problem& problem) {
    return scan_line<double>(
        *problem.objective, with.theta, with.direction, at, problem.set.labels);
  };
  EXPECT_EQ(scanned(with).loss, scanned(without).loss);
}

TEST(LineScan, WithoutLabelsItHasTheLossAlone) {
  Problem problem(LinearRegressionSettings{});
  const std::vector<double> at{0, 0.5};
  const LineScan scan =
      scan_line<double>(*problem.objective, problem.theta, problem.direction, at, {}, 13);
  EXPECT_TRUE(scan.accuracy.empty());
  EXPECT_NEAR(scan.loss[0], problem.objective->loss(problem.theta, {}), 1e-13);
}

TEST(LineScan, RefusesWhatDoesNotFit) {
  Problem problem(MlpSettings{.hidden = {4}});
  const std::vector<double> at{0};
  EXPECT_THROW((void)scan_line<double>(*problem.objective, problem.theta, at, at, {}), Error);
  EXPECT_THROW(
      (void)scan_line<double>(*problem.objective, problem.theta, problem.direction, at, {}, 0),
      Error);
  const std::vector<std::int32_t> few{0, 1};
  EXPECT_THROW(
      (void)scan_line<double>(*problem.objective, problem.theta, problem.direction, at, few),
      Error);
}

}  // namespace
}  // namespace thermoscape
