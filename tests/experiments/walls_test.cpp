// Exponential walls through the whole path from recipe to findings, against their exact law.
#include <cmath>

#include "experiments/finished_run.hpp"
#include "thermoscape/experiments/thermal_probe/many_walls_fit.hpp"
#include "thermoscape/experiments/thermal_probe/wall_law.hpp"
#include "thermoscape/theory/exponential_wall.hpp"

namespace thermoscape {
namespace {

using recipes::TemporaryFolder;

TEST(WallLaw, DensityIsNormalisedAndDistancesAreThoseOfIndependentQuadrature) {
  struct Case {
    const char* form;
    double temperature;
    double distance;
    double divergence;
  };
  // Midpoint rule with 400,000 points in another language.
  for (const Case& one : {Case{"exponential", 1e-3, 0.3297195, 0.5470850},
                          {"exponential", 1e-1, 0.4094498, 0.9809758},
                          {"softplus", 1e-3, 0.3297686, 0.5472847},
                          {"softplus", 1e-1, 0.4148779, 1.0271955}}) {
    ExponentialWallSettings wall;
    wall.form = one.form;
    const WallLaw law = wall_law(wall, one.temperature);
    EXPECT_NEAR(law.total_variation, one.distance, 2e-5) << one.form << one.temperature;
    EXPECT_NEAR(law.divergence, one.divergence, 1e-4) << one.form << one.temperature;
    double sum = 0;
    double mean = 0;
    constexpr int kSteps = 40000;
    const double width = (law.top + law.cutoff) / kSteps;
    for (int i = 0; i < kSteps; ++i) {
      const double theta = -law.cutoff + width * (i + 0.5);
      sum += width * law.density(theta);
      mean += width * law.density(theta) * wall.at(0, theta).loss;
    }
    EXPECT_NEAR(sum, 1, 1e-7);
    EXPECT_NEAR(mean, law.mean, 1e-6 * law.mean);
    EXPECT_EQ(law.density(-law.cutoff - 0.1), 0);
  }
}

TEST(WallLaw, ExpansionOfTheExponentialIsTheClosedForm) {
  ExponentialWallSettings wall;
  wall.steepness = 1.7;
  wall.prefactor = 0.3;
  const auto closed = theory::wall_quadratic_expansion({1.7, 0.3, 20, 1e-2, 1});
  const WallLaw law = wall_law(wall, 1e-2);
  EXPECT_NEAR(law.quadratic_centre, closed.mean, 1e-12);
  EXPECT_NEAR(law.quadratic_variance, closed.variance, 1e-12);
}

/// Exact numbers of n walls with error bars of the given relative size.
std::vector<WallsPoint> exact_points(double walls, double width, double relative) {
  std::vector<WallsPoint> points;
  for (const double temperature : {1e-5, 1e-4, 1e-3}) {
    const double log_u = -width - 0.5772156649015329 - std::log(temperature / 1e-5);
    const WallsPrediction one = walls_prediction(walls, log_u, false);
    points.push_back({temperature,
                      {one.mean, relative * one.mean, Status::ok},
                      {one.effective_examples, relative * one.effective_examples, Status::ok}});
  }
  return points;
}

TEST(WallsFit, RecoversNumberAndWidth) {
  const WallsFit fit = fit_walls(exact_points(120, 6, 0.01));
  EXPECT_TRUE(fit.bounded);
  EXPECT_NEAR(fit.width.value, 6, 0.01);
  EXPECT_NEAR(fit.walls.value, 120, 0.2);
  EXPECT_LT(fit.profile[fit.best].chi_squared, 0.01);
  EXPECT_EQ(fit.degrees_of_freedom, 4);
}

TEST(WallsFit, SaysWhenNothingBoundsTheWidth) {
  // One temperature of a wide box: mean and φ are both functions of n/Λ.
  std::vector<WallsPoint> points = exact_points(1200, 60, 0.05);
  points.resize(1);
  const WallsFit fit = fit_walls(points);
  EXPECT_FALSE(fit.bounded);
  EXPECT_EQ(fit.width.status, Status::out_of_range);
  EXPECT_NEAR(fit.walls.value / fit.width.value, 20, 3);
}

constexpr std::string_view kWalls = R"(title = "Walls"
seed = 6
[objective]
kind = "exponential-wall"
walls = 150
cutoff = 12.0
precision = "float64"
[[phase]]
name = "probe"
rule = "overdamped"
temperature = [1e-5, 1e-4, 1e-3]
time_step = [1e3, 1e2, 1e1]
sweep = ["temperature", "time_step"]
zip = true
replicas = 4
duration = { temperature_time = 600 }
record = [
  { probe = "loss", every = 10 },
  { probe = "effective_examples", count = 1200 },
  { probe = "theta", count = 150 },
]
[[measure]]
name = "wall"
analysis = "wall-density"
phase = "probe"
window = { temperature_time = [100, 600] }
[[measure]]
name = "many"
analysis = "many-walls"
phase = "probe"
window = { temperature_time = [100, 600] }
health = { maximum_r_hat = 1.5, drift_tolerance = 1.0, identity_tolerance = 1.0 }
)";

class WallsRun : public recipes::OneRun<kWalls> {};

TEST_F(WallsRun, DensityAndAveragesAreExact) {
  // The time step, 0.01 in units of 1/(a²T), biases by about that much.
  expect_near("wall.mean_over_exact", 1, 0.01, 0.05);
  expect_near("wall.variance_over_exact", 1, 0.01, 0.08);
  expect_near("wall.curvature_over_exact", 1, 0.01, 0.05);
  expect_near("wall.entropy_less_exact", 0, 0.005, 0.02);
  EXPECT_LT(found("wall.total_variation_to_exact").value, 0.04);
  EXPECT_GT(found("wall.total_variation_to_quadratic").value, 0.2);
}

TEST_F(WallsRun, ManyWallsPredictThemselves) {
  expect_near("many.shape_over_walls", 1, 0.02, 0.1);
  expect_near("many.rate_over_walls", 1, 0.02, 0.1);
  expect_near("many.deviation_over_walls", 1, 0.02, 0.1);
  expect_near("many.half_time_over_walls", 1, 0.02, 0.15);
  // Λ at the lowest temperature, 150 e-5 = 1.5e-3 a wall: 12 + ln 1.5e-3 - γ = 4.92.
  const Estimate width = found("many.width");
  EXPECT_NEAR(width.value, 4.92, 0.5 + 3 * width.standard_error);
}

TEST(WallDensity, RefusesAnotherObjective) {
  TemporaryFolder folder;
  const std::string text = recipes::changed(
      recipes::changed(
          recipes::kSmall, "analysis = \"loss-statistics\"", "analysis = \"wall-density\""),
      "record = [{ probe = \"loss\", every = 2 }]",
      "record = [{ probe = \"loss\", every = 2 }, { probe = \"theta\", every = 2 }]");
  const Prepared prepared = prepare(recipes::parsed(text));
  const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
  const std::string line = recipes::complaint_of(
      [&] { (void)run_experiment(prepared, directory, 1, std::atomic<bool>(false), {}); });
  EXPECT_NE(line.find("exponential-wall"), std::string::npos) << line;
}

}  // namespace
}  // namespace thermoscape
