#include "thermoscape/theory/mini_loss_landscape.hpp"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::theory {
namespace {

using ::testing::HasSubstr;

MiniLossEnsemble four_modes() {
  MiniLossEnsemble e;
  e.mean_curvature = Vector{{6.0, 5.0, 3.0, 1.0}};
  e.curvature_deviation = Vector{{1.5, 1.2, 0.7, 0.25}};
  e.centre_deviation = Vector{{0.1, 0.12, 0.15, 0.3}};
  e.coupling_deviation = Matrix{
      {9.0, 1.6, 1.2, 0.7}, {1.6, 9.0, 1.1, 0.6}, {1.2, 1.1, 9.0, 0.5}, {0.7, 0.6, 0.5, 9.0}};
  e.drift_centre = 0.35;
  return e;
}

MiniLossEnsemble one_mode(double mean, double deviation, double centre) {
  return {Vector{{mean}}, Vector{{deviation}}, Vector{{centre}}, Matrix::Zero(1, 1), 0.0};
}

/// One minibatch: M symmetric with the stated laws, θ^μ and L0.
struct Minibatch {
  Matrix curvature;
  Vector centre;
  double loss = 0;
};

Minibatch draw(const MiniLossEnsemble& e, const MiniLossNoise& noise, std::uint64_t step) {
  const Eigen::Index n = e.mean_curvature.size();
  std::vector<double> x(static_cast<std::size_t>(n * (n + 1) / 2 + n + 1));
  Noise(7).normal("test.minibatch", step, std::span<double>(x));
  Minibatch b{Matrix(n, n), Vector(n), 0};
  std::size_t next = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    b.curvature(i, i) = e.mean_curvature[i] + e.curvature_deviation[i] * x[next++];
    for (Eigen::Index j = 0; j < i; ++j) {
      b.curvature(i, j) = b.curvature(j, i) = e.coupling_deviation(i, j) * x[next++];
    }
    b.centre[i] = (i == 0 ? e.drift_centre : 0) + e.centre_deviation[i] * x[next++];
  }
  b.loss = noise.loss + noise.loss_deviation * x[next];
  return b;
}

struct Mean {
  double sum = 0;
  double square = 0;
  double count = 0;
  void add(double x) {
    sum += x;
    square += x * x;
    ++count;
  }
  double value() const { return sum / count; }
  double error() const { return std::sqrt((square / count - value() * value()) / count); }
};

/// The second cumulant is the curvature at 0 of the exact average, its slope the mean force.
TEST(MiniLossLandscape, overall_curvature_is_that_of_the_exact_average) {
  const MiniLossEnsemble e = four_modes();
  const Vector curvature = overall_curvature(e);
  constexpr double kStep = 1e-3;
  for (Eigen::Index i = 0; i < 4; ++i) {
    const double up = log_mean_loss(e, i, kStep).value;
    const double down = log_mean_loss(e, i, -kStep).value;
    EXPECT_NEAR((up + down) / (kStep * kStep), curvature[i], 2e-5 * curvature[i]) << i;
    EXPECT_NEAR((up - down) / (2 * kStep), i == 0 ? -6 * 0.35 : 0, 1e-5) << i;
    EXPECT_EQ(log_mean_loss(e, i, 0).value, 0);
  }
}

TEST(MiniLossLandscape, exact_average_is_that_of_draws) {
  const MiniLossEnsemble e = four_modes();
  for (const Eigen::Index mode : {0, 2}) {
    for (const double t : {0.25, -0.4}) {
      Mean mean;
      for (std::uint64_t step = 0; step < 100000; ++step) {
        const Minibatch b = draw(e, {}, step);
        mean.add(std::exp(t * t / 2 * b.curvature(mode, mode) -
                          t * b.curvature.row(mode).dot(b.centre)));
      }
      const Value exact = log_mean_loss(e, mode, t);
      EXPECT_NEAR(mean.value(), std::exp(exact.value), 4 * mean.error()) << mode << " " << t;
      EXPECT_LT(mean.error() / mean.value(), 0.01);
    }
  }
}

TEST(MiniLossLandscape, average_ends_where_it_diverges) {
  const MiniLossEnsemble e = one_mode(5, 1.2, 0.12);
  const double end = 1 / (0.12 * 1.2);
  EXPECT_EQ(log_mean_loss(e, 0, 0.999 * end).status, Status::ok);
  EXPECT_EQ(log_mean_loss(e, 0, 1.001 * end).status, Status::undefined);
  MiniLossEnsemble coupled = four_modes();
  coupled.coupling_deviation(1, 3) = 20;  // 1/(20 · 0.3)
  EXPECT_EQ(log_mean_loss(coupled, 1, 0.16).status, Status::ok);
  EXPECT_EQ(log_mean_loss(coupled, 1, 0.17).status, Status::undefined);
}

TEST(MiniLossLandscape, steps_are_those_of_draws) {
  const MiniLossEnsemble e = four_modes();
  const MiniLossNoise noise{0.02, 0.008, 0.1};
  const MiniLossSteps steps = mini_loss_steps(e, noise);
  std::vector<Mean> mean(4);
  std::vector<Mean> square(4);
  for (std::uint64_t step = 0; step < 100000; ++step) {
    const Minibatch b = draw(e, noise, step);
    const Vector v = noise.learning_rate * b.loss * (b.curvature * b.centre);
    for (std::size_t i = 0; i < 4; ++i) {
      mean[i].add(v[static_cast<Eigen::Index>(i)]);
      square[i].add(std::pow(v[static_cast<Eigen::Index>(i)], 2));
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    const auto k = static_cast<Eigen::Index>(i);
    EXPECT_NEAR(mean[i].value(), steps.mean_step[k], 4 * mean[i].error()) << i;
    EXPECT_NEAR(square[i].value(), steps.step_square[k], 4 * square[i].error()) << i;
    // T_act = (α/2)⟨|∂δL|²⟩ with v = α ∂L.
    EXPECT_NEAR(steps.temperature[k],
                (square[i].value() - std::pow(mean[i].value(), 2)) / (2 * noise.learning_rate),
                4 * square[i].error() / (2 * noise.learning_rate));
    EXPECT_LT(steps.printed[k], 0.7 * steps.step_square[k]);  // what print leaves out
    EXPECT_DOUBLE_EQ(steps.relaxation[k], 1 / (0.1 * 0.02 * e.mean_curvature[k]));
  }
}

TEST(MiniLossLandscape, stationary_spread_is_that_of_chains) {
  const MiniLossEnsemble e = four_modes();
  const MiniLossNoise noise{0.02, 0.008, 2};
  const StationarySpread spread = stationary_spread(e, noise);
  ASSERT_EQ(spread.status, Status::ok);
  const Vector origin{{e.drift_centre, 0.0, 0.0, 0.0}};
  std::vector<Mean> over_chains(4);
  std::uint64_t step = 0;
  for (int chain = 0; chain < 60; ++chain) {
    Vector theta = origin;
    Vector sum = Vector::Zero(4);
    for (int t = 0; t < 1500; ++t) {
      const Minibatch b = draw(e, noise, step++);
      theta -= noise.learning_rate * b.loss * (b.curvature * (theta - b.centre));
      if (t >= 300) sum += (theta - origin).cwiseAbs2();  // 12 relaxation times of the slowest
    }
    for (std::size_t i = 0; i < 4; ++i) {
      over_chains[i].add(sum[static_cast<Eigen::Index>(i)] / 1200);
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(over_chains[i].value(),
                spread.second_moment[static_cast<Eigen::Index>(i)],
                4 * over_chains[i].error());
    EXPECT_LT(over_chains[i].error(), 0.04 * over_chains[i].value());
  }
}

/// One mode without spread of the curvature: AR(1) with known variance and stability limit.
TEST(MiniLossLandscape, stationary_spread_of_one_mode_is_closed) {
  const MiniLossEnsemble e = one_mode(4, 0, 0.2);
  for (const double x : {0.1, 1.0, 1.9}) {  // αL0M0
    const StationarySpread s = stationary_spread(e, {0.05, 0, x / 0.2});
    ASSERT_EQ(s.status, Status::ok);
    EXPECT_NEAR(s.second_moment[0], x * 0.04 / (2 - x), 1e-12);
  }
  EXPECT_EQ(stationary_spread(e, {0.05, 0, 2.001 / 0.2}).status, Status::undefined);
  EXPECT_EQ(stationary_spread(one_mode(-4, 0, 0.2), {}).status, Status::undefined);
}

/// ⟨M^{-2}⟩ of a normal cut off round 0 by a trapezoid sum.
TEST(MiniLossLandscape, corrected_centre_variance_follows_the_truncated_normal) {
  MiniLossEnsemble e = four_modes();
  e.curvature_deviation[2] = 0.1 * e.mean_curvature[2];
  double weight = 0;
  double inverse_square = 0;
  for (double x = -5; x <= 5; x += 0.01) {
    weight += std::exp(-x * x / 2);
    inverse_square += std::exp(-x * x / 2) / std::pow(3 * (1 + 0.1 * x), 2);
  }
  const double pull = 1.44 * (0.01 + 0.35 * 0.35) + 1.21 * 0.0144 + 0.25 * 0.09;
  const CentreVariance v = centre_variance(e, 2);
  EXPECT_NEAR(v.corrected.value, 0.0225 + pull * inverse_square / weight, 2e-4 * pull / 9);
  EXPECT_NEAR(v.leading.value, 0.0225 + pull / 9, 1e-15);
  EXPECT_EQ(v.corrected.status, Status::ok);
  e.curvature_deviation[2] = 0.2 * e.mean_curvature[2];
  EXPECT_EQ(centre_variance(e, 2).leading.status, Status::out_of_range);
  EXPECT_EQ(centre_variance(e, 2).corrected.status, Status::ok);
  e.mean_curvature[2] = 0;
  EXPECT_EQ(centre_variance(e, 2).corrected.status, Status::undefined);
}

/// ∫ δ² e^{-L/T} / ∫ e^{-L/T}.
TEST(MiniLossLandscape, equilibrium_variance_is_the_boltzmann_integral) {
  const double temperature = 3e-3;
  const double flatness = 1.7;
  const double loss = 0.04;
  double zero = 0;
  double two = 0;
  for (double x = -10; x <= 10; x += 1e-3) {
    const double weight = std::exp(-4 * loss * x * x / (flatness * flatness * temperature));
    zero += weight;
    two += x * x * weight;
  }
  EXPECT_NEAR(equilibrium_variance(temperature, flatness, loss), two / zero, 1e-12);
}

TEST(MiniLossLandscape, refuses_bad_input_in_one_line) {
  const auto message = [](auto&& act) -> std::string {
    try {
      act();
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message([] { (void)log_mean_loss(four_modes(), 4, 0.1); }),
              HasSubstr("mini-loss-landscape.mode = 4: must be from 0 to 3"));
  EXPECT_THAT(message([] {
                MiniLossEnsemble e = four_modes();
                e.centre_deviation = Vector::Ones(3);
                (void)overall_curvature(e);
              }),
              HasSubstr("must have one value a mode"));
  EXPECT_THAT(message([] { (void)overall_curvature(one_mode(1, -1, 1)); }),
              HasSubstr("mini-loss-landscape.curvature_deviation = -1: must be >= 0"));
  EXPECT_THAT(message([] {
                (void)mini_loss_steps(four_modes(), {0, 0, 0.1});
              }),
              HasSubstr("loss = 0: must be > 0"));
}

}  // namespace
}  // namespace thermoscape::theory
