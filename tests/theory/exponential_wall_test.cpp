#include "thermoscape/theory/exponential_wall.hpp"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

/// u from 1e-35 to 1e4, other steepnesses and prefactors.
std::vector<Wall> walls() {
  std::vector<Wall> all;
  for (const double a : {0.3, 1.0, 2.5}) {
    for (const double b : {0.05, 1.0, 8.0}) {
      for (const double cutoff : {2.0, 11.0, 30.0}) {
        for (const double t : {1e-6, 1e-3, 0.07, 2.0}) all.push_back({a, b, cutoff, t, 0.4});
      }
    }
  }
  return all;
}

/// ∫ (ℓ - ℓ_0)^n e^{-(ℓ-ℓ_0)/T} dθ over θ >= -θ* in θ itself, ℓ_0 the loss at the cut-off;
/// piecewise Gauss-Legendre.
double integral(const Wall& w, int n) {
  const double bottom = w.prefactor * std::exp(-w.steepness * w.cutoff);
  const double top = std::log((bottom + 60 * w.temperature) / w.prefactor) / w.steepness;
  const auto integrand = [&](double theta) {
    // The difference of exponentials without cancellation.
    const double excess = bottom * std::expm1(w.steepness * (theta + w.cutoff));
    return std::pow(excess / w.temperature, n) * std::exp(-excess / w.temperature);
  };
  using Rule = boost::math::quadrature::gauss<double, 20>;
  double sum = 0;
  constexpr int kPieces = 200;
  const double width = (top + w.cutoff) / kPieces;
  for (int i = 0; i < kPieces; ++i) {
    const double left = -w.cutoff + i * width;
    sum += Rule::integrate(integrand, left, left + width);
  }
  return sum;
}

TEST(ExponentialWallTheory, statistics_are_the_integrals) {
  for (const Wall& w : walls()) {
    SCOPED_TRACE(testing::Message() << "a " << w.steepness << " B " << w.prefactor << " cutoff "
                                    << w.cutoff << " T " << w.temperature);
    const WallStatistics s = wall_statistics(w);
    const double zero = integral(w, 0);
    const double one = integral(w, 1) / zero;
    const double two = integral(w, 2) / zero;
    const double bottom = w.prefactor * std::exp(-w.steepness * w.cutoff);
    const double mean = bottom + w.temperature * one;
    const double variance = w.temperature * w.temperature * (two - one * one);
    EXPECT_NEAR(s.mean, mean, 1e-11 * mean);
    EXPECT_NEAR(s.variance, variance, 1e-10 * variance);
    EXPECT_NEAR(s.second_moment, variance + mean * mean, 1e-11 * s.second_moment);
    EXPECT_NEAR(s.log_partition,
                std::log(zero / w.resolution) - bottom / w.temperature,
                1e-11 * (1 + std::abs(s.log_partition)));
    EXPECT_NEAR(s.entropy,
                s.log_partition + s.mean / w.temperature,
                1e-11 * (1 + std::abs(s.log_partition)));
    EXPECT_NEAR(s.shape, mean * mean / variance, 1e-9 * s.shape);
    EXPECT_NEAR(
        s.rate_times_temperature, mean * w.temperature / variance, 1e-9 * s.rate_times_temperature);
  }
}

TEST(ExponentialWallTheory, heat_capacity_and_entropy_are_derivatives) {
  for (Wall w : walls()) {
    const WallStatistics s = wall_statistics(w);
    const double t = w.temperature;
    const double h = 1e-5 * t;
    w.temperature = t + h;
    const WallStatistics warmer = wall_statistics(w);
    w.temperature = t - h;
    const WallStatistics colder = wall_statistics(w);
    EXPECT_NEAR(s.heat_capacity, (warmer.mean - colder.mean) / (2 * h), 1e-6 * s.mean / t);
    const double slope =
        ((t + h) * warmer.log_partition - (t - h) * colder.log_partition) / (2 * h);
    EXPECT_NEAR(s.entropy, slope, 1e-8 * (1 + std::abs(s.log_partition)));
  }
}

TEST(ExponentialWallTheory, is_smooth_where_the_method_changes) {
  // ln u = -18, 3 and 4 are where the evaluation switches: values on both sides differ by the
  // derivative only.
  for (const double log_u : {-18.0, 3.0, 4.0}) {
    const auto at = [&](double shift) {
      Wall w;
      w.temperature = std::exp(-(log_u + shift) - w.cutoff);
      return wall_statistics(w);
    };
    const double e = 1e-9;
    const WallStatistics below = at(-e);
    const WallStatistics above = at(e);
    EXPECT_NEAR(above.mean / below.mean, 1, 4 * e);
    EXPECT_NEAR(above.heat_capacity / below.heat_capacity, 1, 10 * e);
    EXPECT_NEAR(above.entropy, below.entropy, 10 * e);
  }
}

TEST(ExponentialWallTheory, moments_agree_with_each_other_and_with_factorials) {
  for (const Wall& w : walls()) {
    const WallStatistics s = wall_statistics(w);
    EXPECT_EQ(wall_moment(w, 0), 1);
    EXPECT_NEAR(wall_moment(w, 1), s.mean, 1e-11 * s.mean);
    EXPECT_NEAR(wall_moment(w, 2), s.second_moment, 1e-11 * s.second_moment);
    // Stein: ⟨ℓ^{n+1}⟩ = nT⟨ℓ^n⟩ + boundary term ℓ_0^n T e^{-u}/E1(u) = nT⟨ℓ^n⟩ + ℓ_0^n ⟨ℓ⟩.
    const double bottom = w.prefactor * std::exp(-w.steepness * w.cutoff);
    for (const double n : {1.0, 2.0, 5.0}) {
      const double expected = n * w.temperature * wall_moment(w, n) + std::pow(bottom, n) * s.mean;
      EXPECT_NEAR(wall_moment(w, n + 1), expected, 1e-11 * expected);
    }
    if (log_boltzmann(w) < 2) {
      // A moment of fractional order lies between its neighbours on a logarithmic scale (Lyapunov's
      // inequality).
      const double middle = wall_moment(w, 1.5);
      EXPECT_LT(middle * middle, wall_moment(w, 1) * wall_moment(w, 2) * (1 + 1e-12));
      EXPECT_GT(middle, std::pow(wall_moment(w, 1), 1.5) * (1 - 1e-12));
    }
  }
  const Wall deep{1, 1, 400, 0.1, 1};
  EXPECT_NEAR(wall_moment(deep, 4), 6e-4 / wall_width(deep), 1e-15);  // (n-1)! T^n / Λ
}

TEST(ExponentialWallTheory, limit_is_approached_at_the_rate_u) {
  for (const double log_u : {-6.0, -9.0, -14.0}) {
    Wall w;
    w.steepness = 1.7;
    w.prefactor = 0.6;
    w.cutoff = 9;
    w.resolution = 2;
    w.temperature = w.prefactor * std::exp(-w.steepness * w.cutoff - log_u);
    const double u = std::exp(log_u);
    const WallStatistics s = wall_statistics(w);
    const WallLimit limit = wall_limit(w);
    EXPECT_EQ(limit.mean.status, Status::ok);
    EXPECT_NEAR(limit.mean.value / s.mean, 1, 3 * u);
    EXPECT_NEAR(limit.variance.value / s.variance, 1, 3 * u);
    EXPECT_NEAR(limit.second_moment.value / s.second_moment, 1, 3 * u);
    EXPECT_NEAR(limit.curvature.value / s.curvature, 1, 3 * u);
    EXPECT_NEAR(std::log(limit.partition.value), s.log_partition, 3 * u);
    EXPECT_NEAR(limit.entropy.value, s.entropy, 3 * u);
    EXPECT_NEAR(limit.shape.value / s.shape, 1, 6 * u);
    EXPECT_NEAR(limit.rate_times_temperature.value / s.rate_times_temperature, 1, 6 * u);
  }
}

TEST(ExponentialWallTheory, limit_says_where_it_ends) {
  Wall w;  // a = B = 1, θ* = 20
  w.temperature = 1e-8;
  EXPECT_EQ(wall_limit(w).mean.status, Status::out_of_range);
  EXPECT_NEAR(wall_limit(w).mean.value, 9.98e-9, 1e-11);
  w.temperature = 1e-3;
  EXPECT_EQ(wall_limit(w).mean.status, Status::ok);
  EXPECT_EQ(wall_limit(w).entropy_expanded.status, Status::out_of_range);
  // The expansion in ln T is off by 2.5% at T = 1e-3 and right to 0.1% at T = 0.1, B = 1.
  EXPECT_NEAR(wall_limit(w).entropy_expanded.value / wall_statistics(w).entropy, 1.025, 0.001);
  w.temperature = 1.0;
  EXPECT_EQ(wall_limit(w).entropy_expanded.status, Status::ok);
  EXPECT_NEAR(wall_limit(w).entropy_expanded.value / wall_statistics(w).entropy, 1, 0.002);
}

TEST(ExponentialWallTheory, cumulants_of_many_walls_add) {
  const Wall w{1.3, 0.7, 16, 1e-6, 1};
  const ManyWalls s = many_walls(w, 120, 300);
  Wall each = w;
  each.temperature = 300 * w.temperature;
  const WallStatistics one = wall_statistics(each);
  EXPECT_NEAR(s.mean, 120 * one.mean / 300, 1e-15 * s.mean + 1e-20);
  EXPECT_NEAR(
      s.standard_deviation * s.standard_deviation, 120 * one.variance / 9e4, 1e-13 * one.variance);
  EXPECT_NEAR(
      s.shape, s.mean * s.mean / (s.standard_deviation * s.standard_deviation), 1e-12 * s.shape);
  EXPECT_NEAR(s.rate_times_temperature,
              w.temperature * s.mean / (s.standard_deviation * s.standard_deviation),
              1e-12);
  const double width = wall_width(each);
  EXPECT_NEAR(s.effective_examples, 120 / width, 0.01);
  EXPECT_NEAR(s.shape, 120 / (width - 1), 0.01);
  // One wall alone is the wall.
  EXPECT_NEAR(many_walls(w, 1, 1).mean, wall_statistics(w).mean, 1e-18);
}

TEST(ExponentialWallTheory, density_is_normalised_and_gives_the_mean) {
  for (const Wall& w : walls()) {
    const double bottom = w.prefactor * std::exp(-w.steepness * w.cutoff);
    const double top = std::log((bottom + 60 * w.temperature) / w.prefactor) / w.steepness;
    boost::math::quadrature::tanh_sinh<double> quadrature;
    const auto moment = [&](int n) {
      return quadrature.integrate(
          [&](double theta) {
            const double loss = w.prefactor * std::exp(w.steepness * theta);
            return (n == 0 ? 1.0 : loss) * wall_density(w, theta);
          },
          -w.cutoff,
          top,
          1e-12);
    };
    EXPECT_NEAR(moment(0), 1, 1e-7);
    EXPECT_NEAR(moment(1) / wall_statistics(w).mean, 1, 1e-7);
    EXPECT_EQ(wall_density(w, -w.cutoff - 1e-9), 0);
  }
}

/// The Gaussian of the expansion: minus the logarithm of its weight is ℓ/T to second order at θ_μ.
TEST(ExponentialWallTheory, quadratic_expansion_touches_the_loss) {
  for (const Wall& w : walls()) {
    const QuadraticExpansion q = wall_quadratic_expansion(w);
    const double mean = wall_statistics(w).mean;
    const double at = std::log(mean / w.prefactor) / w.steepness;
    // Slope (θ_μ - centre)/variance = ℓ'/T and curvature 1/variance = ℓ''/T.
    EXPECT_NEAR((at - q.mean) / q.variance * w.temperature / (w.steepness * mean), 1, 1e-9);
    EXPECT_NEAR(w.temperature / q.variance / (w.steepness * w.steepness * mean), 1, 1e-12);
  }
}

TEST(ExponentialWallTheory, refuses_what_is_out_of_range) {
  const auto message = [](const Wall& w) {
    try {
      (void)wall_statistics(w);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(message({-1, 1, 20, 1, 1}), "exponential-wall.steepness = -1: must be > 0 1/[θ]");
  EXPECT_EQ(message({1, 1, 20, 0, 1}), "exponential-wall.temperature = 0: must be > 0 [loss]");
  EXPECT_THAT(message({1, 1, std::nan(""), 1, 1}), testing::HasSubstr("cutoff = nan"));
  EXPECT_THROW((void)wall_moment({}, -1), Error);
  EXPECT_THROW((void)many_walls({}, 0, 1), Error);
}

}  // namespace
}  // namespace thermoscape::theory
