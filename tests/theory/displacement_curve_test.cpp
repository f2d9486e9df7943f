#include "thermoscape/theory/displacement_curve.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/displacement_kernels.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape::theory {
namespace {

std::vector<double> log_spaced(double from, double to, int count) {
  std::vector<double> x;
  for (int i = 0; i < count; ++i) x.push_back(from * std::pow(to / from, i / (count - 1.0)));
  return x;
}

/// ηh around the critical value and far on both sides of it.
std::vector<double> shares(double beta) {
  const double critical = critical_rates(beta).continuous_critical;
  return {1e-12,
          1e-6 * critical,
          0.3 * critical,
          critical * (1 - 1e-9),
          critical,
          critical * (1 + 1e-9),
          1.5 * critical,
          0.1,
          1.9};
}

/// One mode at a time against the scalar function, which is tested to a hundred digits.
TEST(DisplacementCurve, is_the_scalar_theory_in_every_regime) {
  for (const double beta : {0.0, 0.5, 0.9, 0.999}) {
    for (const double share : shares(beta)) {
      const double eta = 0.03;
      const SgdNoise one{eta, beta, 8, 1.7, share / eta};
      const std::vector<double> times = log_spaced(1e-6 * eta, 1e16 * eta, 301);
      const std::vector<double> h{one.curvature};
      const std::vector<double> noise{one.gradient_variance};
      const DisplacementCurve curve = displacement_curve(one, h, noise, times);
      for (std::size_t i = 0; i < times.size(); ++i) {
        const Displacement exact = underdamped_displacement(one, times[i]);
        SCOPED_TRACE(testing::Message()
                     << "beta " << beta << " eta h " << share << " t/eta " << times[i] / eta);
        EXPECT_NEAR(curve.displacement[i] / exact.displacement, 1, 1e-13);
        // The phase of an oscillation is known to its own rounding.
        EXPECT_NEAR(curve.exponent[i], exact.displacement_exponent.value, 1e-12);
      }
    }
  }
}

TEST(DisplacementCurve, adds_the_modes_of_a_spectrum) {
  const SgdNoise sgd{1e-2, 0.9, 32};
  const std::vector<double> h{1e-5, 1e-3, 0.1, 1, 7, 30};
  const std::vector<double> noise{1, 2, 3, 4, 5, 0};
  const std::vector<double> times{0, 0.01, 0.02, 0.5, 10, 1e3, 1e9};
  const DisplacementCurve curve = displacement_curve(sgd, h, noise, times);
  for (std::size_t i = 0; i < times.size(); ++i) {
    double sum = 0;
    for (std::size_t l = 0; l < h.size(); ++l) {
      sum += underdamped_displacement({1e-2, 0.9, 32, noise[l], h[l]}, times[i]).displacement;
    }
    EXPECT_NEAR(curve.displacement[i], sum, 1e-14 * sum);
  }
  EXPECT_EQ(curve.exponent[0], 2);
  EXPECT_NEAR(curve.exponent[6], 0, 1e-15);
}

TEST(DisplacementCurve, is_the_same_for_every_instruction_set) {
  const std::vector<double> times = log_spaced(1e-3, 1e3, 64);
  for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
    if (set > widest_instruction_set()) continue;
    for (const RelaxingMode& mode : {RelaxingMode{2, 0.5, 3, 9.25, true},
                                     RelaxingMode{2, 0.5, 0, 0.25, true},
                                     RelaxingMode{2, 0.04, 1, 0.0832, false}}) {
      // γ = 0.5; the slow rate of the last mode is γ - α = 0.04, so its γ is 1.04.
      const double friction = mode.oscillates ? 0.5 : 1.04;
      const auto run =
          [&](InstructionSet with, std::vector<double>& sum, std::vector<double>& slope) {
            std::vector<double> decay(64);
            std::vector<double> rest(64);
            const SharedTimes shared{friction, times.data(), decay.data(), rest.data(), 64};
            displacement_kernels(with).prepare(shared);
            displacement_kernels(with).add(mode, shared, 64, sum.data(), slope.data());
          };
      std::vector<double> a(64), b(64), da(64), db(64);
      run(InstructionSet::portable, a, da);
      run(set, b, db);
      for (std::size_t i = 0; i < 64; ++i) {
        EXPECT_NEAR(a[i], b[i], 1e-14 * a[i]);
        EXPECT_NEAR(da[i], db[i], 1e-14);
      }
    }
  }
}

TEST(DisplacementCurve, discrete_sums_the_recursion_and_its_slope) {
  const SgdNoise sgd{1e-2, 0.9, 32};
  const std::vector<double> h{1e-3, 0.5, 20};
  const std::vector<double> noise{1, 2, 3};
  const std::vector<double> steps{0, 1, 2, 3, 100, 101, 102};
  const DisplacementCurve curve = discrete_displacement_curve(sgd, h, noise, steps);
  double sum = 0;
  for (std::size_t l = 0; l < 3; ++l)
    sum += discrete_displacement({1e-2, 0.9, 32, noise[l], h[l]}, 101);
  EXPECT_NEAR(curve.displacement[5], sum, 1e-13 * sum);
  const double slope =
      101 * (curve.displacement[6] - curve.displacement[4]) / (2 * curve.displacement[5]);
  EXPECT_NEAR(curve.exponent[5], slope, 1e-9);
  EXPECT_EQ(curve.exponent[0], 2);
}

TEST(DisplacementCurve, refuses_bad_input) {
  const std::vector<double> one{1};
  const std::vector<double> two{1, 2};
  const std::vector<double> back{2, 1};
  EXPECT_THROW((void)displacement_curve({0.01}, one, two, one), Error);
  EXPECT_THROW((void)displacement_curve({0.01}, two, two, back), Error);
  EXPECT_THROW((void)displacement_curve({0.01}, {}, {}, one), Error);
  EXPECT_THROW((void)displacement_curve({-0.01}, one, one, one), Error);
  EXPECT_THROW((void)discrete_displacement_curve({2.1}, one, one, one), Error);
}

}  // namespace
}  // namespace thermoscape::theory
