#include "thermoscape/objective/exponential_wall.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/math/special_functions/expint.hpp>

#include "laws/objective_laws.hpp"

namespace thermoscape {
namespace {

/// Walls between the cut-off and well up the slope, away from the fold itself where the gradient
/// jumps.
template <class Real>
std::vector<Real> point(const ExponentialWallSettings& settings) {
  std::vector<Real> theta(static_cast<std::size_t>(settings.walls + settings.soft));
  Noise(5).uniform<Real>("test.theta", 0, theta);
  for (Real& x : theta) x = static_cast<Real>(6 * static_cast<double>(x) - settings.cutoff + 0.1);
  return theta;
}

ExponentialWallSettings walls(std::string form) {
  ExponentialWallSettings settings;
  settings.walls = 9;
  settings.steepness = 1.5;
  settings.cutoff = 4;
  settings.soft = 2;
  settings.form = std::move(form);
  if (settings.form == "softplus") {
    settings.offset = 0.5;
  } else {
    settings.prefactor = 0.7;
  }
  return settings;
}

template <class Real>
class ExponentialWallTest : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ExponentialWallTest, Reals);

TYPED_TEST(ExponentialWallTest, keeps_the_laws_of_an_objective) {
  for (const std::string_view form : kWallForms) {
    const ExponentialWallSettings settings = walls(std::string(form));
    ExponentialWall<TypeParam> objective(settings);
    laws::check_objective_laws(objective, point<TypeParam>(settings), {.name = std::string(form)});
  }
}

TYPED_TEST(ExponentialWallTest, keeps_them_on_the_mirrored_side) {
  const ExponentialWallSettings settings = walls("softplus");
  ExponentialWall<TypeParam> objective(settings);
  std::vector<TypeParam> theta = point<TypeParam>(settings);
  for (auto& x : theta) x = static_cast<TypeParam>(-2 * settings.cutoff) - x;
  laws::check_objective_laws(objective, theta, {.name = "mirrored"});
}

TEST(ExponentialWall, agrees_in_both_precisions) {
  for (const std::string_view form : kWallForms) {
    const ExponentialWallSettings settings = walls(std::string(form));
    ExponentialWall<float> in_float(settings);
    ExponentialWall<double> in_double(settings);
    laws::check_precisions_agree(
        in_float, in_double, point<float>(settings), {.name = std::string(form)});
  }
}

TEST(ExponentialWall, folds_the_line_at_the_cutoff) {
  const ExponentialWallSettings settings = walls("exponential");
  ExponentialWall<double> objective(settings);
  std::vector<double> right(11);
  std::vector<double> left(11);
  for (std::size_t i = 0; i < 9; ++i) {
    right[i] = -settings.cutoff + 0.3 * static_cast<double>(i);
    left[i] = -settings.cutoff - 0.3 * static_cast<double>(i);
    EXPECT_NEAR(settings.unfolded(left[i]), right[i], 1e-14);
  }
  EXPECT_NEAR(objective.loss(left, {}), objective.loss(right, {}), 1e-15);
  laws::Evaluated<double> at(objective);
  const std::vector<double> up = at.gradient(right);
  const std::vector<double> down = at.gradient(left);
  for (std::size_t i = 1; i < 9; ++i) EXPECT_NEAR(down[i], -up[i], 1e-14);
}

TEST(ExponentialWall, softplus_keeps_its_digits) {
  ExponentialWallSettings settings;
  settings.form = "softplus";
  settings.cutoff = 100;
  // ln(1+e^z) = e^z - e^{2z}/2 + ... for z << 0, and z + e^{-z} for z >> 0.
  EXPECT_NEAR(settings.at(0, -40).loss / std::exp(-40.0), 1, 1e-15);
  EXPECT_NEAR(settings.at(0, -40).slope / std::exp(-40.0), 1, 1e-15);
  EXPECT_DOUBLE_EQ(settings.at(0, 700).loss, 700);
  EXPECT_DOUBLE_EQ(settings.at(0, 800).slope, 1);
  EXPECT_EQ(settings.at(0, 800).curvature, 0);
}

/// Euler-Maruyama at temperature T of one wall gives <ℓ> = T e^{-u}/E1(u), u = (B/T) e^{-aθ*}.
TEST(ExponentialWall, folding_samples_the_reflected_wall) {
  ExponentialWallSettings settings;
  settings.walls = 400;
  settings.cutoff = 3;
  ExponentialWall<double> objective(settings);
  const double temperature = 0.2;  // of one wall; the mean over n walls is driven at 1/n of it
  const double time_step = 0.02;
  const auto n = static_cast<double>(settings.walls);
  std::vector<double> theta(400, -2.0);
  std::vector<double> gradient(400);
  std::vector<double> kick(400);
  const Noise noise(2);
  double sum = 0;
  double sum_of_squares = 0;
  constexpr int kBlocks = 40;
  std::uint64_t step = 0;
  for (int block = -1; block < kBlocks; ++block) {
    double mean = 0;
    const int steps = block < 0 ? 2000 : 400;
    for (int k = 0; k < steps; ++k, ++step) {
      mean += objective.loss_gradient(theta, {}, gradient) / steps;
      noise.normal<double>("overdamped.kick", step, kick);
      for (std::size_t i = 0; i < theta.size(); ++i) {
        theta[i] += std::sqrt(2 * time_step * temperature) * kick[i] - time_step * n * gradient[i];
      }
    }
    if (block < 0) continue;  // relaxation: 40 time units, 8 times the slowest mode
    sum += mean;
    sum_of_squares += mean * mean;
  }
  const double mean = sum / kBlocks;
  const double error = std::sqrt((sum_of_squares / kBlocks - mean * mean) / (kBlocks - 1));
  const double u = std::exp(-settings.cutoff) / temperature;
  const double exact = temperature * std::exp(-u) / boost::math::expint(1, u);
  // 4 standard errors plus the O(η) bias of the scheme, whose size is η<ℓ''> = η<ℓ>.
  EXPECT_NEAR(mean, exact, 4 * error + time_step * exact);
  EXPECT_LT(error, 0.01 * exact);
}

TEST(ExponentialWall, refuses_bad_settings_in_one_line) {
  const auto message = [](const ExponentialWallSettings& settings) {
    try {
      const ExponentialWall<double> objective(settings);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  ExponentialWallSettings settings;
  settings.form = "softplas";
  EXPECT_THAT(message(settings), ::testing::HasSubstr("did you mean `softplus`?"));
  settings.form = "softplus";
  settings.prefactor = 2;
  EXPECT_THAT(message(settings), ::testing::HasSubstr("belongs to form = exponential"));
  settings = {};
  settings.offset = 1;
  EXPECT_THAT(message(settings), ::testing::HasSubstr("belongs to form = softplus"));
  settings = {};
  settings.cutoff = 0;
  EXPECT_THAT(message(settings), ::testing::HasSubstr("exponential-wall.cutoff = 0"));
  settings = {};
  settings.walls = 0;
  EXPECT_THAT(message(settings), ::testing::HasSubstr("exponential-wall.walls = 0"));
}

}  // namespace
}  // namespace thermoscape
