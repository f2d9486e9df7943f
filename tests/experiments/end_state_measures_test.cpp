// Measures of where runs ended, on problems whose answers follow from counting or from symmetry.
#include <cmath>

#include "experiments/finished_run.hpp"

namespace thermoscape {
namespace {

using recipes::FinishedRun;

Estimate found(const FinishedRun& run, const std::string& quantity, const Coordinates& where = {}) {
  for (const Finding& one : findings_from(run.result.results)) {
    if (one.quantity == quantity && one.where == where) return one.estimate;
  }
  ADD_FAILURE() << quantity << " was not found";
  return {};
}

constexpr std::string_view kNetwork = R"(title = "Ends"
seed = 4
minima = 3
[data.points]
source = "mixture"
train = 40
test = 40
dimension = 5
class_count = 3
noise = 1.0
[objective]
kind = "mlp"
hidden = [8, 7]
activation = "relu"
l2 = 1e-3
precision = "float64"
[[phase]]
name = "sgd"
rule = "sgd"
learning_rate = 0.1
batch = { size = 8 }
duration = { steps = 60 }
)";

TEST(Reparametrisation, RescaledLayersChangeCurvaturesAndNoTermOfTheTestLoss) {
  const FinishedRun run(std::string(kNetwork) + R"(
[[phase]]
name = "to-train"
from = "sgd"
rule = "sgd"
learning_rate = 0.05
duration = { steps = 20 }
[[phase]]
name = "to-test"
from = "sgd"
split = "test"
rule = "sgd"
learning_rate = 0.05
duration = { steps = 20 }
[[measure]]
name = "terms"
analysis = "reparametrisation"
phase = "to-train"
test = "to-test"
factor = 3
)");
  for (const char* term : {"depth", "test_at_train", "shift_term", "bias_term", "covariance_term"})
    EXPECT_NEAR(found(run, std::string("terms.") + term + "_ratio").value, 1, 1e-7) << term;
  // One direction is not another in the scaled coordinates.
  EXPECT_GT(std::abs(found(run, "terms.mean_curvature_ratio").value - 1), 0.1);
  EXPECT_GT(std::abs(found(run, "terms.curvature_along_shift_ratio").value - 1), 1e-3);
  for (const char* term : {"shift", "bias", "covariance"}) {
    const Estimate order = found(run, std::string("terms.chart_") + term + "_order");
    EXPECT_NEAR(order.value, 3, 0.1 + 4 * order.standard_error) << term;
  }
  EXPECT_GT(found(run, "terms.chart_curvature_change").value, 0.1);
}

TEST(ForceCurl, VanishesWhereIsotropicNoiseRules) {
  const FinishedRun run(std::string(kNetwork) + R"(
[[measure]]
name = "curl"
analysis = "force-curl"
phase = "sgd"
isotropic_noise = [0.1, 1, 1000]
directions = 8
)");
  const auto at = [&](double noise) {
    return found(run, "curl.curl_ratio", {{"isotropic_noise", noise}});
  };
  EXPECT_LT(at(1000).value, 1e-3);
  EXPECT_GT(at(0.1).value, 10 * at(1000).value);
  EXPECT_GT(at(0.1).value, 4 * at(0.1).standard_error);
  // V → ∂U/β² with a remainder of D/β²: from 1 to 1000 it falls by about a million.
  EXPECT_LT(at(1000).value, 1e-4 * at(1).value);
}

TEST(GradientSpan, RanksAreThoseOfCounting) {
  const FinishedRun run(std::string(kNetwork) + R"(
[[measure]]
name = "span"
analysis = "gradient-span"
phase = "sgd"
examples = 6
)");
  EXPECT_EQ(found(run, "span.gradient_rank").value, 6);
  EXPECT_EQ(found(run, "span.covariance_rank").value, 5);
  // Softmax over three classes has two directions an example.
  EXPECT_EQ(found(run, "span.gauss_newton_rank").value, 12);
  EXPECT_EQ(found(run, "span.gauss_newton_rank_over_examples").value, 2);
  EXPECT_GE(found(run, "span.hessian_rank").value, 12);
}

TEST(EndValues, AreTheMedianOfTheLastLooks) {
  const FinishedRun run(R"(title = "Descent"
minima = 2
[objective]
kind = "quadratic"
stiffness = [1.0]
precision = "float64"
[[phase]]
name = "start"
rule = "overdamped"
time_step = 0.1
temperature = 1.0
duration = { steps = 50 }
[[phase]]
name = "descend"
from = "start"
rule = "sgd"
learning_rate = [0.01, 0.02, 0.03]
sweep = ["learning_rate"]
duration = { steps = 40 }
record = [{ probe = "loss", every = 1 }]
[[measure]]
name = "ends"
analysis = "end-values"
phase = "descend"
probes = ["loss"]
last = 0.275
)");
  // L_k = L_0 (1 - η)^{2k}; the middle of the looks 29 ... 39 is 34.
  const auto at = [&](double eta) { return found(run, "ends.loss", {{"learning_rate", eta}}); };
  for (const double eta : {0.02, 0.03}) {
    EXPECT_NEAR(at(eta).value / at(0.01).value, std::pow((1 - eta) / 0.99, 68), 1e-9) << eta;
    // Two starts: their half distance, which shrinks alike.
    EXPECT_NEAR(
        at(eta).standard_error / at(0.01).standard_error, std::pow((1 - eta) / 0.99, 68), 1e-9)
        << eta;
  }
  const Estimate exponent = found(run, "ends.loss_exponent");
  EXPECT_LT(exponent.value, -0.5);
  EXPECT_GT(exponent.value, -2.5);
}

}  // namespace
}  // namespace thermoscape
