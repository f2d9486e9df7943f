#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"

#include <cmath>
#include <numeric>

#include "experiments/recipes.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/experiments/variance_flatness/mode_motion.hpp"
#include "thermoscape/experiments/variance_flatness/trajectory_controls.hpp"
#include "thermoscape/theory/window_variance.hpp"

namespace thermoscape {
namespace {

using recipes::TemporaryFolder;

TEST(SpacedRanks, AreIncreasingAndEvenInTheLogarithm) {
  EXPECT_EQ(spaced_ranks(4, 9), (std::vector<std::int64_t>{1, 2, 3, 4}));
  const std::vector<std::int64_t> ranks = spaced_ranks(1000, 50);
  EXPECT_LE(ranks.size(), 50U);
  EXPECT_GE(ranks.size(), 45U);
  for (std::size_t i = 1; i < ranks.size(); ++i) EXPECT_GT(ranks[i], ranks[i - 1]);
  EXPECT_EQ(ranks.front(), 1);
  EXPECT_GT(ranks.back(), 800);
  const auto in_decade = [&](double low) {
    return std::count_if(ranks.begin(), ranks.end(), [low](std::int64_t r) {
      return static_cast<double>(r) >= low && static_cast<double>(r) < 10 * low;
    });
  };
  EXPECT_NEAR(static_cast<double>(in_decade(10)), static_cast<double>(in_decade(100)), 2);
}

TEST(SpacedRanks, HoldThoseThatAreWanted) {
  const std::vector<std::int64_t> ranks = ranks_with(200, 12, {30, 1, 200, 500});
  EXPECT_TRUE(std::is_sorted(ranks.begin(), ranks.end()));
  EXPECT_EQ(std::count(ranks.begin(), ranks.end(), 30), 1);
  EXPECT_EQ(std::count(ranks.begin(), ranks.end(), 1), 1);
  EXPECT_EQ(ranks.back(), 200);
}

TEST(ParameterSubset, TakesWhatIsNotNeighboursAndJoinsWhatIs) {
  const std::vector<ParameterGroup> groups{{"layer1.weight", 0, 15},
                                           {"layer1.bias", 15, 5},
                                           {"layer2.weight", 20, 20},
                                           {"layer2.bias", 40, 4},
                                           {"layer3.weight", 44, 8},
                                           {"layer3.bias", 52, 2}};
  const auto subset = [&](const std::string& text) {
    return parameter_subset(text, groups, 54, "test");
  };
  EXPECT_EQ(subset("all").count(), 54);
  EXPECT_EQ(subset("layer?.weight").parts().size(), 3U);
  EXPECT_EQ(subset("layer?.weight").count(), 43);
  EXPECT_EQ(subset("layer1.*,layer2.*").parts().size(), 1U);
  EXPECT_EQ(subset("1:3,5:6").parts().size(), 2U);
  EXPECT_EQ(subset("1:3,5:6").end(), 6);
  for (const char* bad : {"layer4.weight", "5:6,1:3", "1:3,2:6", "1:3,x:6", "0:3,53:55", "1:3,"})
    EXPECT_THROW((void)subset(bad), Error) << bad;
  std::vector<double> theta(54, -1.0), values(10);
  std::iota(values.begin(), values.end(), 0.0);
  subset("10:12,44:52").put<double>(values, theta);
  EXPECT_EQ(theta[9], -1);
  EXPECT_EQ(theta[10], 0);
  EXPECT_EQ(theta[12], -1);
  EXPECT_EQ(theta[44], 2);
  EXPECT_EQ(theta[51], 9);
  EXPECT_EQ(theta[52], -1);
  std::vector<double> taken(10);
  subset("10:12,44:52").take<double>(theta, taken);
  EXPECT_EQ(taken, values);
  EXPECT_TRUE(subset("layer1.*,layer3.*").contains(subset("3:20,44:45")));
  EXPECT_FALSE(subset("layer1.*,layer3.*").contains(subset("19:21")));
  EXPECT_FALSE(subset("layer2.weight").contains(subset("all")));
}

/// A walk [n, d] with normal steps of the given sizes and a drift along the first coordinate.
analysis::RowMatrix walk(Eigen::Index n, const Eigen::VectorXd& sizes, double drift) {
  analysis::RowMatrix out = analysis::RowMatrix::Zero(n, sizes.size());
  std::vector<double> z(static_cast<std::size_t>(sizes.size()));
  for (Eigen::Index t = 1; t < n; ++t) {
    Noise(11).normal<double>("test.walk", static_cast<std::uint64_t>(t), z);
    for (Eigen::Index i = 0; i < sizes.size(); ++i)
      out(t, i) = out(t - 1, i) + sizes(i) * z[static_cast<std::size_t>(i)];
    out(t, 0) += drift;
  }
  return out;
}

analysis::Rows view_of(const analysis::RowMatrix& data) {
  return analysis::rows_of({data.data(), static_cast<std::size_t>(data.size())}, data.cols());
}

analysis::RowMatrix collected(const analysis::Rows& rows) {
  analysis::RowMatrix out(rows.rows, rows.columns);
  analysis::for_each_block(
      rows, [&](Eigen::Index first, auto block) { out.middleRows(first, block.rows()) = block; });
  return out;
}

TEST(Controls, KeepWhatTheySayTheyKeep) {
  const Eigen::VectorXd sizes = Eigen::VectorXd::LinSpaced(6, 1, 3);
  const analysis::RowMatrix data = walk(1500, sizes, 0.5);
  const analysis::Rows rows = view_of(data);
  const auto increments = [](const analysis::RowMatrix& x) {
    return Eigen::MatrixXd(x.bottomRows(x.rows() - 1) - x.topRows(x.rows() - 1));
  };
  const Eigen::MatrixXd own = increments(data);
  const analysis::RowMatrix shuffled = collected(control_rows(rows, Control::shuffled, Noise(1)));
  // The same steps in another order: the same end, the same covariance of steps.
  EXPECT_LT((shuffled.row(1499) - (data.row(1499) - data.row(0))).norm(), 1e-9);
  const Eigen::MatrixXd mixed = increments(shuffled);
  EXPECT_LT((mixed.transpose() * mixed - own.transpose() * own).norm(), 1e-8 * own.squaredNorm());
  EXPECT_GT((mixed - own).norm(), own.norm());
  const Eigen::MatrixXd flipped =
      increments(collected(control_rows(rows, Control::random_signs, Noise(1))));
  EXPECT_LT((flipped.cwiseAbs() - own.cwiseAbs()).norm(), 1e-9 * own.norm());
  EXPECT_LT(std::abs(flipped.col(0).mean()), 4 / std::sqrt(1499.0));  // the drift is gone
  const Eigen::MatrixXd even =
      increments(collected(control_rows(rows, Control::isotropic_walk, Noise(1))));
  const double size = own.squaredNorm() / static_cast<double>(own.size());
  for (Eigen::Index i = 0; i < 6; ++i)
    EXPECT_NEAR(even.col(i).squaredNorm() / 1499 / size, 1, 4 * std::sqrt(2 / 1499.0)) << i;
  // A second pass repeats the first.
  const analysis::Rows again = control_rows(rows, Control::isotropic_walk, Noise(1));
  EXPECT_EQ(collected(again), collected(again));
}

TEST(ModeMotion, TellsADriftFromAWalk) {
  const Eigen::VectorXd sizes = Eigen::VectorXd::Ones(40);
  const analysis::RowMatrix data = walk(4000, sizes, 1.5);
  const std::vector<ModeMotion> motion = mode_motions(data, 200);
  EXPECT_NEAR(motion[0].drift.value, 1.5, 4 * motion[0].drift.standard_error);
  EXPECT_NEAR(motion[0].drift.standard_error * std::sqrt(3999.0), 1, 0.3);
  // 1 + (ℓ - 1) v²/(v² + 1) with v = 1.5; the squares of 20 independent stretches scatter by 5%.
  const double expected = 1 + 199 * 2.25 / 3.25;
  EXPECT_NEAR(motion[0].persistence / expected, 1, 0.15);
  EXPECT_EQ(motion[0].velocity_time.status, Status::too_short);
  double variance = 0, persistence = 0, time = 0;
  for (std::size_t i = 1; i < 40; ++i) {
    variance += motion[i].variance / 39;
    persistence += motion[i].persistence / 39;
    time += motion[i].velocity_time.value / 39;
    EXPECT_NEAR(motion[i].step_square, 1, 5 * std::sqrt(2 / 3999.0)) << i;
    EXPECT_NEAR(motion[i].reversal, 0, 5 / std::sqrt(3999.0)) << i;
  }
  // A walk's window variance scatters by 0.9 of its mean, the square of a stretch by √(2/20).
  const double window =
      theory::window_variance({.step_variance = 1, .steps = 4000, .decay = 1}).random_walk;
  EXPECT_NEAR(variance / window, 1, 4 * 0.9 / std::sqrt(39.0));
  EXPECT_NEAR(persistence, 1, 4 * std::sqrt(2.0 / 20 / 39));
  EXPECT_NEAR(time, 0.5, 0.1);
  EXPECT_THROW((void)mode_motions(data, 2000), Error);
}

TEST(FlatnessLaw, RecoversPlantedExponents) {
  std::vector<MeasuredMode> modes;
  std::vector<double> z(200);
  Noise(5).normal<double>("test.scatter", 0, z);
  for (std::int64_t rank = 1; rank <= 200; ++rank) {
    const double log_rank = std::log(static_cast<double>(rank));
    MeasuredMode mode;
    mode.rank = rank;
    mode.variance = std::exp(-2.4 * log_rank);
    mode.step_square = std::exp(-1.2 * log_rank);
    const double width = std::exp(0.6 * log_rank + 0.05 * z[static_cast<std::size_t>(rank - 1)]);
    mode.profile.flatness.width = {width, 0, Status::ok};
    modes.push_back(mode);
  }
  const FlatnessLaw law = flatness_law(modes, 2, 200);
  EXPECT_NEAR(law.psi.value, 4, 3 * law.psi.standard_error);
  EXPECT_LT(law.psi.standard_error, 0.1);
  EXPECT_LT(law.direct, law.psi.value);
  EXPECT_GT(law.inverse, law.psi.value - 1e-9);
  EXPECT_LT(law.rank_correlation.value, -0.98);
  const FlatnessLaw steps = flatness_law(modes, 2, 200, Spread::step_square);
  EXPECT_NEAR(steps.psi.value, 2, 3 * steps.psi.standard_error);
  EXPECT_EQ(flatness_law(modes, 197, 200).psi.status, Status::too_short);
  for (MeasuredMode& one : modes)
    one.profile.flatness.width.value = std::exp(z[static_cast<std::size_t>(one.rank - 1)]);
  EXPECT_EQ(flatness_law(modes, 2, 200).psi.status, Status::undefined) << "F knows nothing of σ²";
  std::vector<double> variances;
  for (const MeasuredMode& one : modes) variances.push_back(one.variance);
  EXPECT_NEAR(rank_exponent(variances, 10, 150).value, 2.4, 1e-9);
}

constexpr std::string_view kEquilibrium = R"(title = "Thermal noise on a quadratic loss"
seed = 3
[objective]
kind = "quadratic"
stiffness = [1.0, 1.3, 1.69, 2.2, 2.86, 3.7, 4.8, 6.3, 8.2, 10.6, 13.8, 17.9, 23.3, 30.3, 39.4]
precision = "float64"
[[phase]]
name = "probe"
rule = "overdamped"
time_step = 0.01
temperature = 0.01
duration = { steps = 400000 }
record = [{ probe = "trajectory", every = 100 }]
[[measure]]
name = "modes"
analysis = "trajectory-pca"
phase = "probe"
fit = [2, 15]
modes = 15
[[measure]]
name = "relation"
analysis = "variance-flatness"
phase = "probe"
fit = [1, 15]
fit_edges = [1, 15]
modes = 15
profiles = 15
controls = false
)";

TEST(VarianceFlatness, AnEquilibriumSystemGivesTheOppositeLaw) {
  // σ² = T/k and F² = 8(e-1)L0/k: variance grows as F².
  TemporaryFolder folder;
  const Prepared prepared = prepare(parse_recipe(kEquilibrium, "equilibrium.toml", "demo", {}));
  const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
  const RunResult result = run_experiment(prepared, directory, 2, std::atomic<bool>(false), {});
  const auto found = [&](const std::string& quantity) {
    for (const Finding& one : findings_from(result.results)) {
      if (one.quantity == quantity) return one.estimate;
    }
    ADD_FAILURE() << quantity;
    return Estimate{};
  };
  const Estimate psi = found("relation.psi");
  // Variances of 4,000 looks with at most 100 steps of memory: 4% each; a range of 40 in k.
  EXPECT_NEAR(psi.value, -2, 0.15 + 3 * psi.standard_error);
  EXPECT_GT(found("relation.rank_correlation").value, 0.9);
  EXPECT_LT(found("modes.drift_persistence").value, 1.2);
  // Not a copy of the stream.
  EXPECT_EQ(result.results.group("probe/probe-m0-b0-r0").find("trajectory"), nullptr);
}

constexpr std::string_view kNetwork = R"(title = "Recorded layer"
seed = 2
[data.digits]
source = "digits"
classes = [0, 1, 2]
train = 60
[objective]
kind = "mlp"
hidden = [7, 5]
biases = false
[[phase]]
name = "window"
rule = "sgd"
learning_rate = 0.1
batch = { size = 20 }
duration = { epochs = 10 }
record = [
  { probe = "theta", every = 1 },
  { probe = "trajectory", every = 1, parameters = "layer2.weight" },
]
)";

TEST(Trajectory, IsTheRecordedThetaOfTheLayer) {
  for (const char* precision : {"float32", "float64"}) {
    TemporaryFolder folder;
    const Prepared prepared = prepare(parse_recipe(
        kNetwork, "layer.toml", "demo", {std::string("objective.precision=") + precision}));
    const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
    (void)run_experiment(prepared, directory, 1, std::atomic<bool>(false), {});
    const Workshop workshop{&prepared.recipe, 1, &prepared.plan, directory, &prepared.grounds};
    const RunView view(workshop);
    const Recorded theta = view.recorded(0, "theta");
    const Trajectory trajectory(view, 0);
    ASSERT_EQ(trajectory.rows(), 30);
    EXPECT_EQ(trajectory.subset().count(), 35);  // odd: half a number is left over
    EXPECT_EQ(trajectory.steps_per_epoch(), 3);
    const auto first = static_cast<std::size_t>(trajectory.subset().parts().front().first);
    const analysis::RowMatrix block = collected(trajectory.rows(5, 25));
    for (std::size_t t = 5; t < 25; ++t) {
      for (std::size_t i = 0; i < 35; ++i) {
        const double expected = theta.values[t * theta.width + first + i];
        EXPECT_EQ(block(static_cast<Eigen::Index>(t) - 5, static_cast<Eigen::Index>(i)), expected);
      }
    }
    EXPECT_EQ(trajectory.row(7)[34], block(2, 34));
    EXPECT_THROW((void)trajectory.rows(5, 31), Error);
  }
  EXPECT_THROW(
      (void)prepare(parse_recipe(
          recipes::changed(kNetwork, "layer2.weight", "layer9.weight"), "l.toml", "demo", {})),
      Error);
}

TEST(Trajectory, OfLayersThatAreNotNeighbours) {
  TemporaryFolder folder;
  const Prepared prepared =
      prepare(parse_recipe(recipes::changed(kNetwork, "layer2.weight", "layer?.weight,!layer2.*"),
                           "layers.toml",
                           "demo",
                           {}));
  const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
  (void)run_experiment(prepared, directory, 1, std::atomic<bool>(false), {});
  const Workshop workshop{&prepared.recipe, 1, &prepared.plan, directory, &prepared.grounds};
  const RunView view(workshop);
  const Recorded theta = view.recorded(0, "theta");
  const Trajectory trajectory(view, 0);
  const std::vector<ParameterRange>& parts = trajectory.subset().parts();
  ASSERT_EQ(parts.size(), 2U);
  ASSERT_EQ(trajectory.subset().count(), static_cast<std::int64_t>(theta.width) - 35);
  for (const std::int64_t t : {0, 17, 29}) {
    const std::vector<double> row = trajectory.row(t);
    std::vector<double> back(theta.width, 0.0);
    trajectory.subset().put<double>(row, back);
    for (std::size_t i = 0; i < theta.width; ++i) {
      const auto at = static_cast<std::int64_t>(i);
      const bool hidden = at >= parts[0].count && at < parts[1].first;
      EXPECT_EQ(back[i],
                hidden ? 0.0 : theta.values[static_cast<std::size_t>(t) * theta.width + i]);
    }
  }
  // A part of what was recorded.
  const Trajectory last(view, 0, "layer3.weight");
  ASSERT_EQ(last.subset().count(), parts[1].count);
  for (std::size_t i = 0; i < static_cast<std::size_t>(parts[1].count); ++i) {
    const auto at = static_cast<std::size_t>(parts[1].first) + i;
    EXPECT_EQ(last.row(11)[i], theta.values[11 * theta.width + at]);
  }
  EXPECT_THROW((void)Trajectory(view, 0, "layer2.weight"), Error);
  EXPECT_THROW((void)Trajectory(view, 0, "all"), Error);
}

TEST(Trajectory, WhatAMeasureCannotReadIsRefusedBeforeAnythingRuns) {
  const auto refused = [](std::string_view from, std::string_view to, std::string_view parameters) {
    const std::string measured = recipes::changed(kNetwork, from, to) +
                                 "[[measure]]\nname = \"pca\"\nanalysis = \"trajectory-pca\"\n"
                                 "phase = \"window\"\nparameters = \"" +
                                 std::string(parameters) + "\"\n";
    return recipes::complaint_of(
        [&] { (void)prepare(parse_recipe(measured, "pca.toml", "demo", {})); });
  };
  using testing::AllOf, testing::HasSubstr;
  const std::string_view same = "layer2.weight";
  EXPECT_THAT(refused(same, same, "layer9.weight"),
              HasSubstr("[[measure]] 1 `pca`, parameters = layer9.weight"));
  EXPECT_THAT(refused(same, same, "layer?.weight"),
              AllOf(HasSubstr("[[measure]] 1 `pca`, parameters = layer?.weight"),
                    HasSubstr("among what phase `window` records")));
  EXPECT_THAT(refused("trajectory\", every = 1", "trajectory\", count = 9", same),
              HasSubstr("with `every`"));
}

TEST(VarianceFlatness, TheMeanNeedsTheRecordedTheta) {
  const std::string measured =
      std::string(kNetwork) +
      "[[measure]]\nname = \"relation\"\nanalysis = \"variance-flatness\"\n"
      "phase = \"window\"\ncentre = \"mean\"\n";
  const auto prepared = [](const std::string& text) {
    return prepare(parse_recipe(text, "mean.toml", "demo", {}));
  };
  EXPECT_NO_THROW((void)prepared(measured));
  const std::string without = recipes::changed(
      measured, "{ probe = \"theta\", every = 1 },", "{ probe = \"loss\", every = 1 },");
  EXPECT_THAT(recipes::complaint_of([&] { (void)prepared(without); }),
              testing::HasSubstr("[[measure]] 1 `relation` = theta: is not recorded by phase"));
}

TEST(VarianceFlatness, ThreadsChangeNoBit) {
  const std::string measured =
      std::string(kNetwork) +
      "[[measure]]\nname = \"relation\"\nanalysis = \"variance-flatness\"\n"
      "phase = \"window\"\nmodes = 12\nprofiles = 6\nfit = [1, 12]\n"
      "fit_edges = [1, 12]\nwindows = [0.5, 1.0]\n";
  const Prepared prepared = prepare(parse_recipe(measured, "threads.toml", "demo", {}));
  const auto findings = [&](int threads) {
    TemporaryFolder folder;
    const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
    return findings_from(
        run_experiment(prepared, directory, threads, std::atomic<bool>(false), {}).results);
  };
  const std::vector<Finding> one = findings(1), three = findings(3);
  ASSERT_EQ(one.size(), three.size());
  int compared = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].quantity, three[i].quantity);
    EXPECT_EQ(one[i].estimate.status, three[i].estimate.status) << one[i].quantity;
    if (!one[i].estimate.ok()) continue;
    EXPECT_EQ(one[i].estimate.value, three[i].estimate.value) << one[i].quantity;
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

}  // namespace
}  // namespace thermoscape
