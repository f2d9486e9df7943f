#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "experiments/recipes.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/store/checkpoint.hpp"

/// A network of LibTorch with batch norms, trained by a recipe, whole and in pieces.
namespace thermoscape {
namespace {

template <class Real>
State<Real> state_of(const store::RunDirectory& directory) {
  return store::read_checkpoint<Real>(directory.checkpoint("train-m0-b0-r0")).state;
}

constexpr const char* kNetwork = R"(title = "A network"
[data.digits]
source = "digits"
train = 60
classes = [0, 1, 2]
[objective]
kind = "small-cnn"
width = 0.2
batch_norm = true
[[phase]]
name = "train"
rule = "adam"
learning_rate = 3e-3
batch.size = 4
duration = { steps = 1300 }
record = [{ probe = "loss", every = 100 }]
)";

/// Trains to the end, stopping at every look at the signals to be resumed by new objects, or at
/// once.
State<float> trained(const std::filesystem::path& folder, bool stopping, int threads) {
  std::optional<store::RunDirectory> directory;
  for (int begun = 0; begun < 200; ++begun) {
    std::atomic<bool> interrupted{false};
    const Prepared prepared = prepare(parse_recipe(kNetwork, "network", "demo", {}));
    if (!directory) directory = begin_run(prepared, folder);
    Progress progress;
    double resumed_at = -1;  // the first call says what earlier pieces have done
    progress.advance = [&](double done, double, const std::string&) {
      if (resumed_at < 0) resumed_at = done;
      if (stopping && done > resumed_at) interrupted = true;
    };
    const RunResult result =
        run_experiment(prepared, *directory, threads, interrupted, progress, 1e9);
    if (result.finished) {
      EXPECT_EQ(begun > 0, stopping);
      EXPECT_TRUE(result.healthy);
      return state_of<float>(*directory);
    }
  }
  ADD_FAILURE() << "did not end";
  return {};
}

TEST(NetworkTraining, interrupted_and_resumed_ends_with_the_same_bits) {
  const recipes::TemporaryFolder folder;
  const State<float> whole = trained(folder.path() / "whole", false, 2);
  const State<float> pieces = trained(folder.path() / "pieces", true, 1);
  EXPECT_EQ(whole.theta, pieces.theta);
  EXPECT_EQ(whole.buffers, pieces.buffers);
  EXPECT_FALSE(whole.buffers.empty());
  EXPECT_EQ(whole.slots, pieces.slots);
  // It has learnt: an untrained network on three classes has a loss of about ln 3 = 1.1.
  const Prepared prepared = prepare(parse_recipe(kNetwork, "network", "demo", {}));
  const auto& prototype =
      std::get<std::shared_ptr<const Objective<float>>>(prepared.grounds.front().objective);
  const auto objective = prototype->clone();
  objective->use_buffers(whole.buffers);
  EXPECT_LT(objective->loss(whole.theta, {}), 0.2);
}

// In evaluate mode the statistics stay, and the step is that of the loss that measurements see.
TEST(NetworkTraining, evaluate_mode_leaves_the_running_statistics) {
  const recipes::TemporaryFolder folder;
  const Prepared prepared = prepare(parse_recipe(
      kNetwork, "network", "demo", {"phase.train.mode=evaluate", "phase.train.duration.steps=5"}));
  const auto directory = begin_run(prepared, folder.path() / "run");
  const std::atomic<bool> never{false};
  ASSERT_TRUE(run_experiment(prepared, directory, 1, never, {}).finished);
  const auto& prototype =
      std::get<std::shared_ptr<const Objective<float>>>(prepared.grounds.front().objective);
  EXPECT_EQ(state_of<float>(directory).buffers, prototype->buffers());
}

// Timing a step for --plan needs the statistics that a step of training leaves behind.
TEST(NetworkTraining, a_plan_times_steps_with_running_statistics) {
  const Prepared prepared = prepare(parse_recipe(kNetwork, "network", "demo", {}));
  const Table plan = describe_plan(prepared, 2);
  ASSERT_EQ(plan.rows.size(), 2u);  // the phase and the sum
  EXPECT_EQ(plan.rows[0][0], "train");
  EXPECT_GT(std::strtod(plan.rows[0].back().c_str(), nullptr), 0);
}

}  // namespace
}  // namespace thermoscape
