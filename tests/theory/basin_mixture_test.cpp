#include "thermoscape/theory/basin_mixture.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Dense>
#include <boost/math/quadrature/exp_sinh.hpp>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/anisotropic_ou.hpp"

namespace thermoscape::theory {
namespace {

/// U = (x²-1)²/4 + cx,  D = 0.4 + 0.3 (x + 0.5)².
SteadyState double_well(double temperature, double tilt) {
  Landscape landscape;
  landscape.loss = [tilt](double x) { return (x * x - 1) * (x * x - 1) / 4 + tilt * x; };
  landscape.slope = [tilt](double x) { return x * (x * x - 1) + tilt; };
  landscape.curvature = [](double x) { return 3 * x * x - 1; };
  landscape.noise = [](double x) { return 0.4 + 0.3 * (x + 0.5) * (x + 0.5); };
  landscape.noise_slope = [](double x) { return 0.6 * (x + 0.5); };
  landscape.noise_curvature = [](double) { return 0.6; };
  return SteadyState::on_line(landscape, temperature);
}

/// The published figures: widths 0.003214 and 0.0010709, biases, weight 3.228e-19 at T = 0.01.
TEST(BasinMixture, has_the_published_values) {
  const std::vector<Basin> warm = laplace_basins(double_well(0.03, 0.1));
  ASSERT_EQ(warm.size(), 2U);
  EXPECT_NEAR(warm[0].variance.value, 0.003214, 5e-7);
  const std::vector<Basin> cold = laplace_basins(double_well(0.01, 0.1));
  EXPECT_NEAR(cold[0].variance.value, 0.0010709, 5e-8);
  EXPECT_LT(cold[1].weight.value, 1e-9);
  EXPECT_GT(cold[1].weight.value, 0);
}

/// Every number tends to the exact one of its basin at first order in T.
TEST(BasinMixture, errors_are_of_first_order_in_temperature) {
  const auto errors = [](double temperature) {
    const SteadyState state = double_well(temperature, 2e-4);
    const std::vector<Basin> basins = laplace_basins(state);
    const double divide = state.maxima()[0];
    const double share = state.probability(state.low(), divide);
    const auto theta = [](double x) { return x; };
    const double mean = state.integral(theta, state.low(), divide) / share;
    const double variance =
        state.integral([mean](double x) { return (x - mean) * (x - mean); }, state.low(), divide) /
        share;
    return std::vector<double>{basins[0].variance.value / variance - 1,
                               std::log(basins[0].weight.value / basins[1].weight.value) -
                                   std::log(share / state.probability(divide, state.high())),
                               basins[0].linear_bias.value / basins[0].bias.value - 1};
  };
  const std::vector<double> large = errors(4e-3);
  const std::vector<double> small = errors(2e-3);
  for (std::size_t i = 0; i < large.size(); ++i) {
    EXPECT_NEAR(large[i] / small[i], 2, 0.1) << i;
    EXPECT_LT(std::abs(small[i]), 0.02) << i;
    EXPECT_GT(std::abs(small[i]), 1e-6) << i;
  }
}

TEST(BasinMixture, centre_balances_the_force_and_the_noise) {
  const double temperature = 0.03;
  const SteadyState state = double_well(temperature, 0.02);
  for (const Basin& basin : laplace_basins(state)) {
    const Landscape& landscape = state.landscape();
    const double h = 1e-5;
    const double slope =
        (landscape.loss(basin.centre + h) - landscape.loss(basin.centre - h)) / (2 * h);
    const double noise_slope =
        (landscape.noise(basin.centre + h) - landscape.noise(basin.centre - h)) / (2 * h);
    EXPECT_NEAR(slope + temperature / 2 * noise_slope, 0, 1e-9);
    EXPECT_NEAR(landscape.slope(basin.minimum.value), 0, 1e-12);
    // The state leans to where the noise is low.
    EXPECT_LT(landscape.noise(basin.centre), landscape.noise(basin.minimum.value));
    const double curvature = (state.effective_potential(basin.centre + 1e-4) - 2 * basin.potential +
                              state.effective_potential(basin.centre - 1e-4)) /
                             1e-8;
    EXPECT_NEAR(basin.variance.value, temperature / 2 / curvature, 1e-5 * basin.variance.value);
  }
}

TEST(BasinMixture, a_basin_of_higher_order_has_no_gaussian) {
  const SteadyState quartic =
      SteadyState::on_line(constant_noise([](double x) { return x * x * x * x; },
                                          [](double x) { return 4 * x * x * x; },
                                          [](double x) { return 12 * x * x; }),
                           0.1);
  const std::vector<Basin> basins = laplace_basins(quartic);
  ASSERT_EQ(basins.size(), 1U);
  EXPECT_EQ(basins[0].centre, 0);
  EXPECT_EQ(basins[0].variance.status, Status::undefined);
  EXPECT_EQ(basins[0].weight.status, Status::undefined);
}

/// Zero curl in two dimensions: D = I/f'(U), where ∂²v at the minimum of U is that of v = f(U) -
/// (T/2) ln f'(U), by finite differences.
TEST(BasinMixture, covariance_is_the_inverse_curvature_of_the_potential) {
  const double temperature = 0.2;
  const Eigen::MatrixXd hessian{{2, 0.3}, {0.3, 1}};
  const auto loss = [&](const Eigen::VectorXd& x) { return 1.5 + x.dot(hessian * x) / 2; };
  const auto v = [&](const Eigen::VectorXd& x) {
    const double u = loss(x);  // f = u + u³/3
    return u + u * u * u / 3 - temperature / 2 * std::log(1 + u * u);
  };
  Eigen::MatrixXd curvature(2, 2);
  const double h = 1e-4;
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      const Eigen::VectorXd a = h * Eigen::VectorXd::Unit(2, i);
      const Eigen::VectorXd b = h * Eigen::VectorXd::Unit(2, j);
      curvature(i, j) = (v(a + b) - v(a - b) - v(b - a) + v(-a - b)) / (4 * h * h);
    }
  }
  const double slope = 1 + 1.5 * 1.5;
  const Eigen::MatrixXd noise = Eigen::MatrixXd::Identity(2, 2) / slope;
  const Eigen::MatrixXd divergence_slope = -2 * 1.5 / (slope * slope) * hessian;
  const BasinCovariance s = mixture_covariance(hessian, noise, divergence_slope, temperature);
  EXPECT_EQ(s.status, Status::ok);
  EXPECT_LT((s.covariance - temperature / 2 * curvature.inverse()).norm(), 1e-6);
  // Constant noise that commutes: the Lyapunov equation says the same.
  const Eigen::MatrixXd commuting = hessian * hessian;
  const Eigen::MatrixXd none = Eigen::MatrixXd::Zero(2, 2);
  EXPECT_LT((mixture_covariance(hessian, commuting, none, temperature).covariance -
             anisotropic_covariance(hessian, commuting, temperature))
                .norm(),
            1e-14);
  const Eigen::MatrixXd other{{1, 0.6}, {0.6, 0.8}};
  EXPECT_EQ(mixture_covariance(hessian, other, none, temperature).status, Status::out_of_range);
  EXPECT_EQ(mixture_covariance(-hessian, noise, none, temperature).status, Status::undefined);
}

TEST(BasinMixture, bias_solves_the_linear_balance) {
  const Eigen::MatrixXd curvature{{2, 0.3, 0}, {0.3, 1, -0.2}, {0, -0.2, 0.5}};
  const Eigen::VectorXd divergence{{0.3, -1, 2}};
  const Eigen::VectorXd bias = mixture_bias(curvature, divergence, 0.04);
  EXPECT_LT((curvature * bias - 0.02 * divergence).norm(), 1e-15);
}

TEST(BasinMixture, even_order_integrals_agree_with_quadrature) {
  boost::math::quadrature::exp_sinh<double> quadrature;
  for (const int order : {2, 4, 6, 10}) {
    for (const double temperature : {1e-3, 0.02, 3.0}) {
      double expected = 0;
      const std::vector<double> derivatives{3.0, 1.3, 40.0};
      for (const double derivative : derivatives) {
        const double a = 2 * derivative / (temperature * std::tgamma(order + 1.0));
        const double scale = std::pow(a, -1.0 / order);
        expected += std::log(
            2 * scale *
            quadrature.integrate(
                [&](double z) { return z > 1e3 ? 0.0 : std::exp(-std::pow(z, order)); }, 1e-13));
      }
      EXPECT_NEAR(log_even_order_integral(derivatives, order, temperature), expected, 1e-10);
    }
  }
}

TEST(BasinMixture, weights_hold_at_any_temperature) {
  const std::vector<double> warm = mixture_weights({0.1, 0.2}, {std::log(4.0), 0.0}, 0.1);
  EXPECT_NEAR(warm[0] / warm[1], std::exp(2.0) / 2, 1e-13);
  EXPECT_NEAR(warm[0] + warm[1], 1, 1e-15);
  const std::vector<double> cold = mixture_weights({1e3, 1e3 + 1e-9}, {700, -700}, 1e-300);
  EXPECT_EQ(cold[0], 1);
  EXPECT_EQ(cold[1], 0);
  const std::vector<double> hot = mixture_weights({-5, 5}, {std::log(9.0), 0}, 1e300);
  EXPECT_NEAR(hot[1] / hot[0], 3, 1e-12);
}

/// A quadratic and a quartic basin side by side, exactly and by their leading orders.
TEST(BasinMixture, orders_may_be_mixed) {
  const double temperature = 1e-4;
  // Smooth enough to integrate, exact near each minimum: U = min-like by a step far from both.
  const auto quartic = [](double x) { return std::pow(x, 4) / 24 * 3.0; };
  const auto quadratic = [](double x) { return x * x / 2 * 5.0; };
  const SteadyState first = SteadyState::on_line(
      constant_noise(
          quartic, [](double x) { return x * x * x / 2; }, [](double x) { return 1.5 * x * x; }),
      temperature);
  const SteadyState second = SteadyState::on_line(
      constant_noise(
          quadratic, [](double x) { return 5 * x; }, [](double) { return 5.0; }),
      temperature);
  // 1/ρ(0) is the integral of each.
  const double exact = first.density(0) / second.density(0);
  const std::vector<double> weights =
      even_order_weights({0, 0},
                         {log_even_order_integral({3.0}, 4, temperature),
                          log_even_order_integral({5.0}, 2, temperature)},
                         temperature);
  EXPECT_NEAR(weights[1] / weights[0], exact, 1e-10 * exact);
}

TEST(BasinMixture, refuses_bad_input) {
  EXPECT_THROW((void)mixture_weights({}, {}, 1), Error);
  EXPECT_THROW((void)mixture_weights({1, 2}, {0}, 1), Error);
  EXPECT_THROW((void)mixture_weights({1}, {0}, 0), Error);
  EXPECT_THROW((void)log_even_order_integral({1}, 3, 1), Error);
  EXPECT_THROW((void)log_even_order_integral({-1}, 4, 1), Error);
  EXPECT_THROW((void)log_even_order_integral({}, 4, 1), Error);
  EXPECT_THROW((void)mixture_bias(-Eigen::MatrixXd::Identity(2, 2), Eigen::VectorXd::Zero(2), 1),
               Error);
  EXPECT_THROW((void)mixture_bias(Eigen::MatrixXd::Identity(3, 3), Eigen::VectorXd::Zero(2), 1),
               Error);
}

}  // namespace
}  // namespace thermoscape::theory
