#include "thermoscape/experiments/probes.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

constexpr std::int64_t kSize = 6;

/// A look at a state that has moved by i + 1 along coordinate i.
struct Moved {
  Quadratic<double> objective{QuadraticSettings{{1, 2, 3, 4, 5, 6}, 0}};
  GradientSource<double> source{objective};
  State<double> state;
  std::vector<double> origin = std::vector<double>(kSize, 0.5);

  Moved() {
    source.open(Batch{});
    for (std::int64_t i = 0; i < kSize; ++i)
      state.theta.push_back(0.5 + static_cast<double>(i) + 1.0);
  }
  std::vector<double> measure(const RecordSettings& settings, std::uint64_t seed) {
    Probe<double> probe =
        make_probe<double>(settings, objective, Schedule({.every = 1}, 1, 1), {}, Noise(seed));
    std::vector<double> numbers(probe.width);
    Look<double> look{source, state, origin};
    probe.measure(look, numbers);
    return numbers;
  }
};

double squares(const std::vector<double>& x) {
  double sum = 0;
  for (const double one : x) sum += one * one;
  return sum;
}

TEST(Probes, ProjectionsOnAWholeBasisKeepTheLength) {
  Moved moved;
  const double length = moved.measure({"displacement", {}, 10}, 1).front();
  EXPECT_NEAR(length, std::sqrt(91.0), 1e-12);  // Σ i² for i = 1 ... 6
  EXPECT_NEAR(squares(moved.measure({"projections", {}, kSize}, 1)), 91.0, 1e-11);
}

TEST(Probes, ProjectionsOnAFewDirectionsAreAPartOfIt) {
  Moved moved;
  const std::vector<double> two = moved.measure({"projections", {}, 2}, 1);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_LT(squares(two), 91.0);
  EXPECT_GT(squares(two), 0.0);
}

TEST(Probes, ProjectionsDependOnTheNoiseAlone) {
  Moved a;
  Moved b;
  EXPECT_EQ(a.measure({"projections", {}, 3}, 7), b.measure({"projections", {}, 3}, 7));
  EXPECT_NE(a.measure({"projections", {}, 3}, 7), b.measure({"projections", {}, 3}, 8));
}

TEST(Probes, MoreDirectionsThanParametersAreRefused) {
  Moved moved;
  EXPECT_THROW(moved.measure({"projections", {}, kSize + 1}, 1), Error);
}

TEST(Probes, LossAndEffectiveExamplesOfAQuadratic) {
  Moved moved;
  double loss = 0;
  double sum = 0;
  double sum_of_squares = 0;
  for (std::int64_t i = 0; i < kSize; ++i) {
    const double mode =
        0.5 * static_cast<double>(i + 1) * std::pow(static_cast<double>(i) + 1.5, 2);
    loss += mode;
    sum += mode;
    sum_of_squares += mode * mode;
  }
  EXPECT_NEAR(moved.measure({"loss", {}, 10}, 1).front(), loss, 1e-12 * loss);
  EXPECT_NEAR(
      moved.measure({"effective_examples", {}, 10}, 1).front(), sum * sum / sum_of_squares, 1e-12);
}

}  // namespace
}  // namespace thermoscape
