#include "thermoscape/experiments/batched.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiments/recipes.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/store/checkpoint.hpp"

/// Phases whose tasks share their steps.
namespace thermoscape {
namespace {

using recipes::changed;
using testing::HasSubstr;

// Two minima, lengths that differ with the temperature, and more
// tasks than lanes.
constexpr std::string_view kBatched = R"(title = "Together"
seed = 5
minima = 2
[data.points]
source = "gaussian"
dimension = 3
class_count = 3
train = 20
[objective]
kind = "mlp"
hidden = [6, 5]
[[phase]]
name = "train"
rule = "adam"
learning_rate = 1e-2
duration = { steps = 300 }
record = [{ probe = "loss", every = 100 }]
[[phase]]
name = "probe"
from = "train"
rule = "overdamped"
batched = true
replicas = 7
time_step = 1e-2
temperature = [1e-4, 2e-4]
sweep = ["temperature"]
duration = { temperature_time = 2e-3 }
record = [
  { probe = "loss", every = 7 },
  { probe = "gradient_norm_squared", every = 50 },
  { probe = "margin", count = 9 },
]
)";

Prepared prepared_of(std::string_view text) {
  return prepare(parse_recipe(text, "together", "demo", {}));
}

/// The bytes of all stream files, by name.
std::map<std::string, std::string> streams_of(const store::RunDirectory& directory) {
  std::map<std::string, std::string> streams;
  for (const auto& file : std::filesystem::directory_iterator(directory.path() / "streams")) {
    std::ifstream in(file.path(), std::ios::binary);
    streams[file.path().filename().string()] =
        std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return streams;
}

/// Streams of a run that is stopped again and again, `stops` times, and resumed.
std::map<std::string, std::string> run_in_pieces(std::string_view text, int threads, int stops) {
  const recipes::TemporaryFolder folder;
  const Prepared prepared = prepared_of(text);
  const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
  for (int piece = 0;; ++piece) {
    std::atomic<bool> interrupted{false};
    Progress progress;
    int calls = 0;
    progress.advance = [&](double, double, const std::string&) {
      if (piece < stops && ++calls > 40 + 5 * piece) interrupted = true;
    };
    const RunResult result = run_experiment(prepared, directory, threads, interrupted, progress);
    if (!result.finished) continue;
    EXPECT_TRUE(result.healthy);
    EXPECT_EQ(piece, stops) << "was not stopped";
    return streams_of(directory);
  }
}

TEST(Batched, neither_threads_nor_stops_change_a_bit) {
  const auto whole = run_in_pieces(kBatched, 2, 0);
  EXPECT_EQ(whole.size(), 2u + 2 * 2 * 7 * 3);
  EXPECT_EQ(run_in_pieces(kBatched, 1, 3), whole);
}

TEST(Batched, the_record_is_that_of_single_tasks_to_rounding) {
  // Float32 and 100 steps: a difference of 1e-7 in a gradient has hardly grown.
  const std::string shorter =
      changed(kBatched, "duration = { temperature_time = 2e-3 }", "duration = { steps = 100 }");
  const auto losses = [](std::string_view text) {
    const recipes::TemporaryFolder folder;
    const Prepared prepared = prepared_of(text);
    const store::RunDirectory directory = begin_run(prepared, folder.path() / "run");
    (void)run_experiment(prepared, directory, 2, std::atomic<bool>(false), {});
    std::vector<double> all;
    for (const Task& task : prepared.plan.tasks) {
      if (task.phase != 1) continue;
      const auto state = store::read_checkpoint<float>(directory.checkpoint(task.id)).state;
      EXPECT_EQ(state.step, 100);
      for (const float x : state.theta) all.push_back(static_cast<double>(x));
    }
    return all;
  };
  const std::vector<double> together = losses(shorter);
  const std::vector<double> alone = losses(changed(shorter, "batched = true", "batched = false"));
  ASSERT_EQ(together.size(), alone.size());
  double difference = 0;
  for (std::size_t i = 0; i < alone.size(); ++i)
    difference = std::max(difference, std::abs(together[i] - alone[i]));
  EXPECT_LT(difference, 1e-4);
  EXPECT_GT(difference, 0) << "was not batched";
}

TEST(Batched, groups_hold_every_task_once_and_wait_for_all_their_parents) {
  const Prepared prepared = prepared_of(kBatched);
  const recipes::TemporaryFolder folder;
  for (const int threads : {1, 2, 100}) {
    const Workshop workshop{&prepared.recipe,
                            threads,
                            &prepared.plan,
                            begin_run(prepared, folder.path() / std::to_string(threads)),
                            &prepared.grounds};
    const std::vector<TaskGroup> groups = group_tasks(workshop);
    const std::vector<Job> jobs = jobs_of(prepared.plan, groups);
    const std::size_t lanes = lanes_of(prepared.grounds.front());
    const std::size_t full = (28 + lanes - 1) / lanes;
    EXPECT_EQ(groups.size(), 2 + std::min(full, static_cast<std::size_t>(threads)));
    std::multiset<std::size_t> seen;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      seen.insert(groups[g].tasks.begin(), groups[g].tasks.end());
      EXPECT_EQ(groups[g].together, g >= 2);
      std::set<std::size_t> parents(jobs[g].more_parents.begin(), jobs[g].more_parents.end());
      EXPECT_EQ(parents, g >= 2 ? std::set<std::size_t>({0, 1}) : std::set<std::size_t>());
      const auto steps = [&](std::size_t t) {
        return prepared.plan.branch(prepared.plan.tasks[t]).stop.steps;
      };
      EXPECT_TRUE(std::is_sorted(
          groups[g].tasks.begin(), groups[g].tasks.end(), [&](std::size_t a, std::size_t b) {
            return steps(a) > steps(b);
          }));
    }
    EXPECT_EQ(seen.size(), prepared.plan.tasks.size());
    EXPECT_EQ(std::set<std::size_t>(seen.begin(), seen.end()).size(), seen.size());
  }
}

TEST(Batched, what_cannot_share_its_steps_is_refused_in_one_line) {
  const auto complaint = [](std::string_view from, std::string_view to) {
    return recipes::complaint_of([&] { (void)prepared_of(changed(kBatched, from, to)); });
  };
  EXPECT_THAT(complaint("rule = \"overdamped\"\nbatched = true",
                        "rule = \"free-diffusion\"\nbatched = true"),
              AllOf(HasSubstr("`probe`, batched"), HasSubstr("overdamped")));
  EXPECT_THAT(complaint("replicas = 7", "batch.size = 4"), HasSubstr("all examples"));
  EXPECT_THAT(
      complaint("duration = { temperature_time = 2e-3 }", "stop = { steps = 100, loss = 1e-3 }"),
      HasSubstr("fixed length"));
  EXPECT_THAT(complaint("hidden = [6, 5]", "hidden = [6, 5]\nactivation = \"gelu\""),
              HasSubstr("relu, tanh or identity"));
  EXPECT_THAT(complaint("batched = true", "batched = 3"), HasSubstr("batched"));
}

}  // namespace
}  // namespace thermoscape
