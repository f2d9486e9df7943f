#include "thermoscape/analysis/slq.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "analysis/known_spectrum.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

using namespace thermoscape::testing;

double moment(const std::vector<double>& spectrum, int power) {
  double sum = 0;
  for (const double one : spectrum) sum += std::pow(one, power);
  return sum / static_cast<double>(spectrum.size());
}

double total(const SpectralDensity& density, std::size_t probe) {
  return density.weights[probe].sum() +
         static_cast<double>(density.spikes.size()) / static_cast<double>(density.size);
}

// Twelve steps are exact for powers up to 23, so the spread over probes is the whole error: 4
// standard errors of 40 probes.
TEST(Slq, moments_are_those_of_the_spectrum_within_their_errors) {
  const std::vector<double> spectrum = like_a_hessian(200);
  const SpectralDensity density =
      slq(operator_of(with_spectrum(spectrum)), Noise(5), {.probes = 40, .steps = 12});
  EXPECT_EQ(density.status, Status::ok);
  EXPECT_EQ(density.products, 40 * 12);
  for (const int power : {1, 2, 3, 4}) {
    const Estimate found = density.mean_of([&](double x) { return std::pow(x, power); });
    ASSERT_EQ(found.status, Status::ok);
    EXPECT_NEAR(found.value, moment(spectrum, power), 4 * found.standard_error);
    EXPECT_GT(found.standard_error, 0);
  }
  for (std::size_t p = 0; p < density.nodes.size(); ++p) EXPECT_NEAR(total(density, p), 1, 1e-12);
}

// Error bars that mean something: over 300 seeds, the share of the true values within 2 standard
// errors of 10 probes is that of Student's t with 9 degrees of freedom, 0.923; four binomial
// standard errors are 0.062. The law of the draws is not quite normal, for which 0.03 more.
TEST(Slq, error_bars_cover_the_truth_as_often_as_they_say) {
  const std::vector<double> spectrum = like_a_hessian(60);
  const LinearOperator a = operator_of(with_spectrum(spectrum));
  const auto smooth = [](double x) { return 1 / (1 + x * x); };
  double truth = 0;
  for (const double one : spectrum) truth += smooth(one) / 60;
  int covered = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const SpectralDensity density = slq(a, Noise(seed), {.probes = 10, .steps = 25});
    const Estimate found = density.mean_of(smooth);
    covered += std::abs(found.value - truth) <= 2 * found.standard_error;
  }
  EXPECT_NEAR(covered / 300.0, 0.923, 0.062 + 0.03);
}

TEST(Slq, known_pairs_are_taken_out_and_sharpen_the_rest) {
  const std::vector<double> spectrum = like_a_hessian(200);
  const LinearOperator a = operator_of(with_spectrum(spectrum));
  const Eigenpairs known = lanczos(a, Noise(3), {.count = 10});
  const SlqOptions options{.probes = 20, .steps = 30};
  const SpectralDensity plain = slq(a, Noise(5), options);
  const SpectralDensity deflated = slq(a, Noise(5), options, &known);
  EXPECT_EQ(deflated.spikes.size(), 10);
  for (std::size_t p = 0; p < 20; ++p) {
    EXPECT_NEAR(total(deflated, p), 1, 1e-12);
    EXPECT_LT(deflated.nodes[p].maxCoeff(), spectrum[9]) << "an outlier came back";
  }
  const auto square = [](double x) { return x * x; };
  const Estimate before = plain.mean_of(square);
  const Estimate after = deflated.mean_of(square);
  EXPECT_NEAR(after.value, moment(spectrum, 2), 4 * after.standard_error);
  EXPECT_LT(after.standard_error, 0.1 * before.standard_error);
}

TEST(Slq, does_not_depend_on_how_probes_are_grouped) {
  const LinearOperator a = operator_of(with_spectrum(like_a_hessian(80)));
  const SpectralDensity one = slq(a, Noise(5), {.probes = 5, .steps = 10, .together = 1});
  const SpectralDensity all = slq(a, Noise(5), {.probes = 5, .steps = 10});
  for (std::size_t p = 0; p < 5; ++p) EXPECT_LT((one.nodes[p] - all.nodes[p]).norm(), 1e-10);
}

TEST(Slq, small_multiple_and_broken_operators) {
  const SpectralDensity point = slq(operator_of(2 * Matrix::Identity(9, 9)), Noise(5));
  for (const Vector& nodes : point.nodes) {
    ASSERT_EQ(nodes.size(), 1) << "one step exhausts the Krylov space of a multiple of 1";
    EXPECT_NEAR(nodes[0], 2, 1e-14);
  }
  EXPECT_NEAR(point.mean_of([](double x) { return x; }).value, 2, 1e-14);
  const SpectralDensity single = slq(operator_of(Matrix::Constant(1, 1, -3)), Noise(5));
  EXPECT_NEAR(single.mean_of([](double x) { return x; }).value, -3, 1e-14);
  const SpectralDensity zero = slq(operator_of(Matrix::Zero(9, 9)), Noise(5));
  EXPECT_EQ(zero.mean_of([](double x) { return x * x; }).value, 0);
  const SpectralDensity broken =
      slq(failing_after(with_spectrum(like_a_hessian(80)), 30), Noise(5), {.together = 2});
  EXPECT_EQ(broken.status, Status::diverged);
  EXPECT_EQ(broken.mean_of([](double x) { return x; }).status, Status::diverged);
  EXPECT_THROW(static_cast<void>(slq(operator_of(Matrix::Zero(9, 9)), Noise(5), {.probes = 1})),
               Error);
}

TEST(Slq, an_interrupt_keeps_complete_probes) {
  SlqOptions options{.probes = 6, .steps = 10, .together = 2};
  options.look = [](std::int64_t products, std::int64_t) { return products < 50; };
  const SpectralDensity density =
      slq(operator_of(with_spectrum(like_a_hessian(80))), Noise(5), options);
  EXPECT_TRUE(density.interrupted);
  EXPECT_EQ(density.nodes.size(), 4U);
}

// A Gaussian of width w adds w² to the second central moment; the grid ends 4 w beyond the last
// node, where 3e-5 of its weight is missing.
TEST(Slq, curves_hold_the_weight_and_the_mean_of_the_body) {
  const std::vector<double> spectrum = like_a_hessian(200);
  const SpectralDensity density = exact_density(
      Eigen::Map<const Vector>(spectrum.data(), static_cast<Eigen::Index>(spectrum.size())), 10);
  EXPECT_EQ(density.spikes.size(), 10);
  EXPECT_EQ(density.mean_of([](double x) { return x; }).standard_error, 0);
  EXPECT_NEAR(density.mean_of([](double x) { return x; }).value, moment(spectrum, 1), 1e-14);
  const DensityCurve curve = density_of_value(density, 4000);
  const double step = curve.x[1] - curve.x[0];
  const double weight = step * std::accumulate(curve.density.begin(), curve.density.end(), 0.0);
  EXPECT_NEAR(weight, 190.0 / 200, 1e-4);
  double first = 0;
  for (std::size_t i = 0; i < curve.x.size(); ++i) first += step * curve.x[i] * curve.density[i];
  double body = 0;
  for (std::size_t i = 10; i < 200; ++i) body += spectrum[i] / 200;
  EXPECT_NEAR(first, body, 1e-4);
}

TEST(Slq, the_logarithmic_curve_holds_either_sign) {
  const std::vector<double> spectrum{10, 1, 0.1, -1, 1e-9};
  const SpectralDensity density = exact_density(Eigen::Map<const Vector>(spectrum.data(), 5), 0);
  const auto weight = [](const DensityCurve& curve) {
    double sum = 0;
    for (std::size_t i = 1; i < curve.x.size(); ++i) {
      sum += curve.density[i] * std::log10(curve.x[i] / curve.x[i - 1]);
    }
    return sum;
  };
  EXPECT_NEAR(weight(density_of_logarithm(density, 1, 1e-4, 3000)), 0.6, 1e-3);
  EXPECT_NEAR(weight(density_of_logarithm(density, -1, 1e-4, 3000)), 0.2, 1e-3);
  EXPECT_TRUE(density_of_logarithm(density, -1, 2, 100).x.empty());
}

}  // namespace
}  // namespace thermoscape::analysis
