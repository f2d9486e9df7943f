#include "thermoscape/data/generators.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "data/support.hpp"
#include "thermoscape/data/check.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::Each;
using testing::HasSubstr;

struct Moments {
  double mean = 0;
  double variance = 0;
  double fourth = 0;
};
template <class Values>
Moments moments(const Values& values) {
  Moments m;
  const double n = static_cast<double>(values.size());
  for (const auto x : values) m.mean += x / n;
  for (const auto x : values) {
    m.variance += std::pow(x - m.mean, 2) / n;
    m.fourth += std::pow(x - m.mean, 4) / n;
  }
  return m;
}

template <class Settings>
void expect_pure_and_prefix(Settings settings) {
  settings.count = 60;
  const Labelled some = generate(settings, Noise(3));
  EXPECT_EQ(digest(some), digest(generate(settings, Noise(3))));
  EXPECT_NE(digest(some), digest(generate(settings, Noise(4))));
  settings.count = 90;
  const Labelled more = generate(settings, Noise(3));
  EXPECT_TRUE(std::equal(some.inputs.begin(), some.inputs.end(), more.inputs.begin()));
  EXPECT_TRUE(std::equal(some.labels.begin(), some.labels.end(), more.labels.begin()));
  EXPECT_NO_THROW(check(more));
}

TEST(Generators, ArePureFunctionsWhoseLargerSetsBeginWithTheSmaller) {
  expect_pure_and_prefix(Gaussian{});
  expect_pure_and_prefix(Mixture{});
  expect_pure_and_prefix(Teacher{});
  expect_pure_and_prefix(Teacher{.hidden = 20, .noise = 0.3});
  expect_pure_and_prefix(Spirals{});
}

TEST(GaussianSet, HasNormalInputsAndUniformIndependentLabels) {
  const Labelled set = generate(Gaussian{.count = 20000, .dimension = 10, .classes = 4}, Noise(1));
  const double n = 200000;
  const Moments m = moments(set.inputs);
  EXPECT_NEAR(m.mean, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(m.variance, 1, 4 * std::sqrt(2 / n));
  EXPECT_NEAR(m.fourth, 3, 4 * std::sqrt(96 / n));
  for (const std::int64_t count : class_counts(set.labels, 4)) {
    EXPECT_NEAR(static_cast<double>(count), 5000, 4 * std::sqrt(20000 * 0.25 * 0.75));
  }
  // Correlation of label and each input: standard error 1/√D.
  for (std::size_t j = 0; j < 10; ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < 20000; ++i) sum += (set.labels[i] - 1.5) * set.inputs[10 * i + j];
    EXPECT_NEAR(sum / 20000 / std::sqrt(1.25), 0, 4 / std::sqrt(20000.0));
  }
}

TEST(MixtureSet, SpreadsAroundOneCentreAClass) {
  constexpr double kSpread = 0.5;
  const Labelled set =
      generate(Mixture{.count = 30000, .dimension = 5, .classes = 3, .spread = kSpread}, Noise(2));
  EXPECT_THAT(class_counts(set.labels, 3), Each(10000));
  // With no spread the inputs are the centres themselves.
  const Labelled centres =
      generate(Mixture{.count = 3, .dimension = 5, .classes = 3, .spread = 0}, Noise(2));
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t j = 0; j < 5; ++j) {
      std::vector<double> around;
      for (std::size_t i = k; i < 30000; i += 3)
        around.push_back(set.inputs[5 * i + j] - centres.inputs[5 * k + j]);
      const Moments m = moments(around);
      EXPECT_NEAR(m.mean, 0, 4.5 * kSpread / 100);
      EXPECT_NEAR(m.variance, kSpread * kSpread, 4.5 * kSpread * kSpread * std::sqrt(2 / 10000.0));
    }
  }
  // Centres are N(0, 1) themselves.
  const Moments m = moments(
      generate(Mixture{.count = 2000, .dimension = 10, .classes = 2000, .spread = 0}, Noise(2))
          .inputs);
  EXPECT_NEAR(m.mean, 0, 4 / std::sqrt(20000.0));
  EXPECT_NEAR(m.variance, 1, 4 * std::sqrt(2 / 20000.0));
}

/// Share of labels that the sign of the best direction found by averaging explains (two classes).
double agreement_with_mean_direction(const Labelled& set) {
  const auto d = static_cast<std::size_t>(set.width());
  std::vector<double> direction(d, 0.0);
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    for (std::size_t j = 0; j < d; ++j)
      direction[j] += (2 * set.labels[i] - 1) * set.inputs[i * d + j];
  }
  double right = 0;
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    double z = 0;
    for (std::size_t j = 0; j < d; ++j) z += direction[j] * set.inputs[i * d + j];
    right += (z > 0) == (set.labels[i] == 1) ? 1 : 0;
  }
  return right / static_cast<double>(set.size());
}

TEST(TeacherSet, NoiseFlipsLabelsAsTheArcCosineLawSays) {
  Teacher settings{.count = 40000, .dimension = 20, .classes = 2};
  const Labelled clean = generate(settings, Noise(7));
  // Two linear logits differ by w·x, so labels are a half-space and the mean direction recovers it.
  EXPECT_GT(agreement_with_mean_direction(clean), 0.98);
  settings.noise = 0.5;
  const Labelled noisy = generate(settings, Noise(7));
  double flipped = 0;
  for (std::size_t i = 0; i < clean.labels.size(); ++i)
    flipped += clean.labels[i] != noisy.labels[i] ? 1 : 0;
  flipped /= 40000;
  // P(flip) = arccos(ρ)/π with ρ = |w| / √(|w|² + 2σ²), w = w₁ - w₀. |w| is drawn: |w|² = 2 χ²_20 /
  // 20, so σ_w is bounded by five deviations of χ²_20; between the two probabilities lies the one
  // seen.
  const auto probability = [](double square) {
    return std::acos(std::sqrt(square / (square + 2 * 0.25))) / std::numbers::pi;
  };
  EXPECT_LT(flipped, probability(2 * 0.35));
  EXPECT_GT(flipped, probability(2 * 2.2));
}

TEST(TeacherSet, NetworkLogitsHaveUnitVarianceAsTheNoiseShows) {
  Teacher settings{.count = 3000, .dimension = 200, .classes = 2, .hidden = 300};
  const Labelled clean = generate(settings, Noise(1));
  settings.noise = 0.5;
  const Labelled noisy = generate(settings, Noise(1));
  double flipped = 0;
  for (std::size_t i = 0; i < clean.labels.size(); ++i)
    flipped += clean.labels[i] != noisy.labels[i] ? 1.0 / 3000 : 0;
  // Logits of variance 1 each: P(flip) = arccos(1 / √(1 + σ²)) / π = 0.148, ± 0.0065 of counting
  // and ± 0.006 since the variance of one teacher varies by √(2/200). Without the normalisation of
  // tanh it would be 0.215.
  EXPECT_NEAR(flipped, std::acos(1 / std::sqrt(1.25)) / std::numbers::pi, 4 * 0.009);
  EXPECT_THAT(clean.steps.back(), HasSubstr("tanh network of 300 hidden units"));
}

TEST(SpiralSet, PointsLieOnTheirArms) {
  const Labelled set =
      generate(Spirals{.count = 20000, .classes = 2, .turns = 1.5, .spread = 0}, Noise(1));
  double square = 0;
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    const double x = set.inputs[2 * i], y = set.inputs[2 * i + 1];
    const double radius = std::hypot(x, y) / 2;
    EXPECT_LE(radius, 1 + 1e-6);
    const double turned = std::numbers::pi * (3 * radius + set.labels[i]);
    ASSERT_NEAR(x, 2 * radius * std::cos(turned), 1e-5);
    ASSERT_NEAR(y, 2 * radius * std::sin(turned), 1e-5);
    square += radius * radius;
  }
  // r² = u is uniform on (0, 1).
  EXPECT_NEAR(square / 20000, 0.5, 4 * std::sqrt(1 / 12.0 / 20000));
  const Labelled blurred =
      generate(Spirals{.count = 20000, .classes = 2, .turns = 1.5, .spread = 0.1}, Noise(1));
  std::vector<double> offsets;
  for (std::size_t i = 0; i < set.inputs.size(); ++i)
    offsets.push_back(blurred.inputs[i] - set.inputs[i]);
  EXPECT_NEAR(moments(offsets).variance, 0.01, 4 * 0.01 * std::sqrt(2 / 40000.0));
}

TEST(Generators, RefuseImpossibleSettings) {
  const auto refusal = [](auto settings) {
    return complaint([&] { (void)generate(settings, Noise(1)); });
  };
  EXPECT_THAT(refusal(Gaussian{.count = 0}), HasSubstr("gaussian.count = 0"));
  EXPECT_THAT(refusal(Gaussian{.dimension = 0}), HasSubstr("gaussian.dimension = 0"));
  EXPECT_THAT(refusal(Mixture{.classes = 0}), HasSubstr("mixture.classes = 0"));
  EXPECT_THAT(refusal(Mixture{.spread = -1}), HasSubstr("mixture.spread = -1"));
  EXPECT_THAT(refusal(Teacher{.hidden = -1}), HasSubstr("teacher.hidden = -1"));
  EXPECT_THAT(refusal(Teacher{.noise = std::numeric_limits<double>::quiet_NaN()}),
              HasSubstr("teacher.noise = nan"));
  EXPECT_THAT(refusal(Spirals{.turns = 0}), HasSubstr("spirals.turns = 0"));
}

}  // namespace
}  // namespace thermoscape::data
