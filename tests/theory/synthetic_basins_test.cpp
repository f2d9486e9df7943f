#include "thermoscape/theory/synthetic_basins.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/catalog.hpp"

namespace thermoscape::theory {
namespace {

using ::testing::HasSubstr;

constexpr SyntheticForm kDensity = SyntheticForm::density;
constexpr SyntheticForm kLogDensity = SyntheticForm::log_density;

struct Row {
  const char* figure;
  SyntheticForm form;
  double temperature;
  std::vector<double> probabilities;
  double train;
  double test;
  double digit;  // of the losses
};

/// The verified table, probabilities to 1e-4, losses to the digit printed, some of them rounded
/// twice (2.948146 to 2.94815 to 2.9482).
TEST(SyntheticBasins, reproduces_the_verified_table) {
  const std::vector<Row> table{
      {"4L", kDensity, 0.001, {0.9983, 0.0017}, -0.08255, -0.04997, 1e-5},
      {"4L", kDensity, 0.004, {0.5924, 0.4076}, -0.08015, -0.06065, 1e-5},
      {"4L", kDensity, 0.01, {0.3037, 0.6963}, -0.07738, -0.06717, 1e-5},
      {"4L", kDensity, 0.02, {0.2263, 0.7737}, -0.07388, -0.06669, 1e-5},
      {"4R", kDensity, 0.001, {1e-4, 0.9999}, -0.07854, -0.07696, 1e-5},
      {"4R", kDensity, 0.01, {0.0853, 0.9147}, -0.07582, -0.07218, 1e-5},
      {"4R", kDensity, 0.02, {0.1228, 0.8772}, -0.07247, -0.06838, 1e-5},
      {"6L", kDensity, 0.001, {1}, -0.39869, -0.38117, 1e-5},
      {"6L", kDensity, 0.02, {1}, -0.39384, -0.37694, 1e-5},
      {"6L", kDensity, 0.05, {1}, -0.38574, -0.36984, 1e-5},
      {"6R", kDensity, 0.003, {0.0018, 0.9928, 0.0054}, -0.40764, -0.06161, 1e-5},
      {"6R", kDensity, 0.01, {0.1240, 0.5039, 0.3721}, -0.40072, -0.19952, 1e-5},
      {"6R", kDensity, 0.02, {0.1846, 0.2618, 0.5536}, -0.39560, -0.26653, 1e-5},
      {"6R", kDensity, 0.05, {0.2104, 0.1587, 0.6310}, -0.38641, -0.29134, 1e-5},
      {"4L", kLogDensity, 0.02, {0.9624, 0.0376}, 2.4742, 2.9482, 1e-4},
      {"4L", kLogDensity, 0.1, {0.3454, 0.6546}, 2.5242, 2.7067, 1e-4},
      {"4L", kLogDensity, 0.3, {0.2165, 0.7835}, 2.5806, 2.7019, 1e-4},
      {"4L", kLogDensity, 1, {0.1808, 0.8192}, 2.762, 2.863, 1e-3},
      {"4R", kLogDensity, 0.1, {0.0682, 0.9318}, 2.5444, 2.5962, 1e-4},
      {"4R", kLogDensity, 0.3, {0.1252, 0.8748}, 2.5974, 2.6757, 1e-4},
      {"6R", kLogDensity, 0.02, {0.1079, 0.5685, 0.3236}, 0.9081, 2.0674, 1e-4},
      {"6R", kLogDensity, 0.1, {0.2082, 0.1671, 0.6247}, 0.9375, 1.3935, 1e-4}};
  for (const Row& row : table) {
    SCOPED_TRACE(::testing::Message() << row.figure << " T = " << row.temperature);
    const SyntheticState state =
        synthetic_state(paper_synthetic_loss(row.figure, row.form), row.temperature);
    ASSERT_EQ(state.probabilities.size(), row.probabilities.size());
    for (std::size_t k = 0; k < row.probabilities.size(); ++k) {
      EXPECT_NEAR(state.probabilities[k], row.probabilities[k], 0.51e-4);
    }
    EXPECT_NEAR(state.train_loss, row.train, 0.55 * row.digit);
    EXPECT_NEAR(state.test_loss, row.test, 0.55 * row.digit);
  }
}

/// The trapezium rule on 2^16 points, and basins cut at the largest value between two minima.
TEST(SyntheticBasins, agrees_with_the_trapezium_rule) {
  for (const char* figure : {"4L", "6R"}) {
    for (const SyntheticForm form : {kDensity, kLogDensity}) {
      const SyntheticLoss loss = paper_synthetic_loss(figure, form);
      const double temperature = form == kDensity ? 0.008 : 0.15;
      const Landscape landscape = synthetic_landscape(loss);
      const SyntheticState state = synthetic_state(loss, temperature);
      constexpr int kCells = 1 << 16;
      const double h = 6.0 / kCells;
      double sum = 0;
      double left = 0;
      double train = 0;
      double test = 0;
      for (int i = 0; i <= kCells; ++i) {
        const double x = -3 + i * h;
        const double u = landscape.loss(x);
        const double end = i == 0 || i == kCells ? 0.5 : 1;
        const double rho = end * std::exp(-2 * u / temperature);
        sum += rho;
        train += rho * u;
        test += rho * landscape.loss(x + loss.shift);
        const double inside = (state.bounds[1] - x) / h;  // share of the cell left of the divide
        left += rho * std::clamp(inside + 0.5, 0.0, 1.0);
      }
      EXPECT_NEAR(state.train_loss, train / sum, 1e-9);
      EXPECT_NEAR(state.test_loss, test / sum, 1e-9);
      EXPECT_NEAR(state.probabilities[0], left / sum, 1e-8);
      const double total =
          std::accumulate(state.probabilities.begin(), state.probabilities.end(), 0.0);
      EXPECT_NEAR(total, 1, 1e-13);
    }
  }
}

TEST(SyntheticBasins, derivatives_agree_with_differences) {
  for (const SyntheticForm form : {kDensity, kLogDensity}) {
    const Landscape landscape = synthetic_landscape(paper_synthetic_loss("6R", form));
    for (const double x : {-2.5, -1.07, -0.3, 0.02, 0.6, 1.4}) {
      const double h = 1e-5;
      EXPECT_NEAR(landscape.slope(x),
                  (landscape.loss(x + h) - landscape.loss(x - h)) / (2 * h),
                  1e-6 * (1 + std::abs(landscape.slope(x))));
      EXPECT_NEAR(landscape.curvature(x),
                  (landscape.slope(x + h) - landscape.slope(x - h)) / (2 * h),
                  1e-6 * (1 + std::abs(landscape.curvature(x))));
    }
  }
}

TEST(SyntheticBasins, finds_the_special_temperatures) {
  const SyntheticLoss a = paper_synthetic_loss("4L", kDensity);
  const SyntheticCrossings first = synthetic_crossings(a, 0.03);
  EXPECT_NEAR(first.equal_weight.value, 0.00492, 5e-6);
  EXPECT_NEAR(first.best_temperature.value, 0.01325, 5e-6);
  const SyntheticLoss b = paper_synthetic_loss("4L", kLogDensity);
  const SyntheticCrossings second = synthetic_crossings(b, 0.6);
  EXPECT_NEAR(second.equal_weight.value, 0.0603, 5e-5);
  EXPECT_NEAR(second.best_temperature.value, 0.1776, 5e-5);
  EXPECT_NEAR(synthetic_state(b, second.equal_weight.value).probabilities[0], 0.5, 1e-8);
  const double best = second.best_temperature.value;
  EXPECT_LT(synthetic_state(b, best).test_loss, synthetic_state(b, 1.02 * best).test_loss);
  EXPECT_LT(synthetic_state(b, best).test_loss, synthetic_state(b, 0.98 * best).test_loss);
  // The right basin deeper and wider: no trade-off, neither temperature exists.
  const SyntheticCrossings none = synthetic_crossings(paper_synthetic_loss("4R", kDensity), 0.02);
  EXPECT_EQ(none.equal_weight.status, Status::undefined);
  EXPECT_EQ(none.best_temperature.status, Status::undefined);
}

TEST(SyntheticBasins, laplace_weights_are_close_and_its_shift_term_fails_as_it_should) {
  for (const double temperature : {0.001, 0.004}) {
    const SyntheticLoss loss = paper_synthetic_loss("4L", kDensity);
    EXPECT_NEAR(synthetic_laplace(loss, temperature).basins[0].weight.value,
                synthetic_state(loss, temperature).probabilities[0],
                0.02);
  }
  // s = 2σ: the expansion gives +0.404 where the truth is -0.059.
  const SyntheticLoss far = paper_synthetic_loss("6R", kDensity);
  const SyntheticLaplace laplace = synthetic_laplace(far, 0.001);
  EXPECT_EQ(laplace.status, Status::out_of_range);
  EXPECT_NEAR(laplace.test.depth + laplace.test.shift, 0.404, 1e-3);
  EXPECT_NEAR(synthetic_state(far, 0.001).test_loss, -0.059, 1e-3);
  // Quadratic basins: Eq. 8 gives 2.6827, with the width 2.7077; exact 2.7067.
  const SyntheticLaplace near = synthetic_laplace(paper_synthetic_loss("4L", kLogDensity), 0.1);
  EXPECT_NEAR(near.test.depth + near.test.shift, 2.6827, 5e-4);
  EXPECT_NEAR(near.test.total, 2.7077, 5e-4);
  const SyntheticLaplace three = synthetic_laplace(paper_synthetic_loss("6R", kLogDensity), 0.02);
  EXPECT_NEAR(three.test.depth + three.test.shift, 2.104, 2e-3);
}

/// The captions: left deeper in 4L, right in 4R, the middle in 6R with the others alike.
TEST(SyntheticBasins, depths_are_ordered_as_the_captions_say) {
  for (const SyntheticForm form : {kDensity, kLogDensity}) {
    const auto depth = [form](const char* figure, double x) {
      return synthetic_landscape(paper_synthetic_loss(figure, form)).loss(x);
    };
    EXPECT_LT(depth("4L", -1), depth("4L", 1));
    EXPECT_GT(depth("4R", -1), depth("4R", 1));
    EXPECT_LT(depth("6R", 0), depth("6R", 1));
    EXPECT_NEAR(depth("6R", -1), depth("6R", 1), 0.01);
  }
}

TEST(SyntheticBasins, cold_states_sit_in_the_deepest_basin) {
  const SyntheticState cold = synthetic_state(paper_synthetic_loss("6R", kDensity), 1e-9);
  EXPECT_NEAR(cold.probabilities[1], 1, 1e-12);
  EXPECT_EQ(cold.probabilities[0], 0);
  EXPECT_EQ(cold.end_density, 0);
  const Landscape landscape = synthetic_landscape(paper_synthetic_loss("6R", kDensity));
  EXPECT_NEAR(cold.train_loss, landscape.loss(cold.mean) + 1e-9 / 4, 1e-13);
}

TEST(SyntheticBasins, varying_noise_agrees_with_the_trapezium_rule) {
  SyntheticLoss loss = paper_synthetic_loss("4L", SyntheticForm::log_density);
  loss.noise_coefficients = {1, 0.3, 0.2};
  const double temperature = 0.2;
  // ρ ∝ D^{-1} exp(-(2/T)∫U'/D), by sums over a fine grid.
  const Landscape landscape = synthetic_landscape(loss);
  constexpr int kPoints = 600000;
  const double step = (loss.high - loss.low) / kPoints;
  double drift = 0;
  double before = 0;
  double whole = 0;
  double test = 0;
  double train = 0;
  for (int i = 0; i <= kPoints; ++i) {
    const double theta = loss.low + step * i;
    const double noise = 1 + 0.3 * theta + 0.2 * theta * theta;
    const double force = landscape.slope(theta) / noise;
    if (i > 0) drift += step * (force + before) / 2;
    before = force;
    const double weight =
        std::exp(-2 * drift / temperature) / noise * (i == 0 || i == kPoints ? 0.5 : 1);
    whole += weight;
    train += weight * landscape.loss(theta);
    test += weight * landscape.loss(theta + loss.shift);
  }
  const SyntheticState state = synthetic_state(loss, temperature);
  EXPECT_NEAR(state.train_loss, train / whole, 1e-7);
  EXPECT_NEAR(state.test_loss, test / whole, 1e-7);
  // The mixture knows the noise, too: its error is of the next order in T.
  const auto error = [&](double at) {
    return std::abs(synthetic_laplace(loss, at).train_loss - synthetic_state(loss, at).train_loss);
  };
  EXPECT_LT(error(0.02), error(0.2) / 20);
}

TEST(SyntheticBasins, catalogue_answers_with_the_same_numbers) {
  const std::vector<Output> all = evaluate("steady-state", {{"temperature", {0.01}}});
  const auto value = [](const std::vector<Output>& outputs, std::string_view name) {
    return std::ranges::find(outputs, name, &Output::name)->value;
  };
  EXPECT_NEAR(value(all, "basin_probability"), 0.3037, 5e-5);
  EXPECT_NEAR(value(all, "test_loss"), -0.06717, 5e-6);
  EXPECT_NEAR(value(all, "equal_weight_temperature"), 0.00492, 5e-6);
  const std::vector<Output> log_form = evaluate(
      "steady-state", {{"form", {2}}, {"basin", {2}}, {"temperature", {0.1}}, {"T_max", {0.6}}});
  EXPECT_NEAR(value(log_form, "basin_probability"), 0.6546, 5e-5);
  EXPECT_NEAR(value(log_form, "laplace_test_loss"), 2.7077, 5e-4);
  // The mixture alone, from the depths and curvatures of form 2.
  const std::vector<Output> mixture = evaluate("shift-curvature", {});
  EXPECT_NEAR(value(mixture, "test_loss"), value(log_form, "laplace_test_loss"), 0.01);
  EXPECT_NEAR(value(mixture, "covariance_loss"), 0.1 / 4, 1e-15);
  const auto message = [](const char* name, const Inputs& inputs) -> std::string {
    try {
      (void)evaluate(name, inputs);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message("steady-state", {{"form", {1.5}}}), HasSubstr("must be 1 or 2"));
  EXPECT_THAT(message("steady-state", {{"basin", {3}}}), HasSubstr("from 1 to 2"));
  EXPECT_THAT(message("steady-state", {{"sigmas", {1}}}), HasSubstr("must be as many of each"));
  EXPECT_THAT(message("steady-state", {{"low", {4}}}), HasSubstr("must be < high"));
  EXPECT_THAT(message("shift-curvature", {{"shifts", {1, 2, 3}}}), HasSubstr("one a basin (2)"));
  EXPECT_THAT(message("steady-state", {{"noise_coefficients", {0, 0, 1}}}),
              HasSubstr("must make D > 0"));
  EXPECT_THROW((void)paper_synthetic_loss("5", kDensity), Error);
}

}  // namespace
}  // namespace thermoscape::theory
