#include "thermoscape/theory/underdamped_ou.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/numeric/odeint.hpp>
#include "theory/high_precision.hpp"

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

double number(const Precise& x) {
  return static_cast<double>(x);
}

/// The generator of (θ, v), and of (var θ, cov, var v, 1) with unit noise 4γ in the velocity.
PreciseMatrix<2> mean_generator(const Precise& g, const Precise& w) {
  PreciseMatrix<2> a;
  a.at = {{{0, 1}, {-w * w, -2 * g}}};
  return a;
}
PreciseMatrix<4> covariance_generator(const Precise& g, const Precise& w) {
  PreciseMatrix<4> a;
  a.at = {{{0, 2, 0, 0}, {-w * w, -2 * g, 1, 0}, {0, -2 * w * w, -4 * g, 4 * g}, {0, 0, 0, 0}}};
  return a;
}

/// ω/γ from a hair to huge, in all regimes, and within rounding of critical on both sides.
const std::vector<double> kRatios{1e-9,
                                  1e-6,
                                  1e-3,
                                  0.1,
                                  0.5,
                                  0.9,
                                  0.999,
                                  1 - 1e-6,
                                  1 - 1e-10,
                                  1 - 1e-15,
                                  1,
                                  1 + 1e-15,
                                  1 + 1e-10,
                                  1 + 1e-6,
                                  1.001,
                                  1.1,
                                  2,
                                  10,
                                  1e3};
/// γt
const std::vector<double> kTimes{1e-9, 1e-4, 0.03, 0.4, 1, 2.1, 7, 40, 300, 700};

TEST(UnderdampedOu, propagator_is_the_matrix_exponential) {
  const double g = 3.7;
  for (const double ratio : kRatios) {
    for (const double scaled : kTimes) {
      SCOPED_TRACE(testing::Message() << "omega/gamma " << ratio << " gamma t " << scaled);
      const double w = g * ratio;
      const double t = scaled / g;
      const PhasePropagator e = phase_propagator(g, w, t);
      const PreciseMatrix<2> exact = exponential(mean_generator(g, w) * t);
      // Full relative accuracy where the entry keeps its sign; where it oscillates, relative to the
      // envelope, with the rounding of the phase.
      const double epsilon = 1e-14 * (1 + 0.1 * scaled * (1 + ratio));
      const double envelope = ratio > 1 ? std::exp(-scaled) * (1 + 1 / ratio) *
                                              std::min(1 + scaled, 1 / std::sqrt(1 - 1 / ratio))
                                        : 0;
      const auto near = [&](double value, const Precise& expected, double scale) {
        const double x = number(expected);
        EXPECT_NEAR(value, x, epsilon * std::max(std::abs(x), scale) + 1e-305);
      };
      near(e.position_position, exact.at[0][0], envelope);
      near(e.position_velocity, exact.at[0][1], envelope / w);
      near(e.velocity_position, exact.at[1][0], envelope * w);
      // This one changes sign in every regime; near the zero it is known to the terms it is made
      // of.
      near(e.velocity_velocity,
           exact.at[1][1],
           std::max(envelope, number(abs(exact.at[0][1])) * w * std::min(ratio, 1.0)));
      near(e.position_loss, 1 - exact.at[0][0], 0);
    }
  }
}

TEST(UnderdampedOu, covariance_solves_the_moment_equations_to_all_digits) {
  for (const double beta : {0.0, 0.5, 0.9, 0.999}) {
    for (const double ratio : kRatios) {
      for (const double scaled : kTimes) {
        SCOPED_TRACE(testing::Message()
                     << "beta " << beta << " omega/gamma " << ratio << " gamma t " << scaled);
        const double eta = 0.01;
        const double h = ratio * ratio * (1 - beta) * (1 - beta) / (2 * eta * (1 + beta));
        const SgdNoise in{eta, beta, 16, 2.5, h};
        const UnderdampedMode mode = underdamped_mode(in);
        const double t = scaled / mode.friction;
        const PhaseCovariance p = underdamped_covariance(in, t);
        const PreciseMatrix<4> e =
            exponential(covariance_generator(mode.friction, mode.frequency) * t);
        const double scale = 2.5 / mode.inverse_temperature;
        // No relative digit is lost although var θ starts as t³ and as ω²t.
        const double epsilon = 2e-13 * (1 + 0.1 * scaled * (1 + ratio));
        EXPECT_NEAR(p.position / (scale * number(e.at[0][3])), 1, epsilon);
        EXPECT_NEAR(p.velocity / (scale * number(e.at[2][3])), 1, epsilon);
        const double cross = scale * number(e.at[1][3]);
        const double bound = std::sqrt(p.position * p.velocity) * (ratio > 1 ? epsilon : 0);
        EXPECT_NEAR(p.cross, cross, epsilon * cross + bound + 1e-80 * scale);
      }
    }
  }
}

TEST(UnderdampedOu, moments_agree_with_integration_of_the_equations) {
  using State = std::array<double, 5>;  // ⟨θ⟩, ⟨v⟩, var θ, cov, var v
  for (const double curvature : {0.05, 0.2631578947368421, 5.0}) {
    const SgdNoise in{0.01, 0.9, 8, 1.7, curvature};
    const UnderdampedMode mode = underdamped_mode(in);
    const double g = mode.friction;
    const double w2 = mode.frequency * mode.frequency;
    const auto flow = [&](const State& x, State& rate, double) {
      rate = {x[1],
              -w2 * x[0] - 2 * g * x[1],
              2 * x[3],
              x[4] - w2 * x[2] - 2 * g * x[3],
              -2 * w2 * x[3] - 4 * g * x[4] + mode.velocity_noise};
    };
    const PhaseCovariance start{0.02, -0.01, 0.3};
    State x{1.5, -2, start.position, start.cross, start.velocity};
    namespace odeint = boost::numeric::odeint;
    const double t = 0.37;
    odeint::integrate_adaptive(
        odeint::make_controlled<odeint::runge_kutta_fehlberg78<State>>(1e-13, 1e-13),
        flow,
        x,
        0.0,
        t,
        1e-4);
    const PhasePoint mean = underdamped_mean(in, {1.5, -2}, t);
    const PhaseCovariance p = underdamped_covariance(in, t, start);
    EXPECT_NEAR(mean.position, x[0], 1e-10);
    EXPECT_NEAR(mean.velocity, x[1], 1e-9);
    EXPECT_NEAR(p.position, x[2], 1e-10);
    EXPECT_NEAR(p.cross, x[3], 1e-10);
    EXPECT_NEAR(p.velocity, x[4], 1e-9);
  }
}

TEST(UnderdampedOu, stationary_state_is_carried_into_itself) {
  for (const double ratio : kRatios) {
    const double h = ratio * ratio * 0.01 / (2 * 0.03 * 1.9);
    const SgdNoise in{0.03, 0.9, 8, 1.7, h};
    const PhaseCovariance limit = underdamped_stationary(in);
    const double t = 2.3 / underdamped_mode(in).friction;
    const PhaseCovariance later = underdamped_covariance(in, t, limit);
    EXPECT_NEAR(later.position / limit.position, 1, 1e-12);
    EXPECT_NEAR(later.velocity / limit.velocity, 1, 1e-11);
    EXPECT_NEAR(later.cross / std::sqrt(limit.position * limit.velocity), 0, 1e-12);
    // ½ h var θ = (η(1+β)/4) var v: equipartition.
    EXPECT_NEAR(h * limit.position / (0.03 * 1.9 / 2 * limit.velocity), 1, 1e-14);
  }
}

/// E|θ_t-θ_0|² = 2 ∫_0^t (t-u) var v C(u) du, the Green-Kubo form, by quadrature.
TEST(UnderdampedOu, displacement_is_the_double_integral_of_the_velocity_correlation) {
  using Rule = boost::math::quadrature::gauss_kronrod<double, 31>;
  for (const double h : {1e-3, 0.05, 0.2631578947368421, 1.0, 20.0}) {
    const SgdNoise in{0.01, 0.9, 8, 1.7, h};
    const double variance = underdamped_stationary(in).velocity;
    for (const double t : {0.01, 0.3, 1.0}) {
      const double integral = Rule::integrate(
          [&](double u) { return (t - u) * velocity_correlation(in, u); }, 0.0, t, 12, 1e-12);
      const Displacement d = underdamped_displacement(in, t);
      EXPECT_NEAR(d.displacement / (2 * variance * integral), 1, 1e-9);
      const double step = 1e-5;
      const double slope = std::log(underdamped_displacement(in, t * (1 + step)).displacement /
                                    underdamped_displacement(in, t * (1 - step)).displacement) /
                           std::log((1 + step) / (1 - step));
      EXPECT_NEAR(d.displacement_exponent.value, slope, 1e-7);
    }
    EXPECT_EQ(underdamped_displacement(in, 0).displacement, 0);
    EXPECT_EQ(underdamped_displacement(in, 0).displacement_exponent.value, 2);
    EXPECT_NEAR(underdamped_displacement(in, 1e-8).displacement_exponent.value, 2, 1e-6);
  }
}

TEST(UnderdampedOu, velocity_correlation_vanishes_at_its_zero_and_not_before) {
  for (const double ratio : kRatios) {
    const SgdNoise in{0.01, 0.9, 8, 1, ratio * ratio * 0.01 / (2 * 0.01 * 1.9)};
    const UnderdampedMode mode = underdamped_mode(in);
    const double zero = velocity_correlation_zero(in);
    const double slope = mode.frequency *
                         phase_propagator(mode.friction, mode.frequency, zero).position_velocity *
                         mode.frequency;
    EXPECT_NEAR(velocity_correlation(in, zero), 0, 1e-12 * (slope * zero + 1e-3));
    for (const double share : {0.1, 0.5, 0.999}) {
      EXPECT_GT(velocity_correlation(in, share * zero), 0);
    }
    EXPECT_LT(velocity_correlation(in, 1.001 * zero), 0);
  }
}

TEST(UnderdampedOu, critical_rates_separate_the_regimes) {
  for (const double beta : {0.0, 0.3, 0.9, 0.99, 1 - 1e-9}) {
    const CriticalRates rates = critical_rates(beta);
    const SgdNoise in{0.5, beta, 1, 1, rates.continuous_critical / 0.5};
    EXPECT_NEAR(underdamped_mode(in).damping_ratio, 1, 1e-14);
    const Precise b = beta;
    EXPECT_NEAR(rates.discrete_critical / number(pow(1 - sqrt(b), 2)), 1, 1e-15);
    EXPECT_EQ(rates.stability_limit, 2 * (1 + beta));
  }
}

TEST(UnderdampedOu, large_times_and_extreme_rates_stay_finite) {
  for (const double h : {1e-250, 1e-30, 1.0, 1e30}) {
    const SgdNoise in{1e-3, 0.9, 8, 1, h};
    for (const double t : {0.0, 1.0, 1e6, 1e30}) {
      const PhasePoint mean = underdamped_mean(in, {1, 1}, t);
      const PhaseCovariance p = underdamped_covariance(in, t);
      EXPECT_TRUE(std::isfinite(mean.position) && std::isfinite(mean.velocity));
      EXPECT_TRUE(std::isfinite(p.position) && std::isfinite(p.cross) && std::isfinite(p.velocity));
      EXPECT_GE(p.position * p.velocity, p.cross * p.cross * (1 - 1e-12));
    }
  }
  const SgdNoise in{1e-3, 0.9, 8, 1, 1};
  EXPECT_DOUBLE_EQ(underdamped_covariance(in, 1e9).position, underdamped_stationary(in).position);
  EXPECT_EQ(underdamped_mean(in, {1, 1}, 1e9).position, 0);
}

TEST(UnderdampedOu, refuses_what_is_out_of_range) {
  const SgdNoise good{0.1, 0.5, 1, 1, 1};
  EXPECT_THROW((void)underdamped_mode({0, 0.5, 1, 1, 1}), Error);
  EXPECT_THROW((void)underdamped_mode({0.1, 1, 1, 1, 1}), Error);
  EXPECT_THROW((void)underdamped_mean(good, {std::nan(""), 0}, 1), Error);
  EXPECT_THROW((void)critical_rates(-0.1), Error);
  try {
    (void)underdamped_covariance(good, -2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "underdamped-ou.time = -2: must be >= 0");
  }
}

}  // namespace
}  // namespace thermoscape::theory
