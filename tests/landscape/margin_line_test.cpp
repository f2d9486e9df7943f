#include "thermoscape/landscape/margin_line.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

TEST(MarginLine, IsTheDerivativeOfTheMarginsOnAShortLine) {
  // Against Jacobian products: β_k = (J p)_y - (J p)_m with m the largest other logit.
  const Problem problem({7, 9, 6, 4}, 60, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<double> p(theta.size());
  Noise(4).normal<double>("test.direction", 0, p);
  std::vector<double> logits(60 * 4), rates(60 * 4);
  mlp.logits(theta, Batch{}, logits);
  mlp.jacobian_products(theta, Batch{}, p, rates);
  const std::vector<double> delta{-1e-5, 0, 1e-5};
  const MarginLine line = margin_line<double>(mlp, theta, problem.labels, p, delta);
  for (std::size_t k = 0; k < 60; ++k) {
    const auto y = static_cast<std::size_t>(problem.labels[k]);
    std::size_t other = y == 0 ? 1 : 0;
    for (std::size_t c = 0; c < 4; ++c) {
      if (c != y && logits[4 * k + c] > logits[4 * k + other]) other = c;
    }
    EXPECT_NEAR(line.margins[60 + k], logits[4 * k + y] - logits[4 * k + other], 1e-12) << k;
    EXPECT_NEAR(line.rates[k], rates[4 * k + y] - rates[4 * k + other], 1e-7) << k;
    EXPECT_GT(line.r_squared[k], 0.999) << k;
  }
}

TEST(MarginLine, ABentMarginIsNotStraight) {
  // Along θ itself all layers grow together, and logits as a polynomial of δ.
  const Problem problem({7, 9, 4}, 30);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  const std::vector<double> delta{-1, 0, 1};
  const MarginLine line = margin_line<double>(mlp, theta, problem.labels, theta, delta);
  double worst = 1;
  for (std::size_t k = 0; k < 30; ++k) {
    const double up = line.margins[60 + k], middle = line.margins[30 + k], down = line.margins[k];
    EXPECT_NEAR(line.rates[k], 0.5 * (up - down), 1e-10);
    // At θ - θ = 0 all logits are 0.
    EXPECT_NEAR(down, 0, 1e-12);
    const double mean = (up + middle + down) / 3;
    const double total =
        std::pow(up - mean, 2) + std::pow(middle - mean, 2) + std::pow(down - mean, 2);
    EXPECT_NEAR(line.r_squared[k], 0.5 * std::pow(up - down, 2) / total, 1e-10);
    worst = std::min(worst, line.r_squared[k]);
  }
  EXPECT_LT(worst, 0.999);
}

TEST(MarginLine, RefusesWhatDoesNotFit) {
  const Problem problem({7, 9, 4}, 30);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  const std::vector<double> delta{-1, 0, 1}, flat{0, 0, 0}, two{0, 1};
  const std::vector<std::int32_t> few(29, 0);
  EXPECT_THROW((void)margin_line<double>(mlp, theta, few, theta, delta), Error);
  EXPECT_THROW((void)margin_line<double>(mlp, theta, problem.labels, theta, flat), Error);
  EXPECT_THROW((void)margin_line<double>(mlp, theta, problem.labels, theta, two), Error);
}

}  // namespace
}  // namespace thermoscape
