#include "thermoscape/theory/softplus_wall.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/hypergeometric_pFq.hpp>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/exponential_wall.hpp"

namespace thermoscape::theory {
namespace {

std::vector<SoftplusWall> walls() {
  std::vector<SoftplusWall> all;
  for (const double a : {0.4, 1.0, 3.0}) {
    for (const double b : {-2.0, 0.0, 1.5}) {
      for (const double cutoff : {0.5, 6.0, 25.0}) {
        for (const double t : {1e-5, 1e-2, 0.5, 7.0}) all.push_back({a, b, cutoff, t, 1});
      }
    }
  }
  return all;
}

double loss_at(const SoftplusWall& w, double theta) {
  const double z = w.steepness * theta + w.offset;
  return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
}

/// ∫ g(θ) e^{-(ℓ-ℓ_0)/T} dθ over θ >= -θ*, in θ itself.
template <class G>
double integral(const SoftplusWall& w, const G& g) {
  const double bottom = loss_at(w, -w.cutoff);
  const double highest = bottom + 60 * w.temperature;  // where the weight is e^{-60}
  const double z = highest > 30 ? highest : std::log(std::expm1(highest));
  const double top = (z - w.offset) / w.steepness;
  using Rule = boost::math::quadrature::gauss<double, 20>;
  constexpr int kPieces = 200;
  const double width = (top + w.cutoff) / kPieces;
  double sum = 0;
  for (int i = 0; i < kPieces; ++i) {
    const double left = -w.cutoff + i * width;
    sum += Rule::integrate(
        [&](double theta) {
          return g(theta) * std::exp(-(loss_at(w, theta) - bottom) / w.temperature);
        },
        left,
        left + width);
  }
  return sum;
}

TEST(SoftplusWallTheory, statistics_are_the_integrals) {
  for (const SoftplusWall& w : walls()) {
    SCOPED_TRACE(testing::Message() << "a " << w.steepness << " b " << w.offset << " cutoff "
                                    << w.cutoff << " T " << w.temperature);
    const SoftplusStatistics s = softplus_statistics(w);
    const double zero = integral(w, [](double) { return 1.0; });
    const double mean = integral(w, [&](double x) { return loss_at(w, x); }) / zero;
    const double variance = integral(w,
                                     [&](double x) {
                                       const double d = loss_at(w, x) - mean;
                                       return d * d;
                                     }) /
                            zero;
    const double curvature = integral(w,
                                      [&](double x) {
                                        const double z = w.steepness * x + w.offset;
                                        const double c = std::cosh(z / 2);
                                        return w.steepness * w.steepness / (4 * c * c);
                                      }) /
                             zero;
    EXPECT_NEAR(s.mean, mean, 1e-10 * mean);
    EXPECT_NEAR(s.variance, variance, 1e-9 * variance);
    EXPECT_NEAR(s.curvature, curvature, 1e-9 * curvature);
    const double bottom = loss_at(w, -w.cutoff);
    EXPECT_NEAR(s.log_partition,
                std::log(zero) - bottom / w.temperature,
                1e-10 * (1 + std::abs(s.log_partition)));
    EXPECT_NEAR(s.entropy,
                s.log_partition + s.mean / w.temperature,
                1e-10 * (1 + std::abs(s.log_partition)));
  }
}

/// aZ = (s_0^β/β) ₂F₁(β,1;β+1;s_0), where the series converges in reasonable time.
TEST(SoftplusWallTheory, partition_is_the_hypergeometric_function) {
  for (const double t : {0.3, 1.0, 4.0}) {
    for (const double cutoff : {0.2, 1.0, 2.0}) {
      const SoftplusWall w{1.4, 0.3, cutoff, t, 1};
      const double beta = 1 / t;
      const double s0 = 1 / (1 + std::exp(w.offset - w.steepness * w.cutoff));
      const double expected = std::pow(s0, beta) / beta *
                              boost::math::hypergeometric_pFq({beta, 1.0}, {beta + 1}, s0) /
                              w.steepness;
      EXPECT_NEAR(std::exp(softplus_statistics(w).log_partition), expected, 1e-10 * expected);
    }
  }
}

TEST(SoftplusWallTheory, limit_is_approached_and_says_where_it_ends) {
  for (const double t : {1e-3, 0.02, 0.5, 3.0}) {
    const SoftplusWall w{1.2, 0.4, 25, t, 2};
    const SoftplusStatistics s = softplus_statistics(w);
    const SoftplusLimit limit = softplus_limit(w);
    const double u = std::exp(w.offset - w.steepness * w.cutoff) / t;
    ASSERT_LT(u, 1e-8);
    EXPECT_EQ(limit.mean.status, Status::ok);
    const double tolerance = 3 * u + 1e-12;
    EXPECT_NEAR(std::log(limit.partition.value), s.log_partition, tolerance);
    EXPECT_NEAR(limit.mean.value / s.mean, 1, tolerance);
    EXPECT_NEAR(limit.variance.value / s.variance, 1, tolerance);
    EXPECT_NEAR(limit.curvature.value / s.curvature, 1, tolerance);
  }
  EXPECT_EQ(softplus_limit({1, 0, 3, 1e-3, 1}).mean.status, Status::out_of_range);
}

/// For T << 1 the losses that matter are small and the wall is exponential with B = e^b; the error
/// of ⟨ℓ⟩ is -0.05% at T = 1e-3 and -21% at T = 0.5 for a = 1, b = 0, θ* = 20.
TEST(SoftplusWallTheory, exponential_wall_is_its_low_temperature_limit) {
  const auto error = [](double t) {
    const double exact = softplus_statistics({1, 0, 20, t, 1}).mean;
    return wall_statistics({1, 1, 20, t, 1}).mean / exact - 1;
  };
  EXPECT_NEAR(error(1e-3), -0.0005, 0.00005);
  EXPECT_NEAR(error(1e-2), -0.0047, 0.0001);
  EXPECT_NEAR(error(0.5), -0.21, 0.005);
  EXPECT_LT(std::abs(error(1e-5)), std::abs(error(1e-4)));
}

TEST(SoftplusWallTheory, depends_on_offset_and_cutoff_together) {
  // A shift of the origin: b -> b + aδ, θ* -> θ* + δ.
  const SoftplusStatistics s = softplus_statistics({2, 0.5, 8, 0.03, 1});
  const SoftplusStatistics shifted = softplus_statistics({2, 2.5, 9, 0.03, 1});
  EXPECT_NEAR(shifted.mean, s.mean, 1e-14);
  EXPECT_NEAR(shifted.variance, s.variance, 1e-15);
  EXPECT_NEAR(shifted.entropy, s.entropy, 1e-12);
}

TEST(SoftplusWallTheory, refuses_what_is_out_of_range) {
  EXPECT_THROW((void)softplus_statistics({0, 0, 20, 1, 1}), Error);
  EXPECT_THROW((void)softplus_statistics({1, 0, 20, -1, 1}), Error);
  EXPECT_THROW((void)softplus_limit({1, std::nan(""), 20, 1, 1}), Error);
}

}  // namespace
}  // namespace thermoscape::theory
