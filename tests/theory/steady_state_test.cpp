#include "thermoscape/theory/steady_state.hpp"

#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/sinh_sinh.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {
namespace {

using ::testing::HasSubstr;

/// U = k(x²-1)²/4 + cx,  D = d0 + d1(x-x0)².
struct DoubleWell {
  double k = 1;
  double c = 0.1;
  double d0 = 0.4;
  double d1 = 0.3;
  double x0 = -0.5;

  double slope(double x) const { return k * x * (x * x - 1) + c; }
  double noise(double x) const { return d0 + d1 * (x - x0) * (x - x0); }
  Landscape landscape() const {
    const DoubleWell well = *this;
    Landscape made;
    made.loss = [well](double x) { return well.k * (x * x - 1) * (x * x - 1) / 4 + well.c * x; };
    made.slope = [well](double x) { return well.slope(x); };
    made.curvature = [well](double x) { return well.k * (3 * x * x - 1); };
    made.noise = [well](double x) { return well.noise(x); };
    made.noise_slope = [well](double x) { return 2 * well.d1 * (x - well.x0); };
    made.noise_curvature = [well](double) { return 2 * well.d1; };
    return made;
  }
};

struct Moments {
  double mean = 0;
  double variance = 0;
};

/// Null vector of the finite-volume Fokker-Planck operator with J = U'ρ + (T/2)(Dρ)' at the faces
/// of cells of width h: in one dimension J = 0 at every face, cell by cell.
Moments finite_volume(const DoubleWell& well, double temperature, int cells) {
  const double low = -3.5;
  const double h = 7.0 / cells;
  std::vector<double> logs{0.0};
  const auto x = [&](int i) { return low + (i + 0.5) * h; };
  for (int i = 0; i + 1 < cells; ++i) {
    const double drift = well.slope(low + (i + 1) * h) / 2;
    const double diffusion = temperature / (2 * h);
    logs.push_back(logs.back() + std::log((diffusion * well.noise(x(i)) - drift) /
                                          (diffusion * well.noise(x(i + 1)) + drift)));
  }
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  Moments m;
  double square = 0;
  for (int i = 0; i < cells; ++i) {
    const double p = std::exp(logs[static_cast<std::size_t>(i)] - top);
    sum += p;
    m.mean += p * x(i);
    square += p * x(i) * x(i);
  }
  m.mean /= sum;
  m.variance = square / sum - m.mean * m.mean;
  return m;
}

TEST(SteadyState, is_the_null_vector_of_the_fokker_planck_operator) {
  for (const double temperature : {0.3, 1.0, 3.0}) {
    const DoubleWell well;
    const SteadyState state = SteadyState::on_line(well.landscape(), temperature);
    const Moments coarse = finite_volume(well, temperature, 4000);
    const Moments fine = finite_volume(well, temperature, 8000);
    // Second order: the error falls by four, what is left after extrapolation is of fourth order.
    const double mean = fine.mean + (fine.mean - coarse.mean) / 3;
    const double variance = fine.variance + (fine.variance - coarse.variance) / 3;
    if (temperature < 1) {  // the tails at ±3.5 are below 1e-12 here
      EXPECT_NEAR(state.mean().value, mean, 1e-8);
      EXPECT_NEAR(state.variance().value, variance, 1e-8);
      EXPECT_NEAR((coarse.mean - mean) / (fine.mean - mean), 4, 0.01);
    }
    // The same ends for the hotter ones.
    const SteadyState box(well.landscape(), temperature, {-3.5, -1, 0, 1, 3.5});
    EXPECT_NEAR(box.mean().value, mean, 1e-8);
    EXPECT_NEAR(box.variance().value, variance, 1e-8);
  }
}

/// U' and D for which ∫U'/D is elementary, by a rule of another family.
TEST(SteadyState, agrees_with_double_exponential_quadrature_of_the_closed_form) {
  boost::math::quadrature::sinh_sinh<double> quadrature;
  for (const double d1 : {0.05, 0.3, 2.0}) {
    for (const double temperature : {0.05, 0.4, 5.0}) {
      const DoubleWell well{1, 0, 0.7, d1, 0};
      const double b = (well.d0 / d1 + 1) / (2 * d1);
      const auto rho = [&](double x) {
        const double noise = well.noise(x);
        const double drift = x * x / (2 * d1) - b * std::log(noise);
        // Relative to x = 1, the minimum of U.
        const double base = 1 / (2 * d1) - b * std::log(well.noise(1));
        return std::exp(-2 * (drift - base) / temperature) / noise;
      };
      const double zero = quadrature.integrate(rho, 1e-13);
      const double two =
          quadrature.integrate([&](double x) { return x * x < 1e9 ? x * x * rho(x) : 0; }, 1e-13);
      const SteadyState state = SteadyState::on_line(well.landscape(), temperature, 0.3, 0.7);
      EXPECT_NEAR(state.mean().value, 0, 1e-9);
      EXPECT_NEAR(state.variance().value, two / zero, 1e-8 * two / zero);
      EXPECT_NEAR(state.density(0.4), rho(0.4) / zero, 1e-8 * state.density(0.4));
      EXPECT_NEAR(state.probability(0, 1e9), 0.5, 1e-9);
    }
  }
}

/// Euler-Maruyama in the sense of Itô. 400 chains; the bias of the scheme at this step is below
/// 0.003, the Stratonovich law would give 0.67 for the variance.
TEST(SteadyState, agrees_with_simulation) {
  const DoubleWell well;
  const double temperature = 1;
  const double step = 0.005;
  std::mt19937_64 generator(7);
  std::normal_distribution<double> normal;
  constexpr int kChains = 400;
  double sum = 0;
  double square = 0;
  double above = 0;
  double above_square = 0;
  for (int chain = 0; chain < kChains; ++chain) {
    double x = -1;
    double mean_square = 0;
    double share = 0;
    constexpr int kSteps = 20000;
    for (int i = -2000; i < kSteps; ++i) {
      x +=
          -step * well.slope(x) + std::sqrt(step * temperature * well.noise(x)) * normal(generator);
      if (i < 0) continue;
      mean_square += x * x / kSteps;
      share += (x > 0.1 ? 1.0 : 0.0) / kSteps;
    }
    sum += mean_square / kChains;
    square += mean_square * mean_square / kChains;
    above += share / kChains;
    above_square += share * share / kChains;
  }
  const double error = std::sqrt((square - sum * sum) / kChains);
  const double share_error = std::sqrt((above_square - above * above) / kChains);
  const SteadyState state = SteadyState::on_line(well.landscape(), temperature);
  EXPECT_LT(error, 0.01);
  EXPECT_NEAR(state.average([](double x) { return x * x; }), sum, 4 * error + 0.003);
  EXPECT_NEAR(state.probability(0.1, state.high()), above, 4 * share_error + 0.002);
  // The published figures: variance 0.5223, P(θ > 0.1) = 0.1699.
  EXPECT_NEAR(state.variance().value, 0.5223, 5e-5);
  EXPECT_NEAR(state.probability(0.1, state.high()), 0.1699, 5e-5);
}

TEST(SteadyState, without_a_force_the_noise_repels) {
  Landscape flat;
  flat.loss = flat.slope = flat.curvature = [](double) { return 0.0; };
  flat.noise = [](double x) { return 1 + x * x; };
  flat.noise_slope = [](double x) { return 2 * x; };
  for (const double temperature : {1e-6, 1.0, 100.0}) {  // ρ ∝ 1/D for any T
    const SteadyState state(flat, temperature, {-1, 1});
    const double pi = boost::math::constants::pi<double>();
    EXPECT_NEAR(state.density(0.5), 1 / (1.25 * pi / 2), 1e-12);
    EXPECT_NEAR(state.variance().value, 4 / pi - 1, 1e-12);
    EXPECT_EQ(state.density(1.01), 0);
  }
}

TEST(SteadyState, power_law_tails_keep_their_moments_or_say_so) {
  // D = U = 1 + x²/2: ρ ∝ U^{-n}, n = 1 + 2/T, variance 2/(2n-3).
  Landscape landscape;
  landscape.loss = landscape.noise = [](double x) { return 1 + x * x / 2; };
  landscape.slope = landscape.noise_slope = [](double x) { return x; };
  landscape.curvature = landscape.noise_curvature = [](double) { return 1.0; };
  for (const double temperature : {0.01, 0.5, 1.0, 2.0}) {
    const Value variance = SteadyState::on_line(landscape, temperature).variance();
    EXPECT_EQ(variance.status, Status::ok) << temperature;
    EXPECT_NEAR(variance.value, 2 / (4 / temperature - 1), 1e-9 * variance.value) << temperature;
  }
  const SteadyState heavy = SteadyState::on_line(landscape, 8);  // no variance, but a mean
  EXPECT_EQ(heavy.variance().status, Status::not_converged);
}

TEST(SteadyState, basins_keep_relative_accuracy_at_any_temperature) {
  boost::math::quadrature::tanh_sinh<double> quadrature;
  for (const double temperature : {1e-2, 1e-3, 2.5e-4}) {
    // The right well lies ΔU above: its share falls to e^{-690}, still told to 1e-9.
    const double tilt = 0.0429;
    const auto loss = [tilt](double x) { return (x * x - 1) * (x * x - 1) / 4 + tilt * x; };
    const Landscape landscape = constant_noise(
        loss,
        [tilt](double x) { return x * (x * x - 1) + tilt; },
        [](double x) { return 3 * x * x - 1; });
    const SteadyState state(landscape, temperature, {-3, -2, -1, 0, 1, 2, 3});
    ASSERT_EQ(state.minima().size(), 2U);
    const double divide = state.maxima()[0];
    const auto log_mass = [&](double centre, double left, double right) {
      const double base = loss(centre);
      const double spread = std::sqrt(temperature);
      const auto rho = [&](double x) { return std::exp(-2 * (loss(x) - base) / temperature); };
      // Cut where nothing is left, so that the rule sees the peak.
      const double from = std::max(left, centre - 12 * spread);
      const double to = std::min(right, centre + 12 * spread);
      return std::log(quadrature.integrate(rho, from, centre) +
                      quadrature.integrate(rho, centre, to)) -
             2 * base / temperature;
    };
    const double expected =
        log_mass(state.minima()[1], divide, 3) - log_mass(state.minima()[0], -3, divide);
    const double share = state.probability(divide, 3);
    ASSERT_GT(share, 0) << temperature;
    const double rest = state.probability(-3, divide);
    EXPECT_NEAR(std::log(share / rest), expected, 1e-9 * std::abs(expected)) << temperature;
    EXPECT_NEAR(share + rest, 1, 1e-12);
  }
  // Far below: a point at the deeper minimum, with the width of equipartition. The rounding of v
  // over T = 1e-12 is of order 1e-4, of the width 4e-7 or of its square.
  const DoubleWell well;
  const SteadyState cold = SteadyState::on_line(well.landscape(), 1e-12);
  const double minimum = cold.loss_minima()[0];
  const double width = 1e-12 / 2 * well.noise(minimum) / (3 * minimum * minimum - 1);
  EXPECT_NEAR(cold.mean().value, minimum, 1e-3 * std::sqrt(width));
  EXPECT_NEAR(cold.variance().value, width, 1e-3 * width);
}

TEST(SteadyState, effective_potential_has_the_slope_of_the_force) {
  const DoubleWell well;
  const double temperature = 0.7;
  const SteadyState state = SteadyState::on_line(well.landscape(), temperature);
  for (const double x : {-1.7, -0.31, 0.02, 0.9, 2.2}) {
    const double h = 1e-5;
    const double slope =
        (state.effective_potential(x + h) - state.effective_potential(x - h)) / (2 * h);
    const double noise_slope = (well.noise(x + h) - well.noise(x - h)) / (2 * h);
    EXPECT_NEAR(slope, (well.slope(x) + temperature / 2 * noise_slope) / well.noise(x), 1e-7);
  }
  EXPECT_NEAR(state.density(state.minima()[0]) / state.density(1),
              std::exp(2 * (state.effective_potential(1)) / temperature),
              1e-9);
}

TEST(SteadyState, refuses_what_has_no_steady_state) {
  const DoubleWell well;
  const auto message = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(message([&] { (void)SteadyState::on_line(well.landscape(), 0); }),
            "temperature = 0: must be > 0");
  EXPECT_THAT(message([&] {
                SteadyState(well.landscape(), 1, {1, 1});
              }),
              HasSubstr("must be two or more increasing numbers"));
  EXPECT_THAT(message([&] {
                SteadyState(DoubleWell{1, 0, -1, 0.3, 0}.landscape(), 1, {-1, 1});
              }),
              HasSubstr("must be > 0"));
  const auto zero = [](double) { return 0.0; };
  EXPECT_THAT(message([&] { (void)SteadyState::on_line(constant_noise(zero, zero, zero), 1); }),
              HasSubstr("must confine"));
  EXPECT_THAT(message([&] {
                (void)SteadyState::on_line(DoubleWell{-1, 0, 1, 0, 0}.landscape(), 1);
              }),
              HasSubstr("must confine"));
  EXPECT_THROW((void)constant_noise(zero, zero, zero, -1), Error);
  EXPECT_THROW((void)SteadyState(well.landscape(), 1, {-1, 1}).effective_potential(2), Error);
}

}  // namespace
}  // namespace thermoscape::theory
