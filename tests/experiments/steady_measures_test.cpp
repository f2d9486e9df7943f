// Spectra, correlation, lengths and distances where all is known: a quadratic minimum, whose
// stiffness and times do not depend on temperature, so that everything in λ/T or 2TΔt spreads.
#include <cmath>

#include "experiments/finished_run.hpp"

namespace thermoscape {
namespace {

constexpr std::string_view kRecipe = R"(title = "Known answer"
seed = 5
minima = 2
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
replicas = 2
duration = { time = 4000 }
record = [{ probe = "loss", every = 2 }, { probe = "theta", count = 20 }]
[[phase]]
name = "diffusion"
rule = "free-diffusion"
time_step = 0.05
temperature = 1e-3
replicas = 20
duration = { time = 50 }
record = [{ probe = "theta", per_decade = 10 }]
[[measure]]
name = "spectra"
analysis = "hessian-spectrum"
phase = "probe"
window = { time = [50, 4000] }
snapshots = 12
ranks = 8
[[measure]]
name = "correlation"
analysis = "correlation"
phase = "probe"
window = { time = [50, 4000] }
[[measure]]
name = "scales"
analysis = "length-scales"
phase = "probe"
window = { time = [50, 4000] }
[[measure]]
name = "distance"
analysis = "distance"
phase = "probe"
diffusion = "diffusion"
window = { time = [50, 4000] }
)";

const std::vector<double> kStiffness = {0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0};
const std::vector<double> kTemperatures = {1e-4, 1e-3, 1e-2};

class SteadyMeasures : public recipes::OneRun<kRecipe> {};

TEST_F(SteadyMeasures, SpectrumIsThatOfTheStiffnesses) {
  double sum = 0;
  double squares = 0;
  for (const double k : kStiffness) {
    sum += k;
    squares += k * k;
  }
  for (const double temperature : kTemperatures) {
    const Coordinates where{{"temperature", temperature}};
    EXPECT_NEAR(found("spectra.largest_eigenvalue", where).value, 2, 1e-12);
    EXPECT_EQ(found("spectra.above_bulk", where).value, 8);
    EXPECT_EQ(found("spectra.gap_outliers", where).value, 7);  // 0.8/0.6 is the largest ratio
    EXPECT_NEAR(found("spectra.gap_ratio", where).value, 0.8 / 0.6, 1e-12);
    EXPECT_NEAR(found("spectra.participation", where).value, sum * sum / squares, 1e-10);
    EXPECT_EQ(found("spectra.negative_share", where).value, 0);
  }
}

TEST_F(SteadyMeasures, StiffnessDoesNotDependOnTemperature) {
  for (const char* name :
       {"spectra.largest_exponent", "spectra.stiff_exponent", "spectra.median_exponent"}) {
    EXPECT_TRUE(found(name).ok()) << name;
    EXPECT_NEAR(found(name).value, 0, 1e-10) << name;
  }
  EXPECT_EQ(found("spectra.distance_raw").value, 0);
  // A decade between temperatures moves 0.6 ... 2 beyond itself.
  EXPECT_EQ(found("spectra.distance_rescaled").value, 1);
}

TEST_F(SteadyMeasures, CorrelationFollowsTheModesAndDoesNotCollapse) {
  // Replicas of 4000 time units, some 4000 τ: χ is known to about 0.02 each. Rescaled, the curves
  // are shifted by a decade or two, and where one decays another is 1 or 0.
  EXPECT_LT(found("correlation.distance_raw").value, 0.05);
  EXPECT_GT(found("correlation.distance_rescaled").value, 0.2);
  EXPECT_GT(found("correlation.collapse").value, 4);
  const Figure figure = figure_from("correlation_raw", results().group("figures/correlation_raw"));
  ASSERT_EQ(figure.series.size(), 3u);
  for (const Series& series : figure.series) {
    ASSERT_GT(series.x.size(), 20u);
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      double chi = 0;
      for (const double k : kStiffness) chi += std::exp(-2 * k * series.x[i]) / 8;
      // 0.1 between samples: the line between them lies above the curve by at most k² dt²/2 = 0.01.
      EXPECT_NEAR(series.y[i], chi, 0.06) << series.label << " at " << series.x[i];
    }
  }
}

TEST_F(SteadyMeasures, DiffusionLengthGrowsAsTheRootOfTemperature) {
  const Estimate exponent = found("scales.length_exponent");
  EXPECT_TRUE(exponent.ok());
  EXPECT_LT(exponent.standard_error, 0.03);
  EXPECT_NEAR(exponent.value, 0.5, 4 * exponent.standard_error + 1e-3);
  // Root of (1/8)Σ exp(-2kτ) = ½ by bisection.
  double low = 0;
  double high = 10;
  while (high - low > 1e-10) {
    const double middle = 0.5 * (low + high);
    double chi = 0;
    for (const double k : kStiffness) chi += std::exp(-2 * k * middle) / 8;
    (chi > 0.5 ? low : high) = middle;
  }
  for (const double temperature : kTemperatures) {
    const Estimate length = found("scales.length", {{"temperature", temperature}});
    const double expected = std::sqrt(temperature * low);
    EXPECT_NEAR(length.value, expected, 0.05 * expected);  // 4 errors of 1%, and half the time step
  }
}

TEST_F(SteadyMeasures, DistancesFollowTheirLaws) {
  // |Δθ|²/(2NTt) is χ²/N with N = 12 directions: a relative error of √(2/12/40) over 40 runs.
  EXPECT_NEAR(found("distance.diffusion_law").value, 1, 4 * 0.065);
  // Four of twelve directions are free, the others stand still: 4/12, √(2/4/12) over 12 runs.
  EXPECT_NEAR(found("distance.langevin_over_diffusion").value, 1.0 / 3, 4 * 0.204 / 3);
  // The start has no loss, so nothing can be told in units of it.
  EXPECT_EQ(found("distance.rise_distance").status, Status::undefined);
  EXPECT_EQ(found("distance.decades_at_length").status, Status::undefined);
}

TEST(Distance, RefusesAPhaseOfDiffusionThatIsNotThereBeforeAnythingRuns) {
  const auto complaint = [](std::string_view from, std::string_view to) {
    return recipes::complaint_of(
        [&] { (void)prepare(recipes::parsed(recipes::changed(kRecipe, from, to))); });
  };
  EXPECT_THAT(complaint("diffusion = \"diffusion\"", "diffusion = \"difusion\""),
              testing::AllOf(testing::HasSubstr("`distance`, diffusion"),
                             testing::HasSubstr("did you mean `diffusion`")));
  EXPECT_THAT(
      complaint("{ probe = \"theta\", per_decade = 10 }", "{ probe = \"loss\", every = 9 }"),
      testing::HasSubstr("is not recorded by phase `diffusion`"));
}

}  // namespace
}  // namespace thermoscape
