#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/catalog.hpp"

namespace thermoscape::theory {
namespace {

Output answer(std::string_view model, const Inputs& inputs, const std::string& name) {
  const std::vector<Output> all = evaluate(model, inputs);
  const auto found = std::ranges::find(all, name, &Output::name);
  if (found == all.end()) throw std::out_of_range(name);
  return *found;
}

/// Appendix H.4 in closed form: with A = [[5/2, -3/2], [-3/2, 5/2]] and D = diag(4, 1), Q_12 = 0.9.
TEST(LinearProcessCatalog, potential_and_current_of_the_plane_in_the_paper) {
  const Inputs at{{"start", {0.3, -0.2}}};
  const double u11 = 0.80042, u12 = -0.77963, u22 = 1.79834;  // to the digits of the reference
  const double x = 0.3, y = -0.2;
  EXPECT_NEAR(answer("ou", at, "modified_potential").value,
              (u11 * x * x + 2 * u12 * x * y + u22 * y * y) / 2,
              2e-6);
  EXPECT_NEAR(answer("ou", at, "current").value, -0.9 * (u12 * x + u22 * y), 3e-6);
  EXPECT_NEAR(answer("ou", at, "current_along_gradient").value, 0, 1e-14);
  EXPECT_NEAR(answer("ou", at, "current_divergence").value, 0, 1e-14);
}

/// One dimension: P = Kσ²h/(1 - 2Kh²), infinite from 2Kh² = 1.
TEST(LinearProcessCatalog, noise_that_grows_with_the_spread) {
  const double eta = 0.05, beta = 0.5, s = 2, h = 1.5, variance = 0.7;
  const double k = eta * (1 + beta) / (s * h * (1 - beta) * (2 * (1 + beta) - eta * h));
  const Inputs in{{"learning_rate", {eta}},
                  {"momentum", {beta}},
                  {"batch_size", {s}},
                  {"stiffness", {h}},
                  {"residual_variance", {variance}}};
  EXPECT_NEAR(answer("sgd-gaussian-data", in, "position_variance").value,
              k * variance * h / (1 - 2 * k * h * h),
              1e-15);
  EXPECT_NEAR(answer("sgd-gaussian-data", in, "additive_variance").value, k * variance * h, 1e-16);
  EXPECT_NEAR(answer("sgd-gaussian-data", in, "noise_excess").value,
              2 * k * h * h / (1 - 2 * k * h * h),
              1e-14);
  Inputs wild = in;
  wild["learning_rate"] = {0.9};
  EXPECT_EQ(answer("sgd-gaussian-data", wild, "position_variance").status, Status::undefined);
  wild["learning_rate"] = {2.1};
  EXPECT_THROW((void)evaluate("sgd-gaussian-data", wild), Error);
}

TEST(LinearProcessCatalog, speed_and_exponent_of_single_modes) {
  const Inputs in{{"momentum", {0.9}}, {"curvature", {2}}, {"learning_rate", {0.01}}};
  const double continuous = answer("underdamped-ou", in, "step_square").value;
  EXPECT_NEAR(continuous, 1e-4 / (50 * 0.19), 1e-18);  // η²Σ/(S(1-β²)), Σ = 1, S = 50
  EXPECT_NEAR(
      answer("sgdm-discrete", in, "step_square").value, continuous / (1 - 0.02 / 3.8), 1e-18);
  Inputs first = in;
  first["steps"] = {0};
  EXPECT_EQ(answer("sgdm-discrete", first, "displacement_exponent").value, 2);
}

}  // namespace
}  // namespace thermoscape::theory
