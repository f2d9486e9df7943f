#include "thermoscape/theory/sgdm_discrete.hpp"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "theory/high_precision.hpp"

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

double number(const Precise& x) {
  return static_cast<double>(x);
}

PreciseMatrix<2> step_matrix(const Precise& e, const Precise& beta) {
  PreciseMatrix<2> m;
  m.at = {{{1 - e, beta}, {-e, beta}}};
  return m;
}

/// (var θ, cov, var ηv, 1) from one step to the next, with unit noise.
PreciseMatrix<4> covariance_step(const Precise& e, const Precise& b) {
  const Precise a = 1 - e;
  PreciseMatrix<4> m;
  m.at = {{{a * a, 2 * a * b, b * b, 1},
           {-a * e, a * b - e * b, b * b, 1},
           {e * e, -2 * e * b, b * b, 1},
           {0, 0, 0, 1}}};
  return m;
}

const std::vector<double> kMomenta{0, 0.01, 0.3, 0.9, 0.99, 0.9999};
const std::vector<unsigned long long> kSteps{1, 2, 3, 7, 50, 1000, 123456, 10000019};

/// ηh from far below the last place of one to the edge of stability, and around both critical
/// values.
std::vector<double> rates(double beta) {
  const double limit = 2 * (1 + beta);
  const double low = critical_rates(beta).discrete_critical;
  const double high = (1 + std::sqrt(beta)) * (1 + std::sqrt(beta));
  return {1e-18,
          1e-9,
          1e-4,
          0.3 * low,
          low * (1 - 1e-3),
          low * (1 - 1e-13),
          low,
          low * (1 + 1e-13),
          low * 1.001,
          0.1,
          0.5,
          1,
          0.5 * limit,
          high * (1 - 1e-12),
          high,
          std::min(high * (1 + 1e-12), 0.9999 * limit),
          0.99 * limit,
          limit * (1 - 1e-9)};
}

TEST(SgdmDiscrete, propagator_is_the_power_of_the_step) {
  for (const double beta : kMomenta) {
    for (const double e : rates(beta)) {
      const double critical = critical_rates(beta).discrete_critical;
      const double high = (1 + std::sqrt(beta)) * (1 + std::sqrt(beta));
      const bool oscillates = e > critical * (1 - 1e-9);
      for (const unsigned long long k : kSteps) {
        SCOPED_TRACE(testing::Message() << "beta " << beta << " eta h " << e << " k " << k);
        const auto steps = static_cast<double>(k);
        const StepPropagator m = step_propagator(e, beta, steps);
        const PreciseMatrix<2> exact = power(step_matrix(e, beta), k);
        const double phase = steps * std::min(1.0, std::sqrt(e));
        // Of the rounding of √β in the critical values: it moves the discriminant by its last
        // place.
        const double near_critical =
            steps * steps * (e > 0.9 * high ? 1 : critical) / std::sqrt(std::max(beta, 1e-3));
        const double epsilon = 2e-14 * (1 + phase) + 1e-15 * std::min(near_critical, 1e3 * steps);
        const double envelope = oscillates
                                    ? std::exp(steps * std::log(std::max(beta, 1e-300)) / 2) *
                                          (1 + std::min(steps, 1 / std::sqrt(e)))
                                    : 0;
        const auto near = [&](double value, const Precise& expected, double scale) {
          const double x = number(expected);
          const double exponent = 2e-16 * std::abs(std::log(std::abs(x) + 1e-300));
          EXPECT_NEAR(value, x, (epsilon + exponent) * std::max(std::abs(x), scale) + 1e-300);
        };
        near(m.position_position, exact.at[0][0], envelope);
        near(m.position_velocity, exact.at[0][1], envelope);
        near(m.velocity_position, exact.at[1][0], envelope * e);
        near(m.velocity_velocity,
             exact.at[1][1],
             std::max(envelope, number(abs(exact.at[1][0])) + std::pow(beta, steps / 2)));
      }
    }
  }
}

TEST(SgdmDiscrete, covariance_is_that_of_the_recursion) {
  for (const double beta : kMomenta) {
    for (const double e : rates(beta)) {
      for (const unsigned long long k : kSteps) {
        if (k > 200000) continue;
        SCOPED_TRACE(testing::Message() << "beta " << beta << " eta h " << e << " k " << k);
        const double eta = 0.02;
        const SgdNoise in{eta, beta, 4, 1.5, e / eta};
        const double used = in.learning_rate * in.curvature;
        const PhaseCovariance p = discrete_covariance(in, static_cast<double>(k));
        const PreciseMatrix<4> exact = power(covariance_step(used, beta), k);
        const double kick = eta * eta * 1.5 / 4;
        const double epsilon = 2e-12 * (1 + std::sqrt(static_cast<double>(k)));
        EXPECT_NEAR(p.position / (kick * number(exact.at[0][3])), 1, epsilon);
        EXPECT_NEAR(p.velocity * eta * eta / (kick * number(exact.at[2][3])), 1, epsilon);
        EXPECT_NEAR(p.cross * eta / (kick * number(exact.at[1][3])), 1, epsilon);
      }
    }
  }
}

TEST(SgdmDiscrete, stationary_state_is_a_fixed_point) {
  for (const double beta : kMomenta) {
    for (const double e : rates(beta)) {
      const double eta = 0.02;
      const SgdNoise in{eta, beta, 4, 1.5, e / eta};
      const double used = in.learning_rate * in.curvature;
      const PhaseCovariance p = discrete_stationary(in);
      const PreciseMatrix<4> m = covariance_step(used, beta);
      const double kick = eta * eta * 1.5 / 4;
      const std::array<Precise, 4> x{Precise(p.position) / kick,
                                     eta * Precise(p.cross) / kick,
                                     eta * eta * Precise(p.velocity) / kick,
                                     1};
      // The residual is the rounding of its terms.
      for (std::size_t i = 0; i < 3; ++i) {
        Precise residual = -x[i];
        for (std::size_t j = 0; j < 4; ++j) residual += m.at[i][j] * x[j];
        Precise size = abs(x[i]);
        for (std::size_t j = 0; j < 4; ++j) size += abs(m.at[i][j] * x[j]);
        EXPECT_NEAR(number(residual), 0, 1e-15 * number(size))
            << "beta " << beta << " eta h " << e << " row " << i;
      }
      EXPECT_DOUBLE_EQ(p.position / underdamped_stationary(in).position, discrete_factor(in));
    }
  }
}

TEST(SgdmDiscrete, displacement_and_correlation_are_those_of_the_stationary_recursion) {
  for (const double beta : kMomenta) {
    for (const double e : rates(beta)) {
      const double eta = 0.02;
      const SgdNoise in{eta, beta, 4, 1.5, e / eta};
      const Precise used = in.learning_rate * in.curvature;
      const Precise b = beta;
      // var ηv = 1, var θ = (1+β)/(2e), cov = ½.
      const Precise position = (1 + b) / (2 * used);
      const double step_square = eta * eta * discrete_stationary(in).velocity;
      for (const unsigned long long k : kSteps) {
        if (k > 200000) continue;
        SCOPED_TRACE(testing::Message() << "beta " << beta << " eta h " << e << " k " << k);
        const auto steps = static_cast<double>(k);
        const PreciseMatrix<2> m = power(step_matrix(used, b), k);
        const double expected = number(2 * (position - m.at[0][0] * position - m.at[0][1] / 2));
        const double critical = critical_rates(beta).discrete_critical;
        const double epsilon = 1e-12 * (1 + std::sqrt(steps)) +
                               1e-15 * std::min(steps * steps * critical, 1e3 * steps);
        // Where steps nearly repeat every other one, to the rounding of a single step.
        EXPECT_NEAR(discrete_displacement(in, steps),
                    step_square * expected,
                    step_square * (epsilon * expected + (e > 1 ? 2e-15 * steps : 0)));
        const double correlation = number(m.at[1][0] / 2 + m.at[1][1]);
        EXPECT_NEAR(discrete_velocity_correlation(in, steps), correlation, 10 * epsilon);
      }
      EXPECT_NEAR(discrete_displacement(in, 1) / step_square, 1, 2e-11);
      EXPECT_EQ(discrete_displacement(in, 0), 0);
      EXPECT_EQ(discrete_velocity_correlation(in, 0), 1);
    }
  }
}

/// Half the rise of the displacement over the steps next to k, from the displacements themselves.
TEST(SgdmDiscrete, displacement_grows_as_its_differences_say) {
  for (const double beta : {0.0, 0.3, 0.9, 0.99}) {
    for (const double share : {1e-4, 0.01, 0.3, 0.6, 0.95}) {
      const SgdNoise in{0.02, beta, 4, 1.5, share * 2 * (1 + beta) / 0.02};
      const double scale = discrete_displacement(in, 1);
      for (const double k : {1.0, 2.0, 5.0, 40.0, 41.0}) {
        const double rise = discrete_displacement(in, k + 1) - discrete_displacement(in, k - 1);
        EXPECT_NEAR(discrete_displacement_growth(in, k),
                    rise / 2,
                    1e-11 * (scale + discrete_displacement(in, k)))
            << beta << " " << share << " " << k;
      }
    }
  }
  // Without memory and far from rest: diffusion, exponent 1.
  const SgdNoise free{1e-3, 0, 4, 1.5, 1e-6};
  EXPECT_NEAR(
      100 * discrete_displacement_growth(free, 100) / discrete_displacement(free, 100), 1, 1e-6);
}

TEST(SgdmDiscrete, mean_is_the_recursion_step_by_step_stable_or_not) {
  for (const double e : {1e-4, 0.02, 1.0, 3.0, 3.9, 5.0}) {
    const SgdNoise in{0.05, 0.9, 4, 1, e / 0.05};
    double theta = 0.7;
    double v = -0.2;
    for (int k = 1; k <= 40; ++k) {
      v = 0.9 * v - in.curvature * theta;
      theta += 0.05 * v;
      const PhasePoint p = discrete_mean(in, {0.7, -0.2}, k);
      const double size = std::abs(theta) + 0.05 * std::abs(v) + 1;
      EXPECT_NEAR(p.position, theta, 1e-12 * size);
      EXPECT_NEAR(0.05 * p.velocity, 0.05 * v, 1e-12 * size);
    }
  }
}

/// PHYSICS of the shift: the error of the continuous mean against the recursion falls from first to
/// second order in √(ηh) when compared half a step on.
TEST(SgdmDiscrete, half_step_shift_brings_the_continuous_mean_closer) {
  const auto worst = [](double e, bool shifted) {
    const SgdNoise in{0.01, 0.9, 4, 1, e / 0.01};
    double error = 0;
    for (int k = 0; k <= 300; ++k) {
      const double exact = discrete_mean(in, {1, 0}, k).position;
      const double other = shifted ? half_step_mean(in, 1, k).position
                                   : underdamped_mean(in, {1, 0}, 0.01 * k).position;
      error = std::max(error, std::abs(other - exact));
    }
    return error;
  };
  EXPECT_NEAR(worst(0.01, false), 0.0278, 5e-4);
  EXPECT_NEAR(worst(0.01, true), 0.0013, 5e-4);
  EXPECT_NEAR(worst(0.1, false), 0.133, 5e-3);
  EXPECT_NEAR(worst(0.1, true), 0.013, 5e-3);
}

TEST(SgdmDiscrete, tends_to_the_continuous_theory_at_first_order) {
  const auto error = [](double eta) {
    // The regime is held: ηh and 1-β shrink so that γ and ω stay in proportion in units of steps.
    const SgdNoise in{eta, 1 - eta, 4, 1.5, 2 * eta};
    const double steps = std::round(1 / eta);
    return discrete_displacement(in, steps) /
               underdamped_displacement(in, eta * steps).displacement -
           1;
  };
  // ηh = 2η²: first order in ηh.
  EXPECT_NEAR(error(2e-3) / error(1e-3), 4, 0.01);
}

TEST(SgdmDiscrete, refuses_an_unstable_learning_rate_with_the_bound) {
  try {
    (void)discrete_stationary({2, 0.9, 4, 1, 2});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "sgdm-discrete.learning_rate = 2: must be < 2(1+β)/h = 1.9, beyond which steps "
                 "diverge");
  }
  EXPECT_THROW((void)discrete_displacement({2, 0.9, 4, 1, 1.9}, 3), Error);
  EXPECT_THROW((void)discrete_mean({0.1, 0.9, 4, 1, 1}, {1, 0}, 2.5), Error);
  EXPECT_THROW((void)discrete_mean({0.1, 0.9, 4, 1, 1}, {1, 0}, -1), Error);
  EXPECT_THROW((void)step_propagator(0, 0.9, 1), Error);
}

}  // namespace
}  // namespace thermoscape::theory
