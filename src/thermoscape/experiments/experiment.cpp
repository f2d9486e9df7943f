#include "thermoscape/experiments/experiment.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <mutex>

#include "thermoscape/core/json.hpp"
#include "thermoscape/data/bytes.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/experiments/batched.hpp"
#include "thermoscape/experiments/places.hpp"
#include "thermoscape/experiments/queue.hpp"
#include "thermoscape/experiments/take_measures.hpp"
#include "thermoscape/experiments/validate.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "thermoscape/store/provenance.hpp"

namespace thermoscape {

namespace {

template <class Real>
std::shared_ptr<const Objective<Real>> build(const Recipe& recipe, const data::Labelled* train) {
  return std::shared_ptr<const Objective<Real>>(make_objective<Real>(recipe.objective, train));
}

/// Builds the objective of a recipe on a set, null for none.
Ground make_ground_on(const Recipe& recipe, std::shared_ptr<const data::Labelled> set) {
  Ground ground;
  ground.settings = recipe.objective;
  ground.train = std::move(set);
  if (ground.train) ground.digest = data::digest(*ground.train);
  if (recipe.precision == "float32") {
    ground.objective = build<float>(recipe, ground.train.get());
  } else {
    ground.objective = build<double>(recipe, ground.train.get());
  }
  if (auto* script = std::get_if<TorchScriptSettings>(&ground.settings)) {
    ground.digest += fmt::format(" {}:{:08x}",
                                 std::filesystem::path(script->file).filename().string(),
                                 data::checksum(data::read_raw(script->file)));
    script->self_test = false;  // once is enough
  }
  return ground;
}

std::int64_t parameters_of(const Ground& ground) {
  return std::visit([](const auto& objective) { return objective->parameters(); },
                    ground.objective);
}

/// Loads the data and builds the objectives of a recipe without looking at its variants.
Ground make_ground(const Recipe& recipe, Coordinates where) {
  const Noise noise(static_cast<std::uint64_t>(recipe.head.seed));
  std::vector<std::string> notes;
  std::map<std::string, std::shared_ptr<const data::Labelled>> loaded;  // by "NAME/split"
  const auto part = [&](const std::string& place) {
    const std::string set = place.substr(0, place.find('/'));
    if (!loaded.contains(set + "/train")) {
      data::Splits splits = data::load(recipe.data.at(set), noise.fork("data", 0));
      notes.insert(notes.end(), splits.notes.begin(), splits.notes.end());
      loaded[set + "/train"] = std::make_shared<const data::Labelled>(std::move(splits.train));
      loaded[set + "/test"] = std::make_shared<const data::Labelled>(std::move(splits.test));
    }
    return loaded.at(place);
  };
  Ground ground = make_ground_on(
      recipe, recipe.objective_data.empty() ? nullptr : part(recipe.objective_data + "/train"));
  ground.where = std::move(where);
  for (const std::string& place : places_of(recipe)) {
    Ground other = make_ground_on(recipe, part(place));
    if (const std::int64_t own = parameters_of(ground); parameters_of(other) != own) {
      reject({fmt::format("[data.{}]", place.substr(0, place.find('/'))),
              fmt::format("{} parameters", parameters_of(other)),
              fmt::format("must make the same network as the objective's own set, {}", own),
              "inputs and classes must be equally many"});
    }
    other.place = place;
    other.where = ground.where;
    ground.digest += " " + other.digest;
    ground.others.push_back(std::move(other));
  }
  ground.notes = std::move(notes);
  return ground;
}

std::vector<Ground> make_grounds(const Recipe& recipe) {
  std::vector<Ground> grounds;
  if (recipe.phases.empty()) return grounds;
  if (recipe.variants.empty()) grounds.push_back(make_ground(recipe, {}));
  for (const VariantAxis& axis : recipe.variants) {
    for (std::size_t v = 0; v < axis.values.size(); ++v) {
      grounds.push_back(
          make_ground(variant_of(recipe, axis, v), {{axis.name, axis.coordinates[v]}}));
    }
  }
  return grounds;
}

std::int64_t examples_of(const Ground& ground) {
  return std::visit([](const auto& objective) { return objective->examples(); }, ground.objective);
}

std::string clock_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// Adds a line with the time of day to the run's log. The log is for people: losing a line to a
/// full disk is no failure.
void log_line(const store::RunDirectory& directory, const std::string& sentence) {
  std::ofstream(directory.log(), std::ios::app) << clock_now() << "  " << sentence << '\n';
}

Workshop make_workshop(const Prepared& prepared,
                       const store::RunDirectory& directory,
                       int threads) {
  return {&prepared.recipe, threads, &prepared.plan, directory, &prepared.grounds};
}

Json text_list(const std::vector<std::string>& sentences) {
  return Json(sentences);
}

/// Runs the tasks; true if all ended.
bool run_tasks(const Workshop& workshop,
               const std::atomic<bool>& interrupted,
               const Progress& progress,
               double seconds_between_checkpoints) {
  const Plan& plan = *workshop.plan;
  std::mutex mutex;
  double done = 0;
  const auto total = static_cast<double>(plan.steps());
  std::vector<double> counted(plan.tasks.size());  // steps of each task that are in `done`
  const auto add = [&](std::size_t index, double steps) {
    const std::scoped_lock lock(mutex);
    counted[index] += steps;
    done += steps;
    if (progress.advance) progress.advance(done, total, plan.phases[plan.tasks[index].phase].name);
  };
  const auto signals_of = [&](std::size_t index) {
    add(index, static_cast<double>(task_end(workshop, plan.tasks[index]).steps));
    TaskSignals signals;
    signals.interrupted = &interrupted;
    signals.seconds_between_checkpoints = seconds_between_checkpoints;
    signals.progress = [&add, index](std::int64_t steps) {
      add(index, static_cast<double>(steps));
    };
    return signals;
  };
  const auto ended = [&](std::size_t index, const TaskEnd& end) {
    const auto planned = static_cast<double>(plan.branch(plan.tasks[index]).stop.steps);
    if (end.finished) add(index, planned - counted[index]);
  };
  const std::vector<TaskGroup> groups = group_tasks(workshop);
  return run_queue(jobs_of(plan, groups), workshop.threads, [&](std::size_t job) {
    const TaskGroup& group = groups[job];
    if (group.together) return run_tasks_together(workshop, group.tasks, signals_of, ended);
    const std::size_t index = group.tasks.front();
    const TaskEnd end = run_task(workshop, plan.tasks[index], signals_of(index));
    ended(index, end);
    return end.finished;
  });
}

std::vector<std::string> problems_of(const RunView& view) {
  std::vector<std::string> problems;
  for (std::size_t t = 0; t < view.plan().tasks.size(); ++t) {
    const TaskEnd end = view.end(t);
    const auto& allowed = view.branch(t).settings.allow;
    if (end.status == Status::ok ||
        std::find(allowed.begin(), allowed.end(), name(end.status)) != allowed.end())
      continue;
    problems.push_back(fmt::format("task {} ended {} after {} steps: {}",
                                   view.task(t).id,
                                   name(end.status),
                                   end.steps,
                                   explanation(end.status)));
  }
  return problems;
}

}  // namespace

Prepared prepare(Recipe recipe) {
  Prepared prepared;
  prepared.recipe = std::move(recipe);
  const Recipe& own = prepared.recipe;
  validate_measures(own);
  validate_expectations(own);
  prepared.grounds = make_grounds(own);
  std::vector<GroundFacts> facts;
  for (const Ground& ground : prepared.grounds) {
    facts.push_back({ground.where, examples_of(ground)});
    for (const Ground& other : ground.others)
      facts.back().examples_at[other.place] = examples_of(other);
    prepared.digest += (prepared.digest.empty() ? "" : " ") + ground.digest;
    for (const std::string& note : ground.notes) {
      if (std::find(prepared.notes.begin(), prepared.notes.end(), note) == prepared.notes.end())
        prepared.notes.push_back(note);
    }
  }
  prepared.plan = make_plan(own, facts);
  check_measures_against_plan(own, prepared.plan);
  validate_probes(prepared);
  validate_trajectories(prepared);
  for (const Measure& one : measures()) {
    if (one.validate != nullptr) one.validate(prepared);
  }
  return prepared;
}

store::RunDirectory begin_run(const Prepared& prepared, const std::filesystem::path& out) {
  const std::string stem = prepared.recipe.stem + "-" + prepared.recipe.scale;
  const auto directory = out.empty() ? store::RunDirectory::create_numbered("runs", stem)
                                     : store::RunDirectory::create(out);
  store::atomic_write(directory.recipe(), resolved_text(prepared.recipe));
  directory.write_manifest({{"name", prepared.recipe.stem},
                            {"title", prepared.recipe.head.title},
                            {"scale", prepared.recipe.scale},
                            {"seed", prepared.recipe.head.seed},
                            {"overrides", text_list(prepared.recipe.overrides)},
                            {"status", "prepared"},
                            {"started", clock_now()}});
  return directory;
}

RunResult run_experiment(const Prepared& prepared,
                         const store::RunDirectory& directory,
                         int threads,
                         const std::atomic<bool>& interrupted,
                         const Progress& progress,
                         double seconds_between_checkpoints) {
  RunResult result;
  const auto done = [](const Json& manifest) { return manifest.value("status", "") == "done"; };
  std::optional<store::RunLock> lock;  // taking it writes, and a finished run is left as it is
  if (!done(directory.read_manifest())) lock.emplace(directory.lock());
  Json manifest = directory.read_manifest();
  if (done(manifest)) {
    result.finished = true;
    result.results = store::read_dataset(directory.results());
    return result;
  }
  if (const std::string begun = manifest.value("data_digest", prepared.digest);
      begun != prepared.digest) {
    reject({directory.path().string(),
            "data digest " + prepared.digest,
            "the run began on other data, digest " + begun,
            "point THERMOSCAPE_DATA to the data it began on"});
  }
  manifest["status"] = "running";
  manifest["precision"] = prepared.recipe.precision;
  manifest["data_digest"] = prepared.digest;
  const Json provenance = store::provenance(threads, threads);
  for (const auto& [key, value] : provenance.items()) manifest[key] = value;
  directory.write_manifest(manifest);

  const Workshop workshop = make_workshop(prepared, directory, threads);
  const auto stopped = [&](const char* status) {
    manifest["status"] = status;
    directory.write_manifest(manifest);
    log_line(directory, status);
  };
  log_line(directory,
           fmt::format("running {} tasks on {} threads", prepared.plan.tasks.size(), threads));
  for (const std::string& note : prepared.notes) log_line(directory, note);
  try {
    result.finished = run_tasks(workshop, interrupted, progress, seconds_between_checkpoints);
    if (!result.finished) {
      stopped("interrupted");
      return result;
    }
    const RunView view(workshop);
    result.results = head_dataset(prepared);
    for (std::size_t p = 0; p < prepared.plan.phases.size(); ++p) {
      result.results.make_group(prepared.plan.phases[p].name) = phase_dataset(view, p);
    }
    take_measures(view, prepared.recipe, result.results, progress);
    result.problems = problems_of(view);
    result.healthy = result.problems.empty();
    store::write_dataset(directory.results(), result.results);
    for (const std::string& problem : result.problems) log_line(directory, problem);
    manifest["problems"] = text_list(result.problems);
    manifest["finished"] = clock_now();
    stopped("done");
  } catch (const std::exception& failure) {
    log_line(directory, failure.what());
    manifest["status"] = "failed";
    try {
      directory.write_manifest(manifest);
    } catch (const MachineError&) {
      // The disk that failed the run may refuse this too; the manifest then still says running, and
      // --resume goes on.
    }
    throw;
  }
  return result;
}

Recipe recipe_of(const store::RunDirectory& directory) {
  const Json manifest = directory.read_manifest();
  Recipe recipe = parse_recipe(store::read_bytes(directory.recipe()),
                               directory.recipe().string(),
                               manifest.value("scale", "demo"),
                               {});
  recipe.stem = manifest.value("name", recipe.stem);
  return recipe;
}

Recipe recipe_with_measures(const store::RunDirectory& directory,
                            const std::filesystem::path& file) {
  const Json manifest = directory.read_manifest();
  toml::table table;
  toml::table extra;
  try {
    table = toml::parse(store::read_bytes(directory.recipe()), directory.recipe().string());
    extra = toml::parse(store::read_bytes(file), file.string());
  } catch (const toml::parse_error& e) {
    reject({file.string() + ", line " + std::to_string(e.source().begin.line),
            "",
            std::string(e.description()),
            ""});
  }
  for (const auto& [key, unused] : extra) {
    if (key.str() != "measure" && key.str() != "expect") {
      reject(
          {file.string(), std::string(key.str()), "must hold only [[measure]] and [[expect]]", ""});
    }
  }
  for (const char* key : {"measure", "expect"}) {
    table.erase(key);
    if (const toml::node* node = extra.get(key))
      node->visit([&](const auto& one) { table.insert(key, one); });
  }
  Recipe recipe = parse_recipe(as_text(table), file.string(), manifest.value("scale", "demo"), {});
  recipe.stem = manifest.value("name", recipe.stem);
  return recipe;
}

Dataset measure_again(const Prepared& prepared,
                      const store::RunDirectory& directory,
                      const Recipe& with_measures,
                      int threads) {
  const Workshop workshop = make_workshop(prepared, directory, threads);
  const RunView view(workshop);
  for (std::size_t t = 0; t < prepared.plan.tasks.size(); ++t) {
    if (!view.end(t).finished) {
      reject(
          {directory.path().string(), "", "is not finished", "`thermoscape run --resume` ends it"});
    }
  }
  Dataset results = head_dataset(prepared);
  take_measures(view, with_measures, results, {});
  return results;
}

}  // namespace thermoscape
