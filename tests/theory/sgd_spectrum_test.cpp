#include "thermoscape/theory/sgd_spectrum.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

SgdSpectrum spectrum() {
  return {0.01, 0.9, 64, 0.02, 1.3, {20, 3, 0.2, 0.01, 1e-7}};
}

TEST(SgdSpectrum, one_step_of_the_exact_displacement_is_the_local_one) {
  for (const double beta : {0.0, 0.5, 0.9, 0.99}) {
    SgdSpectrum in = spectrum();
    in.momentum = beta;
    const Compared local = local_displacement(in);
    EXPECT_NEAR(local.exact / exact_global_displacement(in, 1), 1, 1e-12);
    EXPECT_GT(local.exact, local.continuous);
    // Potential energy by the exact covariances, plane by plane.
    double potential = 0;
    double kinetic = 0;
    for (const double rho : in.eigenvalues) {
      const SgdNoise plane = eigenplane(in, rho);
      potential += plane.curvature * discrete_stationary(plane).position / 2;
      kinetic += in.learning_rate * (1 + beta) / 4 * discrete_stationary(plane).velocity;
    }
    EXPECT_NEAR(equipartition_energy(in).exact / potential, 1, 1e-13);
    EXPECT_NEAR(potential / kinetic, 1, 1e-13);
  }
}

TEST(SgdSpectrum, curve_is_the_closed_form_at_every_step) {
  const SgdSpectrum in = spectrum();
  const std::vector<double> curve = exact_displacement_curve(in, 5000);
  for (const std::size_t t : {1U, 2U, 3U, 10U, 77U, 500U, 4999U, 5000U}) {
    EXPECT_NEAR(curve[t - 1] / exact_global_displacement(in, static_cast<double>(t)), 1, 1e-11);
  }
}

TEST(SgdSpectrum, continuous_theory_is_right_at_late_times_but_for_the_factor) {
  SgdSpectrum in = spectrum();
  in.eigenvalues = {5.0};
  const double factor = discrete_factor(eigenplane(in, 5.0));
  EXPECT_NEAR(
      factor * global_displacement(in, 2000) / exact_global_displacement(in, 2000), 1, 1e-9);
  EXPECT_EQ(global_displacement(in, 0), 0);
  EXPECT_EQ(exact_global_displacement(in, 0), 0);
}

/// The spurious term of the printed sum, (1-β)/(3(1+β)) (η²Σ/κ) t: its slope at late times, when
/// the true displacement stands still. The coefficient is the leading one in ηh -> 0.
TEST(SgdSpectrum, printed_sum_grows_where_nothing_moves) {
  const SgdSpectrum in{0.01, 0.9, 64, 0, 1, {0.1}};
  const double prefactor = local_displacement(in).continuous;
  const double slope =
      (trapezoid_global_displacement(in, 60000) - trapezoid_global_displacement(in, 50000)) / 10000;
  EXPECT_NEAR(slope / prefactor, 0.1 / (3 * 1.9), 0.02 * 0.1 / (3 * 1.9));
  EXPECT_NEAR(global_displacement(in, 60000) / global_displacement(in, 50000), 1, 1e-4);
}

TEST(SgdSpectrum, local_exponent_is_the_slope_of_the_curve) {
  SgdSpectrum in = spectrum();
  for (const double steps : {0.5, 3.0, 40.0, 900.0, 1e5}) {
    const double h = 1e-5;
    const double slope = std::log(global_displacement(in, steps * (1 + h)) /
                                  global_displacement(in, steps * (1 - h))) /
                         std::log((1 + h) / (1 - h));
    EXPECT_NEAR(displacement_exponent(in, steps).value, slope, 1e-7);
  }
  // Neither batch size nor the amplitude of the noise enters.
  const double before = displacement_exponent(in, 40).value;
  in.batch_size = 1;
  in.noise_per_curvature = 7;
  EXPECT_NEAR(displacement_exponent(in, 40).value, before, 1e-14);
  EXPECT_EQ(displacement_exponent(in, 0).value, 2);
}

TEST(SgdSpectrum, fit_recovers_a_power_law) {
  std::vector<double> curve;
  for (int t = 1; t <= 300; ++t) curve.push_back(0.02 * std::pow(t, 1.37));
  EXPECT_NEAR(fitted_exponent(curve), 1.37, 1e-12);
  // Published: larger learning rate or momentum, smaller exponent.
  SgdSpectrum in{1e-4, 0.9, 256, 1e-4, 1, {}};
  for (int l = 1; l <= 300; ++l) in.eigenvalues.push_back(60 * std::pow(l, -1.2));
  const double base = fitted_exponent(exact_displacement_curve(in, 2000));
  in.learning_rate = 3e-4;
  EXPECT_LT(fitted_exponent(exact_displacement_curve(in, 2000)), base);
  in.learning_rate = 1e-4;
  in.momentum = 0.95;
  EXPECT_LT(fitted_exponent(exact_displacement_curve(in, 2000)), base);
}

TEST(SgdSpectrum, refuses_what_is_out_of_range) {
  SgdSpectrum in = spectrum();
  EXPECT_THROW((void)trapezoid_global_displacement(in, 1.5), Error);
  EXPECT_THROW((void)fitted_exponent({1}), Error);
  EXPECT_THROW((void)fitted_exponent({1, 0}), Error);
  in.eigenvalues.push_back(400);
  try {
    (void)local_displacement(in);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "sgd-spectrum.learning_rate = 0.01: must be < 2(1+β)/h = 0.00949953, beyond which "
                 "steps diverge");
  }
  in.eigenvalues.clear();
  EXPECT_THROW((void)global_displacement(in, 1), Error);
}

}  // namespace
}  // namespace thermoscape::theory
