// Measures of SGD where all is known: least squares, whose steady state has exact moments, and
// deterministic descents.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "experiments/recipes.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/recipe.hpp"
#include "thermoscape/experiments/shift_curvature/diffusion_limit.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/theory/steady_state.hpp"

namespace thermoscape {
namespace {

Dataset results_of(std::string_view recipe) {
  const recipes::TemporaryFolder folder;
  const Prepared prepared = prepare(parse_recipe(recipe, "known.toml", "demo", {}));
  const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
  return run_experiment(prepared, directory, 2, std::atomic<bool>(false), {}).results;
}

Estimate found(const Dataset& results, const std::string& quantity, const Coordinates& where = {}) {
  for (const Finding& one : findings_from(results)) {
    if (one.quantity == quantity && one.where == where) return one.estimate;
  }
  ADD_FAILURE() << quantity << " was not found";
  return {};
}

void expect_within_errors(const Estimate& estimate, double expected, double errors = 4) {
  ASSERT_TRUE(estimate.ok()) << name(estimate.status);
  EXPECT_NEAR(estimate.value, expected, errors * estimate.standard_error);
}

constexpr std::string_view kSteady = R"(title = "Steady"
seed = 3
[data.points]
source = "mixture"
train = 50
dimension = 3
class_count = 2
noise = 1.0
[objective]
kind = "linear"
l2 = 0.1
precision = "float64"
[[phase]]
name = "sgd"
rule = "sgd"
learning_rate = [0.05, 0.2]
sweep = ["learning_rate"]
batch = { size = 5, replacement = true }
duration = { time = 3000 }
record = [
  { probe = "virial", every = 1 },
  { probe = "gradient_norm_squared", every = 1 },
  { probe = "full_gradient_norm_squared", every = 1 },
  { probe = "gradient_curvature", every = 1 },
]
[[measure]]
name = "steady"
analysis = "sgd-stationarity"
phase = "sgd"
)";

TEST(SgdStationarity, RelationsHoldOnLeastSquares) {
  const Dataset results = results_of(kSteady);
  EXPECT_EQ(found(results, "steady.steady_share").value, 1);
  // Exact whatever λ is; on a parabola the relation of the loss is exact too.
  for (const double scale : {0.01, 0.04}) {
    const Coordinates where{{"noise_scale", scale}};
    expect_within_errors(found(results, "steady.norm_relation", where), 1);
    expect_within_errors(found(results, "steady.loss_relation", where), 1);
  }
  // The diffusion leaves out λ⟨|∇U|²⟩: its ratio lies above 1, by more at the larger λ.
  const double small = found(results, "steady.diffusion_relation", {{"noise_scale", 0.01}}).value;
  const double large = found(results, "steady.diffusion_relation", {{"noise_scale", 0.04}}).value;
  EXPECT_GT(small, 1);
  EXPECT_GT(large - 1, 2 * (small - 1));
}

TEST(SgdStationarity, TheLightNeedsTheGradientOfTheStepAlone) {
  const std::string bare =
      recipes::changed(kSteady,
                       "  { probe = \"full_gradient_norm_squared\", every = 1 },\n"
                       "  { probe = \"gradient_curvature\", every = 1 },\n",
                       "");
  const Dataset results = results_of(bare);
  EXPECT_EQ(found(results, "steady.steady_share").value, 1);
  expect_within_errors(found(results, "steady.norm_relation", {{"noise_scale", 0.01}}), 1);
}

TEST(SgdStationarity, ProbesAtDifferentLooksAreRefused) {
  EXPECT_THROW(
      (void)results_of(recipes::changed(kSteady,
                                        "{ probe = \"gradient_norm_squared\", every = 1 }",
                                        "{ probe = \"gradient_norm_squared\", every = 2 }")),
      Error);
}

/// A recipe as `run` reads it, from a file.
Recipe loaded(std::string_view text) {
  const recipes::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "lights.toml";
  std::ofstream(file) << text;
  return load_recipe(file, "demo", {});
}

constexpr std::string_view kUnlit = R"(title = "Unlit"
[data.points]
source = "mixture"
train = 50
[objective]
kind = "linear"
[[phase]]
name = "warm"
rule = "sgd"
learning_rate = 0.1
batch = { size = 5 }
duration = { time = 10 }
record = [{ probe = "virial", every = 1 }]
[[phase]]
name = "all"
rule = "sgd"
learning_rate = 0.1
duration = { time = 10 }
)";

TEST(SgdLights, EveryPhaseOfSgdWithBatchesGetsOne) {
  const Recipe recipe = loaded(kUnlit);
  ASSERT_EQ(recipe.measures.size(), 1u);  // `all` has no noise
  const toml::table& light = *recipe.measures.front();
  EXPECT_EQ(light["analysis"].value_or(std::string()), "sgd-stationarity");
  EXPECT_EQ(light["phase"].value_or(std::string()), "warm");
  const toml::array& records = *(*recipe.phases.front())["record"].as_array();
  ASSERT_EQ(records.size(), 2u);  // the probe that is there stays as it is
  EXPECT_TRUE(records.get(0)->as_table()->contains("every"));
  EXPECT_TRUE(records.get(1)->as_table()->contains("every"));  // both at the same looks
  EXPECT_EQ((*records.get(1)->as_table())["probe"].value_or(std::string()),
            "gradient_norm_squared");
  EXPECT_FALSE(recipe.phases.back()->contains("record"));
}

TEST(SgdLights, AreNotLitTwice) {
  const Recipe recipe = loaded(kUnlit);
  EXPECT_EQ(loaded(resolved_text(recipe)).measures.size(), 1u);
  EXPECT_EQ(loaded(kSteady).measures.size(), 1u);
  // A stored run is read as it was made: its streams are what they are.
  EXPECT_TRUE(parse_recipe(kUnlit, "unlit.toml", "demo", {}).measures.empty());
}

TEST(SgdStationarity, ARunThatStillDescendsIsNoSteadyState) {
  const Dataset results = results_of(
      recipes::changed(kSteady, "duration = { time = 3000 }", "duration = { time = 2 }"));
  EXPECT_LT(found(results, "steady.steady_share").value, 1);
}

TEST(TemperatureCollapse, DescentsWithoutNoiseAreOneCurveInRescaledTime) {
  // Full data in every batch of 50: no noise, so that λn is the only clock there is, up to O(λ).
  const std::string recipe = recipes::changed(
      recipes::changed(
          recipes::changed(kSteady, "learning_rate = [0.05, 0.2]", "learning_rate = [0.01, 0.02]"),
          "batch = { size = 5, replacement = true }\nduration = { time = 3000 }",
          "batch = { size = [25, 50], replacement = false }\nduration = { time = 1 }"),
      "analysis = \"sgd-stationarity\"",
      "analysis = \"temperature-collapse\"\nlosses = [\"full_loss\"]");
  const std::string swept = recipes::changed(
      recipes::changed(
          recipe, "sweep = [\"learning_rate\"]", "sweep = [\"learning_rate\", \"batch.size\"]"),
      "record = [",
      "record = [ { probe = \"full_loss\", every = 5 },");
  const Dataset results = results_of(swept);
  const Estimate clock = found(results, "steady.full_loss_clock_ratio");
  EXPECT_LT(clock.value, 0.2);
  EXPECT_EQ(clock.status, Status::too_short);  // one start has no spread
}

TEST(OverparametrisedState, HasTheMomentsOfTheFormula) {
  const Dataset results = results_of(R"(title = "Modified"
seed = 3
[[measure]]
name = "modified"
analysis = "overparametrised-state"
learning_rate = 0.02
isotropic_noise = [0.3]
steps = 200000
runs = 3
)");
  const Coordinates where{{"isotropic_noise", 0.3}};
  // The rule takes finite steps: up to λ(U'' + α)/2 = 1 % above the diffusion.
  const Estimate seen = found(results, "modified.seen_square_over_formula", where);
  EXPECT_NEAR(seen.value, 1, 0.01 + 4 * seen.standard_error);
  const Estimate flat = found(results, "modified.flat_variance_over_formula", where);
  EXPECT_NEAR(flat.value, 1, 0.01 + 4 * flat.standard_error);
  EXPECT_LT(flat.standard_error, 0.1);
  const Estimate null = found(results, "modified.null_force_share");
  EXPECT_GT(null.value, 10 * null.standard_error);
}

TEST(DiffusionLimit, LinearStepsHaveTheirExactCumulants) {
  DiffusionLimitOptions options;
  options.learning_rate = {0.1, 0.8};
  options.batch_size = {1, 3};
  options.paths = 6000;
  options.snapshots = 5;
  for (const DiffusionPoint& point :
       study_diffusion(linear_problem(60), true, options, Noise(2), 2)) {
    ASSERT_EQ(point.status, Status::ok);
    expect_within_errors(point.steady.variance, point.discrete_variance);
    expect_within_errors(point.steady.third, point.discrete_third);
    expect_within_errors(point.one_step.variance, point.second_kappa);
    expect_within_errors(point.one_step.third, point.third_kappa);
    EXPECT_GT(point.discrete_variance, point.diffusion_variance);
  }
}

TEST(DiffusionLimit, TwoLayersHaveTheirGammaLaw) {
  // The closed moments of the diffusion against quadrature of its steady state.
  DiffusionLimitOptions options;
  options.learning_rate = {0.1};
  options.batch_size = {1};
  options.paths = 400;
  options.snapshots = 1;
  const CubicExamples problem = two_layer_problem(80);
  const DiffusionPoint point = study_diffusion(problem, false, options, Noise(2), 1).front();
  const theory::Landscape landscape = cubic_landscape(problem);
  EXPECT_NEAR(landscape.noise(1.3), 1.3 * 1.3 / 4, 1e-12);
  EXPECT_NEAR(landscape.curvature(1), 1, 1e-12);
  const theory::SteadyState state(landscape, 0.1, {0.2, 1, 3});
  EXPECT_NEAR(point.diffusion_mean, state.mean().value, 1e-8);
  EXPECT_NEAR(point.diffusion_variance / state.variance().value, 1, 1e-7);
  EXPECT_NEAR(point.diffusion_loss, state.average(landscape.loss), 1e-8);
}

TEST(Spread, IsTheMeanWithTheErrorOfItsMembers) {
  const double members[] = {1, 2, 4, 5};
  const Estimate mean = mean_of(members);
  EXPECT_EQ(mean.value, 3);
  EXPECT_NEAR(mean.standard_error, std::sqrt(10.0 / 3 / 4), 1e-15);
  EXPECT_EQ(mean_of(std::span(members, 1)).status, Status::too_short);
  SweptMembers swept;
  for (const double x : {3.0, 1.0, 3.0 * (1 + 1e-12), 2.0}) swept.add(x, 1 / x);
  ASSERT_EQ(swept.x, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(swept.members[2].size(), 2u);
  std::vector<Estimate> powers;
  for (const double x : swept.x) powers.push_back({x * x, 0.01 * x, Status::ok});
  EXPECT_NEAR(exponent_of(swept.x, powers).value, 2, 1e-12);
}

}  // namespace
}  // namespace thermoscape
