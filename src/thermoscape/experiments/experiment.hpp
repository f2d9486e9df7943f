#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/measure.hpp"
#include "thermoscape/experiments/recipe.hpp"
#include "thermoscape/experiments/task.hpp"

namespace thermoscape {

/// What the outside hears while a run works. Called from several threads, one at a time.
struct Progress {
  /// Steps done of all steps, and the phase that runs (one that stops early counts as done); points
  /// done of all points, and the measure that is taken.
  std::function<void(double done, double total, const std::string& what)> advance;
  std::function<void(const std::string& sentence)> say;
};

/// A recipe made ready: data loaded, objective built, every branch of every phase read, every
/// measure's options checked. Making one is the whole validation; nothing has run and nothing is on
/// disk yet.
struct Prepared {
  Recipe recipe;
  Plan plan;
  std::vector<Ground> grounds;     ///< one, or one a variant
  std::vector<std::string> notes;  ///< where the data came from, what stands in for what
  std::string digest;              ///< of the training data of all grounds; empty without
};
/// Throws Error in one line if anything in the recipe is wrong.
[[nodiscard]] Prepared prepare(Recipe recipe);

/// Tasks, steps, bytes and seconds of a prepared recipe, a row a phase. Seconds come from timing a
/// few steps here.
[[nodiscard]] Table describe_plan(const Prepared& prepared, int threads);

/// What a run came to.
struct RunResult {
  bool finished = false;  ///< false: interrupted, resumable
  bool healthy = true;    ///< false: a task ended in a status that its phase does not allow
  Dataset results;        ///< what results.nc holds
  std::vector<std::string> problems;  ///< a line a task that is not healthy
};

/// Makes the folder of a run (`out`, or the first free runs/RECIPE-SCALE-NNN if empty) with its
/// recipe and manifest. Throws Error if `out` exists and is not empty.
[[nodiscard]] store::RunDirectory begin_run(const Prepared& prepared,
                                            const std::filesystem::path& out);

/// Runs (or goes on with) all tasks of `prepared` in `directory`, takes the measures, judges the
/// expectations and writes results.nc and manifest.json. Calling it again on a finished run changes
/// nothing.
RunResult run_experiment(const Prepared& prepared,
                         const store::RunDirectory& directory,
                         int threads,
                         const std::atomic<bool>& interrupted,
                         const Progress& progress,
                         double seconds_between_checkpoints = 5);

/// The recipe of a run on disk, as it was resolved when the run began.
[[nodiscard]] Recipe recipe_of(const store::RunDirectory& directory);

/// Takes the measures of `table` ([[measure]] and [[expect]] entries) on a finished run without
/// simulating, and returns their results alone.
[[nodiscard]] Dataset measure_again(const Prepared& prepared,
                                    const store::RunDirectory& directory,
                                    const Recipe& with_measures,
                                    int threads);

/// The recipe at `directory` with the [[measure]] and [[expect]] tables of a file in place of its
/// own.
[[nodiscard]] Recipe recipe_with_measures(const store::RunDirectory& directory,
                                          const std::filesystem::path& file);

}  // namespace thermoscape
