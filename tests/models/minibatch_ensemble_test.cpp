#include "thermoscape/models/minibatch_ensemble.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/minibatch_sgd.hpp"

namespace thermoscape {
namespace {

const std::vector<double> kSlopes{0.5, 1.5, 1.0, 1.2, 0.8};
const std::vector<double> kOffsets{-0.4, 0.3, 1.1, -0.2, 0.7};

CubicExamples linear_examples() {
  CubicExamples examples;
  for (std::size_t i = 0; i < kSlopes.size(); ++i)
    examples.coefficients.push_back({-kOffsets[i], kSlopes[i], 0, 0});
  return examples;
}

double variance(std::span<const double> x) {
  double mean = 0;
  double square = 0;
  for (const double one : x) {
    mean += one / static_cast<double>(x.size());
    square += one * one / static_cast<double>(x.size());
  }
  return square - mean * mean;
}

TEST(MinibatchEnsemble, HasTheExactVarianceOfLinearSteps) {
  // Independent paths: the error of a variance is about √(2/M), 0.7 %; five of them.
  const std::size_t paths = 40000;
  for (const auto& [rate, batch] : {std::pair{0.3, 2}, std::pair{0.8, 8}}) {
    MinibatchEnsemble ensemble(
        linear_examples(), rate, batch, Noise(3), std::vector<double>(paths, 0.3));
    ensemble.advance(60);
    const auto exact = theory::minibatch_sgd({kSlopes, kOffsets}, rate, batch);
    EXPECT_NEAR(variance(ensemble.positions()) / exact.discrete_variance.value,
                1,
                5 * std::sqrt(2.0 / static_cast<double>(paths)));
  }
}

TEST(MinibatchEnsemble, TwoRunsOfStepsAreOneLongRun) {
  MinibatchEnsemble whole(linear_examples(), 0.2, 3, Noise(5), {0.1, 0.5});
  MinibatchEnsemble parts(linear_examples(), 0.2, 3, Noise(5), {0.1, 0.5});
  whole.advance(20);
  parts.advance(7);
  parts.advance(13);
  EXPECT_EQ(whole.positions()[1], parts.positions()[1]);
}

TEST(MinibatchEnsemble, SaysWhenItDiverges) {
  MinibatchEnsemble ensemble(linear_examples(), 1e3, 1, Noise(5), {0.1});
  ensemble.advance(5000);
  EXPECT_EQ(ensemble.status(), Status::diverged);
}

TEST(CubicLandscape, IsTheMeanAndTheVarianceOfTheGradients) {
  CubicExamples examples{{{0.1, -0.5, 0.2, 1}, {0.4, 0.5, -0.1, 0.3}, {-0.2, 0.1, 0.7, 0.6}}};
  const theory::Landscape landscape = cubic_landscape(examples);
  for (const double theta : {-1.3, 0.0, 0.4, 2.0}) {
    double mean = 0;
    double square = 0;
    std::vector<double> g;
    for (const auto& c : examples.coefficients)
      g.push_back(c[0] + c[1] * theta + c[2] * theta * theta + c[3] * theta * theta * theta);
    for (const double one : g) {
      mean += one / 3;
      square += one * one / 3;
    }
    EXPECT_NEAR(landscape.slope(theta), mean, 1e-13);
    EXPECT_NEAR(landscape.noise(theta), square - mean * mean, 1e-12);
    double third = 0;
    for (const double one : g) third += std::pow(one - mean, 3) / 3;
    EXPECT_NEAR(third_cumulant(examples, theta), third, 1e-12);
    const double h = 1e-4;
    const auto slope_of = [&](const theory::Landscape::Function& f) {
      return (f(theta + h) - f(theta - h)) / (2 * h);
    };
    EXPECT_NEAR(slope_of(landscape.loss), landscape.slope(theta), 1e-6);
    EXPECT_NEAR(slope_of(landscape.slope), landscape.curvature(theta), 1e-6);
    EXPECT_NEAR(slope_of(landscape.noise), landscape.noise_slope(theta), 1e-5);
    EXPECT_NEAR(slope_of(landscape.noise_slope), landscape.noise_curvature(theta), 1e-5);
  }
}

TEST(CubicLandscape, RefusesNothing) {
  EXPECT_THROW((void)cubic_landscape({}), Error);
  EXPECT_THROW(MinibatchEnsemble(linear_examples(), 0.1, 0, Noise(1), {0}), Error);
}

}  // namespace
}  // namespace thermoscape
