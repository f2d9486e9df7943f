#include "thermoscape/theory/wall_effective_examples.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::theory {
namespace {

/// ⟨φ⟩ by drawing ln x evenly on (ln u, ln 60) and accepting with e^{u-x}.
struct Sampled {
  double mean = 0;
  double error = 0;
};
Sampled sampled(int walls, double log_u, int samples) {
  const Noise noise(17);
  const double u = std::exp(log_u);
  std::vector<double> uniform(4096);
  std::uint64_t block = 0;
  std::size_t next = uniform.size();
  const auto draw = [&] {
    if (next == uniform.size()) {
      noise.uniform<double>("test.uniform", block++, uniform);
      next = 0;
    }
    return uniform[next++];
  };
  double sum = 0;
  double squares = 0;
  for (int s = 0; s < samples; ++s) {
    double one = 0;
    double two = 0;
    for (int i = 0; i < walls; ++i) {
      double x = 0;
      do {
        x = std::exp(log_u + (std::log(60.0) - log_u) * draw());
      } while (draw() > std::exp(u - x));
      one += x;
      two += x * x;
    }
    const double phi = one * one / two;
    sum += phi;
    squares += phi * phi;
  }
  const double mean = sum / samples;
  return {mean, std::sqrt((squares / samples - mean * mean) / samples)};
}

TEST(WallEffectiveExamples, AgreesWithSampledWalls) {
  struct Case {
    int walls;
    double log_u;
    int samples;
  };
  for (const Case& one :
       {Case{300, -13.092, 2000}, {20, -3.0, 20000}, {50, -0.5, 4000}, {5, -6.0, 40000}}) {
    const Sampled expected = sampled(one.walls, one.log_u, one.samples);
    EXPECT_LT(expected.error, 0.006 * expected.mean);
    EXPECT_NEAR(wall_effective_examples(one.walls, one.log_u), expected.mean, 4 * expected.error)
        << one.walls << " walls";
  }
}

TEST(WallEffectiveExamples, OfTwoWallsIsADoubleIntegral) {
  // 1 + ⟨2xy/(x²+y²)⟩ by the midpoint rule in ln x and ln y.
  const double log_u = -4;
  constexpr int kSteps = 1200;
  const double width = (std::log(50.0) - log_u) / kSteps;
  std::vector<double> x(kSteps);
  std::vector<double> weight(kSteps);
  double norm = 0;
  for (int i = 0; i < kSteps; ++i) {
    x[i] = std::exp(log_u + width * (i + 0.5));
    weight[i] = std::exp(-x[i]);
    norm += weight[i];
  }
  double mean = 0;
  for (int i = 0; i < kSteps; ++i) {
    for (int j = 0; j < kSteps; ++j)
      mean += weight[i] * weight[j] * 2 * x[i] * x[j] / (x[i] * x[i] + x[j] * x[j]);
  }
  EXPECT_NEAR(wall_effective_examples(2, log_u), 1 + mean / (norm * norm), 2e-4);
}

TEST(WallEffectiveExamples, DependsOnTheRatioOfWallsAndWidthAloneInAWideBox) {
  const double gamma = 0.5772156649015329;
  const double wide = wall_effective_examples(15 * 200.0, -200 - gamma);
  const double wider = wall_effective_examples(15 * 2000.0, -2000 - gamma);
  EXPECT_NEAR(wide, wider, 0.01 * wider);
  EXPECT_GT(wide,
            16);  // Jensen: ⟨1/Σp²⟩ > 1/⟨Σp²⟩ = 1 + c for the jumps of a Gamma process with c = 15
  EXPECT_LT(wide, 18);
}

TEST(WallEffectiveExamples, RefusesFewerThanTwoWalls) {
  EXPECT_THROW((void)wall_effective_examples(1, -3), Error);
}

}  // namespace
}  // namespace thermoscape::theory
