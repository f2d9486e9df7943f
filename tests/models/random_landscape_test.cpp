#include "thermoscape/models/random_landscape.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/analysis/errors_in_both.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/window_variance.hpp"

namespace thermoscape {
namespace {

using theory::MiniLossEnsemble;
using theory::MiniLossNoise;

MiniLossEnsemble three_modes() {
  MiniLossEnsemble e;
  e.mean_curvature = Vector{{6.0, 3.0, 1.0}};
  e.curvature_deviation = Vector{{1.2, 0.6, 0.2}};
  e.centre_deviation = Vector{{0.1, 0.15, 0.3}};
  e.coupling_deviation = Matrix{{9.0, 1.2, 0.7}, {1.2, 9.0, 0.5}, {0.7, 0.5, 9.0}};
  e.drift_centre = 0.3;
  return e;
}
constexpr MiniLossNoise kSgd{0.02, 0.005, 0.1};

/// Mean and standard error of f(draw).
template <class F>
std::pair<double, double> over_draws(const RandomLandscape& landscape, int draws, F&& f) {
  double sum = 0, square = 0;
  for (int i = 0; i < draws; ++i) {
    const double one = f(landscape.draw(1, static_cast<std::uint64_t>(i)));
    sum += one / draws;
    square += one * one / draws;
  }
  return {sum, std::sqrt((square - sum * sum) / draws)};
}

TEST(RandomLandscape, MeanLossIsTheExactAverageAndItsCurvatureTheFlatness) {
  const MiniLossEnsemble ensemble = three_modes();
  const RandomLandscape landscape(ensemble, kSgd, Noise(3));
  for (Eigen::Index mode = 0; mode < 3; ++mode) {
    for (const double t : {-0.2, 0.1, 0.25}) {
      Vector theta = Vector::Zero(3);
      theta(mode) = t;
      const auto [mean, error] = over_draws(
          landscape, 20000, [&](const MiniLoss& batch) { return std::exp(batch.log_rise(theta)); });
      const double expected = theory::log_mean_loss(ensemble, mode, t).value;
      EXPECT_NEAR(std::log(mean), expected, 4 * error / mean) << mode << " " << t;
    }
  }
}

TEST(RandomLandscape, FirstStepsDriftAndDiffuseAsTheTheorySays) {
  const RandomLandscape landscape(three_modes(), kSgd, Noise(4));
  const theory::MiniLossSteps exact = theory::mini_loss_steps(three_modes(), kSgd);
  for (Eigen::Index mode = 0; mode < 3; ++mode) {
    const auto step = [&](const MiniLoss& batch) {
      return kSgd.learning_rate * batch.loss * (batch.curvature * batch.centre)(mode);
    };
    const auto [mean, error] = over_draws(landscape, 40000, step);
    EXPECT_NEAR(mean, exact.mean_step(mode), 4 * error) << mode;
    const auto [square, square_error] = over_draws(
        landscape, 40000, [&](const MiniLoss& batch) { return step(batch) * step(batch); });
    EXPECT_NEAR(square, exact.step_square(mode), 4 * square_error) << mode;
  }
  // A trajectory from 0 takes these very steps.
  const Matrix path = landscape.trajectory(1, 7, 1, Vector::Zero(3));
  const MiniLoss batch = landscape.draw(1, 7);
  EXPECT_NEAR(
      path(1, 2), kSgd.learning_rate * batch.loss * (batch.curvature * batch.centre)(2), 1e-15);
}

TEST(RandomLandscape, StationarySpreadIsThatOfTheLinearSystem) {
  MiniLossEnsemble ensemble = three_modes();
  const MiniLossNoise fast{0.5, 0.1, 0.2};  // relaxes within ten steps
  const theory::StationarySpread exact = theory::stationary_spread(ensemble, fast);
  ASSERT_EQ(exact.status, Status::ok);
  const RandomLandscape landscape(ensemble, fast, Noise(5));
  Vector centre = Vector::Zero(3);
  centre(0) = ensemble.drift_centre;
  constexpr int kChains = 3000;
  for (Eigen::Index mode = 0; mode < 3; ++mode) {
    double sum = 0, square = 0;
    for (int c = 0; c < kChains; ++c) {
      const Matrix path = landscape.trajectory(static_cast<std::uint64_t>(c), 0, 60, centre);
      const double moved = std::pow(path(60, mode) - centre(mode), 2);
      sum += moved / kChains;
      square += moved * moved / kChains;
    }
    EXPECT_NEAR(sum, exact.second_moment(mode), 4 * std::sqrt((square - sum * sum) / kChains))
        << mode;
  }
}

/// Variances in windows of n steps over many chains, one a mode.
Vector window_variances(const RandomLandscape& landscape, std::int64_t n, int chains) {
  Vector sum = Vector::Zero(landscape.modes());
  for (int c = 0; c < chains; ++c) {
    // The path has run in for as long as the window is, from 0.
    const Matrix path =
        landscape
            .trajectory(static_cast<std::uint64_t>(c), 0, 2 * n, Vector::Zero(landscape.modes()))
            .bottomRows(n);
    sum += (path.rowwise() - path.colwise().mean()).array().square().colwise().mean().matrix() /
           chains;
  }
  return sum;
}

TEST(RandomLandscape, ShortWindowsGiveExponentTwoAndLongOnesNone) {
  // M0 = 8/F² and σ_θ = F/8, as the study finds: D ∝ M0² σ_θ² ∝ F^-2.
  constexpr Eigen::Index kModes = 12;
  MiniLossEnsemble e{
      Vector(kModes), Vector::Zero(kModes), Vector(kModes), Matrix::Zero(kModes, kModes), 0.0};
  std::vector<double> log_width;
  for (Eigen::Index i = 0; i < kModes; ++i) {
    const double width = 2 * std::pow(1.15, static_cast<double>(i));
    log_width.push_back(std::log(width));
    e.mean_curvature(i) = 8 / width / width;
    e.centre_deviation(i) = width / 8;
  }
  const auto exponent = [&](const Vector& variances) {
    std::vector<double> y, error(kModes, 0.05);
    for (const double one : variances) y.push_back(std::log(one));
    return -analysis::errors_in_both_fit(log_width, y, std::vector<double>(kModes, 1e-6), error)
                .slope.value;
  };
  const MiniLossNoise slow{0.02, 0, 0.1};  // τ = 1/(α L0 M0) from 250 to 5000 steps
  const RandomLandscape walk(e, slow, Noise(6));
  const Vector short_window = window_variances(walk, 15, 1500);
  const theory::MiniLossSteps steps = theory::mini_loss_steps(e, slow);
  for (Eigen::Index i = 0; i < kModes; ++i) {
    const double expected =
        theory::window_variance({.step_variance = steps.step_square(i), .steps = 15, .decay = 1})
            .random_walk;
    EXPECT_NEAR(short_window(i) / expected, 1, 0.06 + 4 * 0.9 / std::sqrt(1500.0)) << i;
  }
  EXPECT_NEAR(exponent(short_window), 2, 0.15);
  const MiniLossNoise fast{2, 0, 0.1};  // τ from 2.5 to 50 steps: stationary in the window
  const RandomLandscape stationary(e, fast, Noise(7));
  EXPECT_NEAR(exponent(window_variances(stationary, 1500, 12)), 0, 0.35);
}

TEST(RandomLandscape, RefusesWhatTheTheoryRefuses) {
  MiniLossEnsemble bad = three_modes();
  bad.centre_deviation(1) = -1;
  EXPECT_THROW(RandomLandscape(bad, kSgd, Noise(1)), Error);
}

}  // namespace
}  // namespace thermoscape
