#include <atomic>
#include <csignal>
#include <filesystem>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "model.hpp"
#include "model_folder.hpp"
#include "options.hpp"
#include "terminal.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/local_geometry/curvature_report.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/landscape/curvature_cost.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

constexpr int kNotConverged = 1;
constexpr int kInterrupted = 130;
constexpr double kGiB = 1024.0 * 1024 * 1024;
constexpr double kSingleRounding = 1.2e-7;

std::atomic<bool> interrupted{false};

struct SpectrumArguments {
  ModelArguments model;
  CurvatureOptions curvature;
  std::string phase;
  std::int64_t task = 0;
  std::string out;
  bool json = false;
};

/// A network that a run trained, at the end of one task of a phase.
LoadedModel load_from_run(const SpectrumArguments& given) {
  const auto directory = store::RunDirectory::open(given.model.script.file);
  const Prepared prepared = prepare(recipe_of(directory));
  const Workshop workshop{&prepared.recipe, 1, &prepared.plan, directory, &prepared.grounds};
  const RunView view(workshop);
  if (given.phase.empty())
    reject({"spectrum", "", "needs --phase NAME for a run", "--phase train"});
  const std::vector<std::size_t> tasks = view.tasks_of(given.phase);
  if (given.task < 0 || given.task >= static_cast<std::int64_t>(tasks.size())) {
    reject({"--task",
            std::to_string(given.task),
            fmt::format("must be in 0 ... {}", tasks.size() - 1),
            ""});
  }
  const std::size_t index = tasks[static_cast<std::size_t>(given.task)];
  if (!view.end(index).finished) {
    reject(
        {directory.path().string(), "", "is not finished", "`thermoscape run --resume` ends it"});
  }
  LoadedModel model;
  model.objective = view.objective(index);
  model.theta = view.last_theta(index);
  model.data = view.ground(index).train;
  model.loss = model.objective->loss(model.theta, {});
  model.record = {{"file", directory.path().string()},
                  {"phase", given.phase},
                  {"task", view.task(index).id},
                  {"data", model.data ? model.data->name : "none"},
                  {"data_digest", view.ground(index).digest},
                  {"loss_function", "of the recipe"},
                  {"batch_statistics", model.objective->buffers().empty() ? "none" : "running"},
                  {"precision", "float64"}};
  return model;
}

void print_run(const LoadedModel& model, bool json) {
  fmt::print(json ? stderr : stdout,
             "loss {:.6g} on {} examples of {}; {} parameters, task {}\n",
             model.loss,
             model.objective->examples(),
             model.record.at("data").get<std::string>(),
             model.objective->parameters(),
             model.record.at("task").get<std::string>());
}

/// What it will cost, before it starts.
void print_cost(const CurvaturePlan& plan, double each) {
  for (const CurvaturePlan::Part& one : plan.parts) {
    fmt::print(stderr,
               "{}: about {:.0f} products, {:.3g} GiB, {}\n",
               one.name,
               one.products,
               one.bytes / kGiB,
               as_duration(one.products * each));
  }
}

/// The study in the forms that files and reports read.
ModelResults results_of(const Curvature& curvature) {
  return {fmt::format("Second derivatives of the mean loss over {} examples, at the parameters as "
                      "they are stored; loss {:.6g}, |∇L| = {:.3g}.",
                      curvature.examples,
                      curvature.loss,
                      curvature.gradient_norm),
          curvature_dataset(curvature),
          curvature_figures(curvature),
          curvature_tables(curvature),
          curvature_findings(curvature),
          curvature.interrupted ? "interrupted" : "done",
          {{"seconds", curvature.seconds}, {"products", curvature.products}}};
}

int spectrum(SpectrumArguments given) {
  interrupted = false;
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  validate(given.curvature, "spectrum");
  const bool from_run = std::filesystem::is_directory(given.model.script.file);
  const LoadedModel model = from_run ? load_from_run(given) : load_model(given.model);
  if (from_run) {
    print_run(model, given.json);
  } else {
    print_model(model, given.json);
    if (given.model.precision == "float32") given.curvature.rounding = kSingleRounding;
  }
  Objective<double>& objective = *model.objective;
  const CurvaturePlan plan = plan_curvature(given.curvature,
                                            objective.parameters(),
                                            static_cast<std::int64_t>(layers_of(objective).size()),
                                            memory_for(given.curvature));
  print_cost(plan, seconds_per_product(objective, model.theta, given.curvature.block));
  const FolderArguments folder{
      "spectrum", "Curvature", given.model.script.file, given.out, given.model.seed, given.json};
  const auto directory = begin_folder(folder, model, to_json(given.curvature));
  Curvature curvature;
  {
    ProgressBar bar;
    curvature = measure_curvature(objective,
                                  model.theta,
                                  given.curvature,
                                  Noise(static_cast<std::uint64_t>(given.model.seed)),
                                  [&bar](const std::string& part, double products, double planned) {
                                    bar.advance(products, std::max(products, planned), part);
                                    return !interrupted;
                                  });
  }
  if (given.json) {
    Json object = curvature_json(curvature);
    object["model"] = model.record;
    fmt::print("{}\n", object.dump(2));
  } else {
    for (const Table& table : curvature_tables(curvature)) fmt::print("{}\n", as_text(table));
  }
  finish_folder(directory, folder, model, results_of(curvature));
  if (curvature.interrupted) return kInterrupted;
  return curvature.status() == Status::ok ? 0 : kNotConverged;
}

}  // namespace

void add_spectrum_verb(CLI::App& program, int& exit_code) {
  static SpectrumArguments given;
  CLI::App* verb = program.add_subcommand(
      "spectrum", "eigenvalues, density and trace of the Hessian of a model, with their errors");
  add_model_options(*verb, given.model);
  for_each_field<CurvatureOptions>(
      [&](const auto& one) { add_field(*verb, given.curvature, one); });
  verb->add_option("--phase", given.phase, "where the model is a run's folder: the phase");
  add_number(*verb, "--task", given.task, "and which task of it, from 0", kNonNegative);
  verb->add_option("--out", given.out, kOutOption);
  verb->add_flag("--json", given.json, kJsonOption);
  verb->callback([&exit_code] { exit_code = spectrum(given); });
}

}  // namespace thermoscape::app
