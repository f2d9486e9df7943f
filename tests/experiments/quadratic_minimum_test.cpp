// Measures that hold a run against the theory of a quadratic loss, on runs for which that theory is
// exact.
#include <cmath>
#include <numeric>

#include <Eigen/Eigenvalues>

#include "experiments/finished_run.hpp"
#include "thermoscape/experiments/thermal_probe/stiff_modes.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using recipes::TemporaryFolder;

TEST(StiffModes, OfLeastSquaresAreThoseOfTheInputs) {
  // 3 examples, 5 inputs, 2 targets: the eigenvalues of XᵀX/3, twice each.
  RegressionData data{3, 5, 2, std::vector<double>(15), std::vector<double>(6)};
  Noise(4).normal<double>("test.x", 0, data.x);
  Noise(4).normal<double>("test.y", 0, data.y);
  LinearRegression<double> objective(LinearRegressionSettings{}, data);
  const std::vector<double> theta(10);
  const StiffModes modes = stiff_modes(objective, theta, 1e-9);
  const Eigen::Map<const Eigen::Matrix<double, 3, 5, Eigen::RowMajor>> x(data.x.data());
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(
      Eigen::Matrix3d(x * x.transpose() / 3));
  ASSERT_EQ(modes.stiffness.size(), 6u);
  EXPECT_TRUE(modes.gauss_newton);
  for (int i = 0; i < 6; ++i)
    EXPECT_NEAR(modes.stiffness[i], solver.eigenvalues()[2 - i / 2], 1e-10);
  EXPECT_LT((modes.directions.transpose() * modes.directions - Matrix::Identity(6, 6)).norm(),
            1e-9);
  EXPECT_LT(gauss_newton_residual(objective, theta, modes), 1e-9);
}

TEST(StiffModes, OfAQuadraticAreItsStiffDirections) {
  Quadratic<double> objective(QuadraticSettings{{0.5, 2.0, 1.0}, 3});
  const StiffModes modes = stiff_modes(objective, std::vector<double>(6), 1e-9);
  ASSERT_EQ(modes.stiffness.size(), 3u);
  EXPECT_FALSE(modes.gauss_newton);
  EXPECT_NEAR(modes.stiffness[0], 2.0, 1e-12);
  EXPECT_NEAR(std::abs(modes.directions(1, 0)), 1, 1e-12);
  EXPECT_NEAR(modes.stiffness[2], 0.5, 1e-12);
}

constexpr std::string_view kRecipe = R"(title = "Least squares"
seed = 9
[data.random]
source = "gaussian"
dimension = 12
class_count = 2
train = 4
[objective]
kind = "linear"
precision = "float64"
[[phase]]
name = "train"
rule = "sgd"
learning_rate = 0.1
stop = { loss = 1e-26, steps = 20000 }
[[phase]]
name = "probe"
from = "train"
rule = "overdamped"
time_step = 0.01
temperature = [1e-4, 1e-3, 1e-2]
sweep = ["temperature"]
replicas = 3
duration = { time = 3000 }
record = [{ probe = "loss", every = 2 }, { probe = "theta", count = 1500 }]
[[measure]]
name = "minimum"
analysis = "quadratic-minimum"
phase = "probe"
window = { time = [20, 3000] }
[[measure]]
name = "slice"
analysis = "slice"
phase = "probe"
window = { time = [1000, 3000] }
[[measure]]
name = "spikes"
analysis = "spikes"
phase = "probe"
window = { time = [20, 3000] }
)";

class LeastSquaresRun : public recipes::OneRun<kRecipe> {};

TEST_F(LeastSquaresRun, AgreesWithTheFormulasOfItsStiffnesses) {
  EXPECT_EQ(found("minimum.rank").value, 8);
  EXPECT_LT(found("minimum.reached_loss").value, 1e-25);
  expect_near("minimum.constrained_over_formula", 1, 0, 0.05);
  expect_near("minimum.mean_over_formula", 1, 0, 0.02);
  expect_near("minimum.half_time_over_formula", 1, 0.01, 0.1);
  EXPECT_EQ(found("minimum.stiffness_exponent").value, 0);
}

TEST_F(LeastSquaresRun, RankOfTheWholeGaussNewtonMatrixIsThatOfTheOutputs) {
  // 24 parameters, 8 outputs: the Gram matrix has 8 eigenvalues above 0 and so has the 24 x 24 one,
  // which for a linear model is the Hessian.
  const Dataset& minimum = results().group("minimum").group("minimum_0");
  const auto whole = minimum.array("gauss_newton").values.span();
  const auto hessian = minimum.array("hessian").values.span();
  const auto stiff = minimum.array("stiffness").values.span();
  ASSERT_EQ(whole.size(), 24u);
  ASSERT_EQ(stiff.size(), 8u);
  for (std::size_t k = 0; k < whole.size(); ++k) {
    EXPECT_NEAR(whole[k], k < 8 ? stiff[k] : 0, 1e-12 * stiff[0]) << k;
    EXPECT_NEAR(hessian[k], whole[k], 1e-12 * stiff[0]) << k;
  }
  expect_near("minimum.constrained_directions", 8, 0, 0.4);
}

TEST_F(LeastSquaresRun, EntropyThreeWaysIsOne) {
  // The time step adds ½⟨ln c⟩ a mode to the fluctuations and ⟨c⟩ - 1 to the integral, at most 0.03
  // with ηk <= 0.06.
  expect_near("minimum.entropy_per_mode_less_formula", 0, 0.03, 0.02);
  EXPECT_NEAR(found("minimum.fixed_direction_excess", {{"temperature", 1e-3}}).value, 0, 0.03);
  expect_near("minimum.integrated_entropy_over_formula", 1, 0.03, 0.02);
}

TEST_F(LeastSquaresRun, ASliceInEquilibriumStandsStillAndObeysTheResponseRelation) {
  EXPECT_EQ(found("slice.share_standing_still").value, 1);
  EXPECT_NEAR(found("slice.mean_exponent").value, 1, 0.05);
  // μ = (N/2)T gives σ = √(N/2) T.
  EXPECT_NEAR(found("slice.deviation_over_response").value, 1, 0.05);
  EXPECT_NEAR(found("slice.ageing_exponent").value, 0, 0.05);
}

TEST_F(LeastSquaresRun, HasNoSpikesAndNoDrift) {
  for (const double temperature : {1e-4, 1e-3, 1e-2}) {
    const Coordinates where{{"temperature", temperature}};
    EXPECT_EQ(found("spikes.rate", where).value, 0);
    EXPECT_EQ(found("spikes.spiked_share", where).value, 0);
    const Estimate drift = found("spikes.drift", where);
    EXPECT_NEAR(drift.value, 0, 4 * drift.standard_error);
    // Median of a Gamma law of shape 4 in units of T: 3.6721.
    EXPECT_NEAR(found("spikes.median_over_temperature", where).value, 3.6721, 0.3);
  }
}

TEST(Spikes, ReportsBranchesThatDiverge) {
  TemporaryFolder folder;
  constexpr std::string_view kText = R"(title = "Unstable"
[objective]
kind = "quadratic"
stiffness = [1.0, 0.5]
precision = "float64"
[[phase]]
name = "probe"
rule = "overdamped"
time_step = [0.1, 2.5]
temperature = 0.01
sweep = ["time_step"]
duration = { steps = 4000 }
allow = ["diverged"]
record = [{ probe = "loss", every = 1 }]
[[measure]]
name = "spikes"
analysis = "spikes"
phase = "probe"
threshold = 1000
)";
  const Prepared prepared = prepare(parse_recipe(kText, "unstable.toml", "demo", {}));
  const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
  const RunResult result = run_experiment(prepared, directory, 1, std::atomic<bool>(false), {});
  EXPECT_TRUE(result.healthy) << "divergence is allowed";
  double stable = -1;
  double unstable = -1;
  for (const Finding& one : findings_from(result.results)) {
    if (one.quantity == "spikes.diverged_share")
      (one.where.front().second < 1 ? stable : unstable) = one.estimate.value;
  }
  EXPECT_EQ(stable, 0);
  EXPECT_EQ(unstable, 1);
}

}  // namespace
}  // namespace thermoscape
