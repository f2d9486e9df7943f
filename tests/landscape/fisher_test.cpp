#include "thermoscape/landscape/fisher.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

/// Gaussian inputs, labels by the sign of the first one and a third class in between.
data::Labelled three_classes(std::int64_t count) {
  data::Labelled data;
  data.shape = {4};
  data.classes = 3;
  std::vector<double> x(static_cast<std::size_t>(count) * 4);
  Noise(3).normal<double>("test.x", 0, x);
  data.inputs.assign(x.begin(), x.end());
  for (std::int64_t i = 0; i < count; ++i) {
    const double first = x[static_cast<std::size_t>(4 * i)];
    data.labels.push_back(first > 0.4 ? 0 : first < -0.4 ? 1 : 2);
  }
  return data;
}

TEST(Fisher, LinearSoftmaxHasTheFisherOfItsHessian) {
  // One layer: F = ⟨p_k (1-p_k) x_j²⟩ for weights, which is the diagonal of the Hessian too.
  const data::Labelled data = three_classes(80);
  MlpSettings linear;
  linear.hidden = {};
  const AnyObjective settings = linear;
  const auto objective = make_objective<double>(settings, &data);
  std::vector<double> theta = objective->initial(Noise(5));
  const std::vector<double> fisher = fisher_diagonal(settings, data, theta);
  std::vector<double> unit(theta.size()), product(theta.size());
  for (std::size_t j = 0; j < theta.size(); ++j) {
    std::fill(unit.begin(), unit.end(), 0.0);
    unit[j] = 1;
    objective->hessian_products(theta, Batch{}, unit, product);
    EXPECT_NEAR(fisher[j], product[j], 1e-12) << j;
  }
}

TEST(Fisher, IsNotTheSquareOfTheMeanGradientAndStaysWhereThatVanishes) {
  const data::Labelled data = three_classes(80);
  MlpSettings mlp;
  mlp.hidden = {6};
  const AnyObjective settings = mlp;
  const auto objective = make_objective<double>(settings, &data);
  std::vector<double> theta = objective->initial(Noise(5)), gradient(theta.size());
  for (int s = 0; s < 3000; ++s) {
    objective->loss_gradient(theta, Batch{}, gradient);
    for (std::size_t i = 0; i < theta.size(); ++i) theta[i] -= 0.3 * gradient[i];
  }
  objective->loss_gradient(theta, Batch{}, gradient);
  const std::vector<double> fisher = fisher_diagonal(settings, data, theta);
  double trace = 0, square = 0;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_GE(fisher[i], 0);
    trace += fisher[i];
    square += gradient[i] * gradient[i];
  }
  EXPECT_GT(trace, 1e-3);
  EXPECT_GT(trace, 100 * square);
}

TEST(Fisher, RefusesSquaredErrors) {
  const data::Labelled data = three_classes(20);
  MlpSettings mlp;
  mlp.loss = "mse";
  EXPECT_THROW((void)fisher_diagonal(mlp, data, std::vector<double>(1)), Error);
}

}  // namespace
}  // namespace thermoscape
