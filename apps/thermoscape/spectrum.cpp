#include <atomic>
#include <csignal>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "model.hpp"
#include "terminal.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/local_geometry/curvature_report.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/landscape/curvature_cost.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "thermoscape/report/report.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "thermoscape/store/provenance.hpp"
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

/// The options as a TOML table, so that the folder says what was asked.
std::string as_recipe(const CurvatureOptions& options, const Json& record) {
  std::string text = "# thermoscape spectrum\n[model]\n";
  for (const auto& [key, value] : record.items()) {
    if (!value.is_null()) text += fmt::format("{} = {}\n", key, value.dump());
  }
  text += "[spectrum]\n";
  const Json object = to_json(options);
  for (const auto& [key, value] : object.items()) {
    text += fmt::format("{} = {}\n", key, value.dump());
  }
  return text;
}

/// The folder, with what was asked and a manifest that says it is running: made before the work, so
/// that a place that cannot be written is refused at once.
store::RunDirectory begin_folder(const SpectrumArguments& given, const LoadedModel& model) {
  const std::filesystem::path file(given.model.script.file);
  const std::filesystem::path whole = file.has_filename() ? file : file.parent_path();
  const auto directory = given.out.empty() ? store::RunDirectory::create_numbered(
                                                 "runs", "spectrum-" + whole.stem().string())
                                           : store::RunDirectory::create(given.out);
  store::atomic_write(directory.recipe(), as_recipe(given.curvature, model.record));
  Json manifest{{"name", directory.path().filename().string()},
                {"title", "Curvature of " + whole.filename().string()},
                {"seed", given.model.seed},
                {"status", "running"},
                {"model", model.record}};
  const Json provenance = store::provenance(1, 1);
  for (const auto& [key, value] : provenance.items()) manifest[key] = value;
  directory.write_manifest(manifest);
  return directory;
}

/// Results, manifest and report.
void finish_folder(const store::RunDirectory& directory,
                   const LoadedModel& model,
                   const Curvature& curvature) {
  Json manifest = directory.read_manifest();
  Dataset results;
  results.make_group("spectrum") = curvature_dataset(curvature);
  std::vector<std::string> figures;
  std::vector<std::string> tables;
  for (Figure& one : curvature_figures(curvature)) {
    one.id = "spectrum_" + one.id;
    figures.push_back(one.id);
    put_figure(results, one);
  }
  for (Table& one : curvature_tables(curvature)) {
    one.id = "spectrum_" + one.id;
    tables.push_back(one.id);
    put_table(results, one);
  }
  std::vector<Finding> findings = curvature_findings(curvature);
  for (Finding& one : findings) one.quantity = "spectrum." + one.quantity;
  put_findings(results, findings);
  std::vector<std::string> notes = model.notes;
  for (const auto& [key, value] : model.record.items()) {
    if (value.is_null()) continue;
    notes.push_back(key + ": " + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  results.attributes = {
      {"title", manifest.value("title", "")},
      {"description",
       fmt::format("Second derivatives of the mean loss over {} examples, at the parameters as "
                   "they are stored; loss {:.6g}, |∇L| = {:.3g}.",
                   curvature.examples,
                   curvature.loss,
                   curvature.gradient_norm)},
      {"notes", Json(notes).dump()},
      {"figure_order", Json(figures).dump()},
      {"table_order", Json(tables).dump()}};
  store::write_dataset(directory.results(), results);
  manifest["status"] = curvature.interrupted ? "interrupted" : "done";
  manifest["seconds"] = curvature.seconds;
  manifest["products"] = curvature.products;
  directory.write_manifest(manifest);
  report::write_report(directory);
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
  std::optional<store::RunDirectory> directory;
  if (!given.json || !given.out.empty()) directory = begin_folder(given, model);
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
  if (directory) {
    finish_folder(*directory, model, curvature);
    fmt::print(given.json ? stderr : stdout,
               "report   {}\nresults  {}\n",
               directory->report().string(),
               directory->results().string());
  }
  if (curvature.interrupted) return kInterrupted;
  return curvature.status() == Status::ok ? 0 : kNotConverged;
}

/// A flag or an option for each field of the table: both_ends is --both-ends.
void add_curvature_options(CLI::App& verb, CurvatureOptions& options) {
  for_each_field<CurvatureOptions>([&](const auto& one) {
    std::string flag = "--" + std::string(one.name);
    std::replace(flag.begin(), flag.end(), '_', '-');
    auto& member = options.*(one.member);
    const std::string meaning(one.meaning);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, bool>) {
      verb.add_flag(flag, member, meaning);
    } else {
      verb.add_option(flag, member, meaning)->capture_default_str();
    }
  });
}

}  // namespace

void add_spectrum_verb(CLI::App& program, int& exit_code) {
  static SpectrumArguments given;
  CLI::App* verb = program.add_subcommand(
      "spectrum", "eigenvalues, density and trace of the Hessian of a model, with their errors");
  add_model_options(*verb, given.model);
  add_curvature_options(*verb, given.curvature);
  verb->add_option("--phase", given.phase, "where the model is a run's folder: the phase");
  verb->add_option("--task", given.task, "and which task of it, from 0");
  verb->add_option(
      "--out", given.out, "folder of the results; default the first free runs/spectrum-MODEL-NNN");
  verb->add_flag("--json", given.json, "print one JSON object; writes a folder only with --out");
  verb->callback([&exit_code] { exit_code = spectrum(given); });
}

}  // namespace thermoscape::app
