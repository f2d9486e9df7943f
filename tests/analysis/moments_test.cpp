#include "thermoscape/analysis/moments.hpp"

#include "analysis/synthetic.hpp"

namespace thermoscape::analysis {
namespace {

using testing::Coverage;
using testing::quadratic_loss;

// Gamma(α, 1/T): mean αT, variance αT², skewness 2/√α, kurtosis 3 + 6/α.
TEST(Moments, CoverThoseOfACorrelatedGamma) {
  constexpr int kStiff = 8;
  constexpr double kShape = kStiff / 2.0, kTemperature = 1e-3;
  Coverage mean, variance, deviation, skewness, kurtosis;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Moments m = moments(quadratic_loss(10000, kStiff, 0.8, kTemperature, 1 + seed));
    mean.add(m.mean, kShape * kTemperature);
    variance.add(m.variance, kShape * kTemperature * kTemperature);
    deviation.add(m.standard_deviation, std::sqrt(kShape) * kTemperature);
    skewness.add(m.skewness, 2 / std::sqrt(kShape));
    kurtosis.add(m.kurtosis, 3 + 6 / kShape);
  }
  mean.expect_honest("mean");
  variance.expect_honest("variance");
  deviation.expect_honest("standard deviation");
  // Sixth and eighth moments rule these errors: their law is skewed at 2000 effective samples.
  skewness.expect_honest("skewness", 0.08);
  kurtosis.expect_honest("kurtosis", 0.15);
}

TEST(Moments, OfAKnownSequence) {
  std::vector<double> x;
  for (int i = 0; i < 100; ++i) x.push_back(i % 2 == 0 ? 1 : 3);
  const Moments m = moments(x);
  EXPECT_DOUBLE_EQ(m.mean.value, 2);
  EXPECT_NEAR(m.skewness.value, 0, 1e-12);
  EXPECT_NEAR(m.kurtosis.value, 1, 1e-12);
  EXPECT_NEAR(m.variance.value, 1, 0.6);  // 1 up to the correction for few independent samples
}

TEST(Moments, Degenerate) {
  const Moments constant = moments(std::vector<double>(50, 0.1));
  EXPECT_EQ(constant.standard_deviation.value, 0);
  EXPECT_EQ(constant.standard_deviation.status, Status::ok);
  EXPECT_EQ(constant.skewness.status, Status::undefined);
  EXPECT_EQ(moments({}).variance.status, Status::undefined);
}

}  // namespace
}  // namespace thermoscape::analysis
