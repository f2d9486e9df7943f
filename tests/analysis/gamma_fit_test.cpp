#include "thermoscape/analysis/gamma_fit.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include "analysis/synthetic.hpp"

namespace thermoscape::analysis {
namespace {

using testing::Coverage;
using testing::quadratic_loss;

std::vector<double> gamma_draws(std::size_t n, double shape, double rate, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::gamma_distribution<double> law(shape, 1 / rate);
  std::vector<double> out(n);
  for (double& x : out) x = law(engine);
  return out;
}

TEST(GammaFit, ReferenceValue) {  // computed independently in extended precision
  const GammaFit fit = gamma_fit(std::vector<double>{0.5, 1.0, 1.5, 2.5, 4.0});
  EXPECT_NEAR(fit.shape.value, 2.2456722585245994, 1e-12);
  EXPECT_NEAR(fit.rate.value, 1.1819327676445261, 1e-12);
  EXPECT_NEAR(fit.constrained.value, 4.491344517049199, 1e-12);
}

TEST(GammaFit, ShapeSolvesItsEquation) {
  for (const double shape : {1e-3, 0.1, 0.5, 1.0, 7.5, 100.0, 1e4}) {
    const double s = std::log(shape) - boost::math::digamma(shape);
    // s is about 1/(2α), a difference of numbers of size ln α: rounding of s here and in the
    // solver, 2α ε ln α each.
    EXPECT_NEAR(gamma_shape(s) / shape, 1, 1e-13 + 4 * 2.2e-16 * shape * std::log(shape + 2))
        << shape;
  }
  EXPECT_THROW((void)gamma_shape(0), Error);
}

TEST(GammaFit, IndependentDrawsHaveFisherErrors) {
  constexpr double kShape = 5, kRate = 2;
  constexpr std::size_t kDraws = 200000;
  const GammaFit fit = gamma_fit(gamma_draws(kDraws, kShape, kRate, 1));
  // Inverse Fisher information: var α = α / (n(αψ' - 1)),  var β = β²ψ' / (n(αψ' - 1)).
  const double trigamma = boost::math::trigamma(kShape);
  const double base = 1 / (static_cast<double>(kDraws) * (kShape * trigamma - 1));
  EXPECT_NEAR(fit.shape.standard_error / std::sqrt(kShape * base), 1, 0.05);
  EXPECT_NEAR(fit.rate.standard_error / std::sqrt(kRate * kRate * trigamma * base), 1, 0.05);
  EXPECT_NEAR(fit.shape.value, kShape, 4 * fit.shape.standard_error);
  EXPECT_NEAR(fit.rate.value, kRate, 4 * fit.rate.standard_error);
}

TEST(GammaFit, RecoversACorrelatedQuadraticMinimum) {
  constexpr double kTemperature = 1e-4;
  for (const int stiff : {2, 8}) {
    Coverage shape, rate;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const GammaFit fit = gamma_fit(quadratic_loss(6000, stiff, 0.85, kTemperature, 1 + seed));
      EXPECT_EQ(fit.shape.status, Status::ok);
      shape.add(fit.constrained, stiff);
      rate.add(fit.rate, 1 / kTemperature);
    }
    shape.expect_honest("N_c");
    rate.expect_honest("rate");
  }
}

TEST(GammaFit, DistanceEqualsTheDirectOne) {
  std::vector<double> x = gamma_draws(2000, 3, 1, 2);
  const GammaFit fit = gamma_fit(x);
  std::sort(x.begin(), x.end());
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double law = boost::math::gamma_p(fit.shape.value, fit.rate.value * x[i]);
    distance = std::max({distance,
                         law - static_cast<double>(i) / 2000.0,
                         static_cast<double>(i + 1) / 2000.0 - law});
  }
  EXPECT_NEAR(fit.goodness.distance, distance, 1e-14);
}

TEST(GammaFit, GoodnessTellsGammaFromOtherLaws) {
  int rejected = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    rejected +=
        gamma_fit(quadratic_loss(5000, 6, 0.8, 1, 500 + seed)).goodness.p_value < 0.05 ? 1 : 0;
  }
  EXPECT_LE(rejected, 5);  // conservative with fitted parameters: fewer than 5% of 50, up to noise
  // 1 + z⁴/5 is no Gamma law: at 20000 independent draws the distance is plain.
  std::vector<double> other = testing::normals(20000, 3);
  for (double& v : other) v = 1 + 0.2 * v * v * v * v;
  const GammaFit fit = gamma_fit(other);
  EXPECT_LT(fit.goodness.p_value, 1e-6);
  EXPECT_NEAR(fit.goodness.effective_samples, 20000, 3000);
}

TEST(GammaFit, RefusesWhatNoGammaGives) {
  const GammaFit zero = gamma_fit(std::vector<double>{1, 2, 0, -1});
  EXPECT_EQ(zero.shape.status, Status::out_of_range);
  EXPECT_EQ(zero.not_positive, 2);
  EXPECT_EQ(gamma_fit(std::vector<double>(10, 2.0)).shape.status, Status::undefined);
  EXPECT_EQ(gamma_fit(std::vector<double>{1}).rate.status, Status::undefined);
  EXPECT_EQ(gamma_fit(std::vector<double>{1, std::nan("")}).rate.status, Status::diverged);
}

}  // namespace
}  // namespace thermoscape::analysis
