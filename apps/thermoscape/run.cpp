#include <atomic>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "options.hpp"
#include "recipes.hpp"
#include "terminal.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/report/report.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

constexpr int kBadStatus = 1;
constexpr int kInterrupted = 130;

std::atomic<bool> interrupted{false};

struct RunArguments {
  std::string recipe;
  std::string out;
  std::string resume;
  std::string scale = "demo";
  std::vector<std::string> overrides;
  int threads = 0;
  double checkpoint_every = 5;
  bool plan = false;
};

int used_threads(int given) {
  if (given > 0) return given;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void print_results(const Dataset& results, const store::RunDirectory& directory) {
  for (const Table& table : tables_of(results)) fmt::print("{}\n", as_text(table));
  fmt::print("{}", notes_of(results));
  const std::vector<Claim> claims = claims_from(results);
  if (!claims.empty()) fmt::print("{}\n", as_text(claims_table(claims)));
  fmt::print(
      "report   {}\nresults  {}\n", directory.report().string(), directory.results().string());
}

/// Runs or resumes, writes the report, prints the tables.
int carry_out(const Prepared& prepared,
              const store::RunDirectory& directory,
              int threads,
              double checkpoint_every) {
  for (const std::string& note : prepared.notes) fmt::print(stderr, "note: {}\n", note);
  RunResult result;
  {
    ProgressBar bar;
    const Progress progress{[&bar](double done, double total, const std::string& what) {
                              bar.advance(done, total, what);
                            },
                            [&bar](const std::string& sentence) { bar.say(sentence); }};
    result = run_experiment(prepared, directory, threads, interrupted, progress, checkpoint_every);
  }
  if (!result.finished) {
    fmt::print(stderr,
               "interrupted; go on with: thermoscape run --resume {}\n",
               directory.path().string());
    return kInterrupted;
  }
  if (!std::filesystem::exists(directory.report())) report::write_report(directory);
  print_results(result.results, directory);
  for (const std::string& problem : result.problems) fmt::print(stderr, "problem: {}\n", problem);
  return result.healthy ? 0 : kBadStatus;
}

/// How long it will take, before it begins; a smoke run is over before that would be read.
void print_estimate(const Prepared& prepared, int threads) {
  if (prepared.recipe.scale == "smoke") return;
  const RecipeHead& head = prepared.recipe.head;
  const std::string& whole = prepared.recipe.scale == "demo" ? head.demo_time : head.paper_time;
  fmt::print(stderr, "{}", as_text(describe_plan(prepared, threads)));
  if (!whole.empty()) fmt::print(stderr, "with its measures, on two idle cores: {}\n", whole);
}

int run_verb(const RunArguments& given) {
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  const int threads = used_threads(given.threads);
  if (!given.resume.empty()) {
    const auto directory = store::RunDirectory::open(given.resume);
    return carry_out(prepare(recipe_of(directory)), directory, threads, given.checkpoint_every);
  }
  const Prepared prepared =
      prepare(load_recipe(find_recipe(given.recipe), given.scale, given.overrides));
  if (given.plan) {
    fmt::print("{}", as_text(describe_plan(prepared, threads)));
    return 0;
  }
  const auto directory = begin_run(prepared, given.out);
  fmt::print(stderr,
             "{} at {} scale, {} threads, in {}\n",
             prepared.recipe.head.title,
             prepared.recipe.scale,
             threads,
             directory.path().string());
  print_estimate(prepared, threads);
  return carry_out(prepared, directory, threads, given.checkpoint_every);
}

}  // namespace

void add_run_verbs(CLI::App& program, int& exit_code) {
  static RunArguments given;
  CLI::App* verb = program.add_subcommand("run", "run a recipe, or go on with an interrupted run");
  CLI::Option* recipe = verb->add_option(
      "recipe", given.recipe, "a TOML file, or TOPIC/NAME of `thermoscape recipes`");
  CLI::Option* resume =
      verb->add_option("--resume", given.resume, "go on with the run in this folder");
  verb->add_option(
      "--out", given.out, "folder of the run; default the first free runs/RECIPE-SCALE-NNN");
  verb->add_option(
          "--set", given.overrides, "override: path=value, e.g. phase.probe.time_step=5e-3")
      ->allow_extra_args(false);
  verb->add_option("--scale", given.scale, "smoke, demo or paper");
  add_number(
      *verb, "--threads", given.threads, "tasks at a time; default all cores", Range{1, 4096});
  add_number(*verb,
             "--checkpoint-every",
             given.checkpoint_every,
             "seconds between the checkpoints of a task",
             kNonNegative);
  verb->add_flag("--plan", given.plan, "print tasks, steps, bytes and time, and run nothing");
  recipe->excludes(resume);
  verb->callback([&exit_code] {
    if (given.recipe.empty() == given.resume.empty()) {
      reject({"run",
              "",
              "needs a recipe or --resume DIR",
              "thermoscape run recipes/thermal-probe/digits.toml"});
    }
    exit_code = run_verb(given);
  });
}

}  // namespace thermoscape::app
