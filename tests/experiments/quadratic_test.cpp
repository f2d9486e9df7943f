// The whole path from recipe to findings on a landscape where the answer is known: Langevin
// dynamics on a quadratic by Euler-Maruyama, whose moments are exact in the time step.
#include <cmath>

#include "experiments/finished_run.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "thermoscape/theory/quadratic.hpp"

namespace thermoscape {
namespace {

constexpr std::string_view kRecipe = R"(title = "Known answer"
seed = 5
[objective]
kind = "quadratic"
stiffness = [0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0]
soft = 4
precision = "float64"
[[phase]]
name = "probe"
rule = "overdamped"
time_step = 0.05
temperature = [1e-4, 1e-3, 1e-2]
sweep = ["temperature"]
replicas = 3
duration = { time = 10000 }
record = [
  { probe = "loss", every = 4 },
  { probe = "effective_examples", count = 2000 },
  { probe = "theta", count = 100 },
]
[[measure]]
name = "fluctuations"
analysis = "loss-statistics"
phase = "probe"
window = { time = [50, 10000] }
[[measure]]
name = "ageing"
analysis = "ageing"
phase = "probe"
[[measure]]
name = "traces"
analysis = "traces"
phase = "probe"
probes = ["loss", "effective_examples"]
[[expect]]
quantity = "fluctuations.mean_exponent"
value = 1.0
tolerance = 0.05
[[expect]]
quantity = "fluctuations.mean_exponent"
value = 2.0
tolerance = 0.05
)";

const std::vector<double> kStiffness = {0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0};
const std::vector<double> kTemperatures = {1e-4, 1e-3, 1e-2};
constexpr double kTimeStep = 0.05;

class QuadraticRun : public recipes::OneRun<kRecipe> {
 protected:
  static Estimate found(const std::string& quantity, double temperature) {
    return OneRun::found("fluctuations." + quantity, {{"temperature", temperature}});
  }
  /// Within `errors` standard errors of `expected`, with an error of at most 5%, so that agreement
  /// means something.
  static void expect_near(const std::string& quantity,
                          double temperature,
                          double expected,
                          double errors) {
    const Estimate estimate = found(quantity, temperature);
    EXPECT_TRUE(estimate.ok()) << quantity;
    EXPECT_GT(estimate.standard_error, 0);
    EXPECT_LT(estimate.standard_error, 0.05 * std::abs(expected)) << quantity;
    EXPECT_NEAR(estimate.value, expected, errors * estimate.standard_error)
        << quantity << " at T = " << temperature;
  }
};

TEST_F(QuadraticRun, ConstrainedDirectionsAreTheStiffOnes) {
  // Within two errors of K, as Euler-Maruyama gives it: (Σc)²/Σc² = 7.998, the four soft directions
  // not counted.
  for (const double temperature : kTemperatures) {
    const double shape =
        theory::euler_maruyama_loss(kStiffness, kTimeStep, temperature).shape.value;
    EXPECT_NEAR(2 * shape, 8, 0.02);
    expect_near("constrained_directions", temperature, 2 * shape, 2);
  }
}

TEST_F(QuadraticRun, MomentsAreThoseOfEulerMaruyama) {
  for (const double temperature : kTemperatures) {
    const auto exact = theory::euler_maruyama_loss(kStiffness, kTimeStep, temperature);
    expect_near("beta_times_temperature", temperature, exact.rate_times_temperature.value, 3);
    expect_near("mean_over_temperature", temperature, exact.mean.value / temperature, 3);
    expect_near("deviation_over_temperature",
                temperature,
                std::sqrt(exact.variance.value) / temperature,
                3);
    expect_near("fluctuation_ratio",
                temperature,
                exact.variance.value / (exact.mean.value * temperature),
                3);
  }
}

TEST_F(QuadraticRun, HalfTimeIsThatOfTheModes) {
  // Sampled every fourth step, so the crossing is interpolated over 0.2: χ is convex there, which
  // raises it by at most (0.2)² χ''/(8 |χ'|) ~ 0.01.
  const double exact = theory::euler_maruyama_half_time(kStiffness, kTimeStep).value;
  for (const double temperature : kTemperatures) {
    const Estimate half_time = found("half_time", temperature);
    EXPECT_TRUE(half_time.ok());
    EXPECT_LT(half_time.standard_error, 0.1 * exact);
    EXPECT_NEAR(half_time.value, exact, 0.01 + 3 * half_time.standard_error);
  }
}

TEST_F(QuadraticRun, EquilibriumIdentityHoldsUpToTheTimeStep) {
  // ⟨|∇L|²⟩ / (T tr H) = Σ k c / Σ k: 1 in continuous time.
  double with_step = 0;
  double sum = 0;
  for (const double k : kStiffness) {
    with_step += k / (1 - kTimeStep * k / 2);
    sum += k;
  }
  for (const double temperature : kTemperatures) {
    const Estimate identity = found("gradient_identity", temperature);
    EXPECT_NEAR(identity.value, with_step / sum, 3 * identity.standard_error);
  }
}

TEST_F(QuadraticRun, ClaimsAreJudged) {
  const std::vector<Claim> claims = claims_from(results());
  ASSERT_EQ(claims.size(), 2u);
  EXPECT_EQ(claims[0].verdict, Verdict::holds);
  EXPECT_EQ(claims[1].verdict, Verdict::fails);
}

TEST_F(QuadraticRun, EveryMeasureGivesFiguresWithFinitePoints) {
  for (const std::string start : {"fluctuations_", "ageing_", "traces_"}) {
    std::size_t points = 0;
    for (const auto& [id, group] : results().group("figures").groups) {
      if (!id.starts_with(start)) continue;
      const Figure figure = figure_from(id, group);
      EXPECT_FALSE(figure.title.empty()) << id;
      for (const Series& series : figure.series) {
        ASSERT_EQ(series.x.size(), series.y.size());
        points += series.x.size();
        for (const double y : series.y) EXPECT_TRUE(std::isfinite(y)) << id << " " << series.label;
        for (const double x : series.x) EXPECT_TRUE(std::isfinite(x)) << id << " " << series.label;
      }
    }
    EXPECT_GT(points, 10u) << start;
  }
  EXPECT_TRUE(results().has_group("figures/traces_loss"));
  EXPECT_TRUE(results().has_group("figures/ageing_effective_examples"));
}

TEST_F(QuadraticRun, ARunIsHealthyFinishedAndStored) {
  EXPECT_TRUE(run_->result.finished);
  EXPECT_TRUE(run_->result.healthy);
  EXPECT_TRUE(run_->result.problems.empty());
  const Dataset stored = store::read_dataset(run_->directory.results());
  EXPECT_EQ(findings_from(stored).size(), findings_from(results()).size());
  EXPECT_EQ(stored.group("probe").array("temperature").unit, "loss");
}

TEST_F(QuadraticRun, AgainChangesNothingAndMeasuringAgainGivesTheSame) {
  const auto written = std::filesystem::last_write_time(run_->directory.results());
  const RunResult again =
      run_experiment(run_->prepared, run_->directory, 1, std::atomic<bool>(false), {});
  EXPECT_TRUE(again.finished);
  EXPECT_EQ(std::filesystem::last_write_time(run_->directory.results()), written);
  const Dataset measured = measure_again(run_->prepared, run_->directory, run_->prepared.recipe, 1);
  const auto first = findings_from(results());
  const auto second = findings_from(measured);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(to_json(first[i]), to_json(second[i]));
}

}  // namespace
}  // namespace thermoscape
