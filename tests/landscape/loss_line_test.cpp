#include "thermoscape/landscape/loss_line.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "objective/mlp_problem.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/landscape/profile.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using reference::cast;
using reference::Problem;

/// Normal numbers in the parameters of layers `from` to `to` of the network, zero elsewhere.
template <class Real>
std::vector<Real> direction_in(const Mlp<Real>& mlp, std::size_t from, std::size_t to) {
  const auto& layers = mlp.model().network->layers;
  std::vector<double> p(static_cast<std::size_t>(mlp.parameters()));
  Noise(8).normal<double>("test.direction", from * 8 + to, p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const bool below = at < layers[from].weights;
    const bool above = to + 1 < layers.size() && at >= layers[to + 1].weights;
    p[i] = below || above ? 0 : 0.1 * p[i];
  }
  return std::vector<Real>(p.begin(), p.end());
}

const std::vector<double> kDeltas{-1.7, -0.3, 0, 0.02, 0.9};

template <class Real>
void expect_whole_forwards(const Problem& problem, double tolerance) {
  for (const InstructionSet set : reference::available_sets()) {
    Mlp<Real> mlp = problem.build<Real>(set);
    const std::vector<Real> theta = cast<Real>(problem.theta());
    LossLine<Real> line(mlp, theta);
    const std::size_t layers = mlp.model().network->layers.size();
    const auto examples = static_cast<std::size_t>(mlp.examples());
    for (std::size_t from = 0; from < layers; ++from) {
      for (const std::size_t to : {from, layers - 1}) {
        const std::vector<Real> p = direction_in(mlp, from, to);
        const std::vector<double> losses = line.losses(p, kDeltas);
        std::vector<double> each(kDeltas.size() * examples);
        line.example_losses(p, kDeltas, each);
        for (std::size_t m = 0; m < kDeltas.size(); ++m) {
          std::vector<Real> at(theta);
          for (std::size_t i = 0; i < at.size(); ++i) at[i] += static_cast<Real>(kDeltas[m]) * p[i];
          EXPECT_NEAR(losses[m] / mlp.loss(at, Batch{}), 1, tolerance) << from << " " << to;
          std::vector<double> expected(examples);
          mlp.example_losses(at, Batch{}, expected);
          const std::vector<double> own(
              each.begin() + static_cast<std::ptrdiff_t>(m * examples),
              each.begin() + static_cast<std::ptrdiff_t>((m + 1) * examples));
          EXPECT_LT(reference::relative_distance(own, expected), 10 * tolerance);
        }
      }
    }
  }
}

TEST(LossLine, IsTheLossAtTheMovedPointInEveryLayer) {
  // 101 examples: padding in the last vector.
  for (const char* activation : {"relu", "tanh", "gelu", "identity"}) {
    const Problem problem({70, 9, 8, 7, 5}, 101, activation, "cross-entropy", true, 0.01);
    expect_whole_forwards<double>(problem, 1e-12);
    expect_whole_forwards<float>(problem, 2e-5);
  }
  expect_whole_forwards<double>(Problem({6, 9, 5}, 700, "relu", "mse", false), 1e-12);
}

TEST(LossLine, SlopesAreTheGradientsOfExamplesAlongTheDirection) {
  for (const char* activation : {"relu", "tanh", "gelu"}) {
    const Problem problem({11, 9, 8, 7, 5}, 101, activation);
    Mlp<double> mlp = problem.build<double>();
    const std::vector<double> theta = problem.theta();
    LossLine<double> line(mlp, theta);
    for (const std::size_t from : {0, 1, 3}) {
      for (const std::size_t to : {from, std::size_t{3}}) {
        const std::vector<double> p = direction_in(mlp, from, to);
        std::vector<double> at(theta);
        for (std::size_t i = 0; i < at.size(); ++i) at[i] += 0.3 * p[i];
        std::vector<double> losses(101), slopes(101), expected(101);
        line.example_slopes(p, 0.3, losses, slopes);
        mlp.example_gradients(
            at, Batch{}, [&](std::int64_t first, std::int64_t rows, std::span<const double> g) {
              for (std::int64_t r = 0; r < rows; ++r) {
                double sum = 0;
                for (std::size_t i = 0; i < p.size(); ++i)
                  sum += g[static_cast<std::size_t>(r) * p.size() + i] * p[i];
                expected[static_cast<std::size_t>(first + r)] = sum;
              }
            });
        EXPECT_LT(reference::relative_distance(slopes, expected), 1e-12) << activation << from;
        std::vector<double> plain(101);
        mlp.example_losses(at, Batch{}, plain);
        EXPECT_LT(reference::relative_distance(losses, plain), 1e-12);
      }
    }
  }
}

TEST(LossLine, OtherObjectivesAreEvaluatedPointByPoint) {
  Quadratic<double> quadratic({.stiffness = {2.0, 3.0}, .soft = 1});
  const std::vector<double> theta{1.0, 0.0, 5.0}, p{0.0, 1.0, 1.0};
  LossLine<double> line(quadratic, theta);
  const std::vector<double> losses = line.losses(p, kDeltas);
  for (std::size_t m = 0; m < kDeltas.size(); ++m)
    EXPECT_NEAR(losses[m], 1 + 1.5 * kDeltas[m] * kDeltas[m], 1e-12);
  std::vector<double> each(2), slopes(2);
  line.example_slopes(p, 0.5, each, slopes);
  EXPECT_NEAR(each[1], 2 * 1.5 * 0.25, 1e-12);
  EXPECT_NEAR(slopes[1], 2 * 3 * 0.5, 1e-12);
  EXPECT_NEAR(slopes[0], 0, 1e-12);
  EXPECT_THROW((void)line.losses(std::vector<double>{1.0}, kDeltas), Error);
}

TEST(Profile, QuadraticLossHasTheWidthOfItsParabola) {
  // L = L0 + ½ k δ² with L0 = 1: L = e at δ = √(2(e-1)/k); ln L = ln(1 + ½ k δ²) is no parabola.
  constexpr double kStiffness = 3e4;
  Quadratic<double> quadratic({.stiffness = {2.0, kStiffness}});
  const std::vector<double> theta{1.0, 0.0}, p{0.0, 1.0};
  LossLine<double> line(quadratic, theta);
  const Profile wide = loss_profile<double>(line, p);
  EXPECT_EQ(wide.status, Status::ok);
  const double width = 2 * std::sqrt(2 * (std::exp(1.0) - 1) / kStiffness);
  // ln L is straight between the 41 points: off by less than the square of their distance.
  EXPECT_NEAR(wide.flatness.width.value / width, 1, 2e-3);
  // The two sides end where interpolation puts them, not quite equally far.
  EXPECT_NEAR(wide.slope.value * width, 0, 0.01);
  // Close to the minimum the curvature of ln L is that of L over L0.
  const Profile narrow = loss_profile<double>(line, p, {.rise = 1e-4});
  EXPECT_NEAR(narrow.curvature.value / kStiffness, 1, 1e-4);
  EXPECT_NEAR(narrow.flatness.from_curvature.value / std::sqrt(8 / kStiffness), 1, 1e-4);
  EXPECT_GT(narrow.r_squared, 1 - 1e-6);
  EXPECT_EQ(narrow.flatness.width.status, Status::undefined);
}

TEST(Profile, RangeIsFoundFromAnyGuessAndSaysWhereThereIsNone) {
  Quadratic<double> quadratic({.stiffness = {2.0, 1e-6}, .soft = 1});
  const std::vector<double> theta{1.0, 0.0, 0.0};
  LossLine<double> line(quadratic, theta);
  const std::vector<double> p{0.0, 1.0, 0.0};
  const double expected = loss_profile<double>(line, p, {.guess = 1e3}).flatness.width.value;
  for (const double guess : {1e-5, 1.0, 1e9})
    EXPECT_NEAR(
        loss_profile<double>(line, p, {.guess = guess}).flatness.width.value / expected, 1, 2e-3);
  const Profile flat = loss_profile<double>(line, std::vector<double>{0.0, 0.0, 1.0});
  EXPECT_EQ(flat.status, Status::not_converged);
  EXPECT_EQ(flat.flatness.width.status, Status::undefined);
  const std::vector<double> minimum{0.0, 0.0, 0.0};
  LossLine<double> bottom(quadratic, minimum);
  EXPECT_THROW((void)loss_profile<double>(bottom, p), Error);
}

TEST(Profile, ParabolaIsRecovered) {
  std::vector<double> delta, rise;
  for (int i = -8; i <= 8; ++i) {
    delta.push_back(0.01 * i);
    rise.push_back(-2.5 * delta.back() + 0.5 * 400 * delta.back() * delta.back());
  }
  const ParabolaFit fit = fit_parabola(delta, rise, 1);
  EXPECT_NEAR(fit.slope.value, -2.5, 1e-9);
  EXPECT_NEAR(fit.curvature.value, 400, 1e-7);
  EXPECT_EQ(fit_parabola(delta, rise, -1).curvature.status, Status::too_short);
}

}  // namespace
}  // namespace thermoscape
