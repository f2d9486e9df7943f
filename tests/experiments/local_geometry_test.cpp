// The measures of the local-geometry study on small runs: what they find against what theory or the
// objects they are made of say.
#include <cmath>
#include <numeric>

#include "experiments/recipes.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/local_geometry/class_simplex.hpp"
#include "thermoscape/experiments/local_geometry/random_spectrum.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/models/softmax_hessian.hpp"
#include "thermoscape/theory/softmax_gaussian.hpp"

namespace thermoscape {
namespace {

using recipes::TemporaryFolder;

/// Findings of a recipe that is run to its end.
class Findings {
 public:
  explicit Findings(const std::string& text, int threads = 2) {
    TemporaryFolder folder;
    const Prepared prepared = prepare(parse_recipe(text, "geometry.toml", "demo", {}));
    const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
    result_ = run_experiment(prepared, directory, threads, std::atomic<bool>(false), {});
    EXPECT_TRUE(result_.finished);
    all_ = findings_from(result_.results);
  }
  [[nodiscard]] Estimate at(const std::string& quantity, const Coordinates& where = {}) const {
    for (const Finding& one : all_) {
      if (one.quantity == quantity && one.where == where) return one.estimate;
    }
    ADD_FAILURE() << quantity << " was not found";
    return {};
  }
  [[nodiscard]] const Dataset& results() const { return result_.results; }

 private:
  RunResult result_;
  std::vector<Finding> all_;
};

constexpr const char* kRandom = R"(title = "Random"
seed = 4
[[measure]]
name = "model"
analysis = "random-spectrum"
examples = 80
classes = 4
parameters = 160
logit_deviation = 4
shared_deviation = 0.0790569415042095
residual_deviation = 0.0395284707521047
draws = 6
length_ratios = [1, 8]
accuracies = [0.95]
[[measure]]
name = "sweep"
analysis = "random-sweep"
examples = 60
classes = 4
parameters = 120
logit_deviation = 4
shared_deviation = 0.0912870929175277
residual_deviation = 0.0456435464587638
draws = 6
logit_deviations = [0.01, 0.5, 1, 2, 4, 30]
growth_exponents = [0, 0.25]
planes = 4
[[measure]]
name = "simplex"
analysis = "random-simplex"
examples = 4000
logit_deviations = [0.3, 3]
)";

class RandomModel : public testing::Test {
 protected:
  void SetUp() override {
    if (findings_ == nullptr) findings_ = new Findings(kRandom);
  }
  static void TearDownTestSuite() { delete findings_; }
  static Estimate at(const std::string& quantity, const Coordinates& where = {}) {
    return findings_->at(quantity, where);
  }
  static inline Findings* findings_ = nullptr;
};

TEST_F(RandomModel, NeedsNeitherObjectiveNorPhase) {
  EXPECT_TRUE(findings_->results().has_group("figures/model_spectrum"));
  EXPECT_TRUE(findings_->results().has_group("figures/sweep_goldilocks"));
  EXPECT_TRUE(findings_->results().has_group("figures/simplex_simplex"));
}

TEST_F(RandomModel, HasOneOutlierLessThanClasses) {
  EXPECT_NEAR(at("model.outliers").value, 3, 0.35);
  EXPECT_GT(at("model.outlier_gap").value, 2);
  // Whatever the lengths: the fourth eigenvalue is the bulk's.
  EXPECT_LT(at("model.bulk_gap", {{"length_ratio", 1}}).value, 1.3);
  EXPECT_LT(at("model.bulk_gap", {{"length_ratio", 8}}).value, 1.3);
}

// SNR = 4. Cosines of one draw scatter by about (1 - q²)√(2/D)/√C, 2 %; 1 % for the mean of 6.
TEST_F(RandomModel, ClustersAsItsSnrSays) {
  EXPECT_NEAR(at("model.same_logit").value, 0.8, 0.03);
  EXPECT_NEAR(at("model.same_logit_same_class").value, 0.8, 0.03);
  EXPECT_NEAR(at("model.different_logits").value, 0, 0.08);
}

TEST_F(RandomModel, SharesOfTheGradientDependOnLabelsAlone) {
  // The accuracy of the model itself, through the other path.
  EXPECT_NEAR(at("model.gradient_share", {{"accuracy", 0.95}}).value,
              at("model.gradient_share").value,
              1e-9);
  EXPECT_NEAR(at("model.gradient_share_less_predicted").value, 0, 0.08);
}

TEST_F(RandomModel, OutliersFollowFromTheSpikedMatrixEquation) {
  // D = 160: an outlier scatters by 1/√D = 8 %, the mean over 6 draws and 3 outliers by 2 %.
  EXPECT_NEAR(at("model.spiked_deviation_separated").value, 0, 0.06);
  EXPECT_NEAR(at("model.spiked_deviation_crossed").value, 0, 0.06);
  EXPECT_EQ(at("model.spiked_missing_crossed").value, 0);
}

TEST_F(RandomModel, TopEigenvaluePeaksOnlyWhereGradientsGrow) {
  // At fixed σ_c it falls: its largest value is that of the smallest logits, to the scatter there.
  EXPECT_NEAR(at("sweep.peak_over_start", {{"growth_exponent", 0}}).value, 1, 0.05);
  EXPECT_EQ(at("sweep.peak_logit_deviation", {{"growth_exponent", 0}}).status, Status::undefined);
  const Estimate peak = at("sweep.peak_logit_deviation", {{"growth_exponent", 0.25}});
  EXPECT_EQ(peak.status, Status::ok);
  EXPECT_GT(peak.value, 0.5);
  EXPECT_LT(peak.value, 6);
  EXPECT_GT(at("sweep.trace_over_norm_fall").value,
            3 * at("sweep.trace_over_norm_fall").standard_error);
}

TEST_F(RandomModel, EntropiesAreTheExactAverages) {
  for (const double deviation : {0.3, 3.0}) {
    const Coordinates where{{"logit_deviation", deviation}};
    const theory::SoftmaxAverages exact = theory::softmax_averages({deviation, 3});
    const Estimate entropy = at("simplex.probability_entropy", where);
    EXPECT_NEAR(entropy.value, exact.probability_entropy, 4 * entropy.standard_error);
    EXPECT_LT(entropy.standard_error, 0.01);
  }
}

constexpr const char* kNetwork = R"(title = "Network"
seed = 4
minima = 2
[data.images]
source = "mixture"
dimension = 6
class_count = 3
train = 60
[objective]
kind = "mlp"
hidden = [8]
activation = "tanh"
precision = "float64"
[[phase]]
name = "train"
rule = "sgd"
learning_rate = 0.3
batch.size = 10
duration = { epochs = 30 }
record = [{ probe = "theta", per_decade = 2 }]
[[measure]]
name = "geometry"
analysis = "logit-geometry"
phase = "train"
moments = 4
[[measure]]
name = "curvature"
analysis = "training-curvature"
phase = "train"
moments = 3
extra = 4
model_draws = 2
model_parameters = 60
[[measure]]
name = "zone"
analysis = "goldilocks"
phase = "train"
scales = [0.1, 1, 10]
draws = 3
plane_dimension = 5
trained_dimension = 20
steps = 60
learning_rate = 0.05
)";

class Network : public testing::Test {
 protected:
  void SetUp() override {
    if (findings_ == nullptr) findings_ = new Findings(kNetwork);
  }
  static void TearDownTestSuite() { delete findings_; }
  static Estimate at(const std::string& quantity, const Coordinates& where = {}) {
    return findings_->at(quantity, where);
  }
  static inline Findings* findings_ = nullptr;
};

TEST_F(Network, FreezesAndClusters) {
  EXPECT_GT(at("geometry.accuracy_late").value, 0.9);
  EXPECT_GT(at("geometry.logit_variance_growth").value, 2);
  EXPECT_GT(at("geometry.entropy_fall").value, 0.3);
  EXPECT_LE(at("geometry.probability_entropy_initial").value, std::log2(3));
  EXPECT_GT(at("geometry.same_logit_less_different_late").value, 0.1);
  EXPECT_GT(at("geometry.weight_norm_growth").value, 1);
}

// G is the whole Hessian where the residuals vanish, and at any point its pairs share H's top.
TEST_F(Network, OutliersAreThoseOfTheGaussNewtonTerm) {
  EXPECT_NEAR(at("curvature.share_of_g_late").value, 1, 0.2);
  EXPECT_GT(at("curvature.gradient_share_initial").value, 0.3);
  EXPECT_LE(at("curvature.gradient_share_initial").value, 1 + 1e-9);
  EXPECT_GE(at("curvature.peak_over_initial").value, 1);
  EXPECT_GE(at("curvature.peak_over_late").value, 1);
  EXPECT_TRUE(findings_->results().has_group("figures/curvature_terms"));
}

TEST_F(Network, CurvatureAndGeometryAgreeOnWhatBothKnow) {
  // λ_1(cPcᵀ) <= λ_1(G) <= about λ_1(H) where the H-term is small: the shared part is a part.
  const double shared = at("curvature.top_shared_curvature_late").value;
  EXPECT_GT(shared, 0);
  EXPECT_LT(shared, 1.5 * at("curvature.top_eigenvalue_late").value);
}

TEST_F(Network, ScaledInitialPointsGiveLargerLogitsAndLessTrace) {
  // tanh saturates: the variance grows by less than the fourth power and more than the second.
  EXPECT_GT(at("zone.logit_variance_exponent").value, 1.9);
  EXPECT_LT(at("zone.logit_variance_exponent").value, 4);
  EXPECT_GT(at("zone.accuracy", {{"scale", 1}}).value, 0.5);
  EXPECT_LE(std::abs(at("zone.plane_trace_over_norm", {{"scale", 1}}).value), std::sqrt(5.0));
}

TEST(LocalGeometry, RefusesInOneLine) {
  const auto complaint = [](const std::string& from, const std::string& to) {
    return recipes::complaint_of([&] {
      (void)prepare(parse_recipe(recipes::changed(kRandom, from, to), "geometry.toml", "demo", {}));
    });
  };
  EXPECT_NE(complaint("draws = 6\nlength_ratios", "draws = 1\nlength_ratios").find("draws"),
            std::string::npos);
  EXPECT_NE(complaint("analysis = \"random-simplex\"\n",
                      "analysis = \"random-simplex\"\nphase = \"train\"\n")
                .find("is not read"),
            std::string::npos);
  EXPECT_NE(complaint("[0.01, 0.5, 1, 2, 4, 30]", "[2, 1]").find("ascending"), std::string::npos);
  EXPECT_NE(complaint("parameters = 160", "parameters = 4").find("parameters"), std::string::npos);
  EXPECT_NE(recipes::complaint_of([] {
              (void)prepare(parse_recipe("title = \"Nothing\"\n", "nothing.toml", "demo", {}));
            }).find("at least one"),
            std::string::npos);
}

TEST(OverDraws, IsTheMeanWithItsError) {
  const std::vector<double> values{1, 2, 3, 6};
  const Estimate mean = over_draws(values);
  EXPECT_DOUBLE_EQ(mean.value, 3);
  EXPECT_NEAR(mean.standard_error, std::sqrt(14.0 / 12), 1e-15);
  EXPECT_EQ(over_draws(std::vector<double>{2}).status, Status::too_short);
  EXPECT_EQ(over_draws(std::vector<double>{}).status, Status::undefined);
}

TEST(ClassSimplex, CornersAndCentreAreWhereTheyBelong) {
  Matrix p(3, 4);
  p << 1, 0, 0, 1.0 / 3,  //
      0, 1, 0, 1.0 / 3,   //
      0, 0, 1, 1.0 / 3;
  const Figure figure = simplex_figure({{"all", p}}, "");
  const Series& points = figure.series.back();
  EXPECT_EQ(points.x, (std::vector<double>{0, 1, 0.5, 0.5}));
  EXPECT_NEAR(points.y[2], std::sqrt(3.0) / 2, 1e-15);
  EXPECT_NEAR(points.y[3], std::sqrt(3.0) / 6, 1e-15);
  const std::vector<double> entropies = class_entropies(p);
  EXPECT_EQ(entropies[0], 0);
  EXPECT_NEAR(entropies[3], std::log2(3), 1e-15);
  EXPECT_THROW((void)simplex_figure({{"two", Matrix::Constant(2, 1, 0.5)}}, ""), Error);
}

}  // namespace
}  // namespace thermoscape
