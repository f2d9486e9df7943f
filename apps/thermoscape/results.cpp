#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "terminal.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/report/csv.hpp"
#include "thermoscape/report/report.hpp"
#include "thermoscape/report/svg.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

struct ResultArguments {
  std::string run;
  std::string file;
  std::string figure;
  bool json = false;
  bool csv = false;
  bool svg = false;
};

Dataset results_of(const store::RunDirectory& directory) {
  if (!std::filesystem::exists(directory.results())) {
    reject({directory.path().string(),
            directory.read_manifest().value("status", "unknown"),
            "has no results yet",
            "`thermoscape run --resume` ends it"});
  }
  return store::read_dataset(directory.results());
}

Json as_json(const std::string& run_name, const std::string& status, const Dataset& results) {
  Json findings = Json::array();
  for (const Finding& one : findings_from(results)) findings.push_back(to_json(one));
  Json claims = Json::array();
  for (const Claim& one : claims_from(results)) claims.push_back(to_json(one));
  return {{"name", run_name}, {"status", status}, {"findings", findings}, {"claims", claims}};
}

void print_findings(const Dataset& results) {
  Table table{"findings", "Findings", "", {"quantity", "where", "value", "unit", "status"}, {}};
  for (const Finding& one : findings_from(results)) {
    std::string where;
    for (const auto& [key, value] : one.where)
      where += fmt::format("{}{}={:.4g}", where.empty() ? "" : " ", key, value);
    table.rows.push_back({one.quantity,
                          where,
                          with_error(one.estimate.value, one.estimate.standard_error),
                          one.unit,
                          std::string(name(one.estimate.status))});
  }
  fmt::print("{}\n", as_text(table));
  if (const auto claims = claims_from(results); !claims.empty())
    fmt::print("{}", as_text(claims_table(claims)));
}

void show(const ResultArguments& given) {
  const auto directory = store::RunDirectory::open(given.run);
  const Json manifest = directory.read_manifest();
  const Dataset results = results_of(directory);
  const std::string title = manifest.value("name", directory.path().filename().string());
  const std::string status = manifest.value("status", "unknown");
  if (given.json) {
    fmt::print("{}\n", as_json(title, status, results).dump(2));
    return;
  }
  fmt::print("{}  ({}, {} scale, seed {})\n\n",
             manifest.value("title", title),
             status,
             manifest.value("scale", "?"),
             manifest.value("seed", 0));
  for (const Table& table : tables_of(results)) fmt::print("{}\n", as_text(table));
  fmt::print("{}", notes_of(results));
  print_findings(results);
}

void measure(const ResultArguments& given) {
  const auto directory = store::RunDirectory::open(given.run);
  const Recipe recipe = recipe_with_measures(directory, given.file);
  const Prepared prepared = prepare(recipe);
  const Dataset results = measure_again(prepared, directory, recipe, 1);
  if (given.json) {
    fmt::print("{}\n", as_json(recipe.stem, "done", results).dump(2));
    return;
  }
  for (const Table& table : tables_of(results)) fmt::print("{}\n", as_text(table));
  fmt::print("{}", notes_of(results));
  print_findings(results);
}

void export_figure(const ResultArguments& given) {
  const auto directory = store::RunDirectory::open(given.run);
  const Dataset results = results_of(directory);
  const Figure figure = report::find_figure(results, given.figure);
  fmt::print("{}", given.csv ? export_figure_csv(figure) : export_figure_svg(figure));
}

}  // namespace

void add_result_verbs(CLI::App& program, int& exit_code) {
  static ResultArguments given;
  const auto folder = [](CLI::App* verb) {
    verb->add_option("run", given.run, "folder of a run")->required();
  };

  CLI::App* show_verb =
      program.add_subcommand("show", "print the tables, findings and claims of a run");
  folder(show_verb);
  show_verb->add_flag("--json", given.json, "print one JSON object");
  show_verb->callback([&exit_code] {
    show(given);
    exit_code = 0;
  });

  CLI::App* measure_verb =
      program.add_subcommand("measure", "analyse a finished run again without simulating");
  folder(measure_verb);
  measure_verb->add_option("file", given.file, "TOML file with [[measure]] and [[expect]]")
      ->required();
  measure_verb->add_flag("--json", given.json, "print one JSON object");
  measure_verb->callback([&exit_code] {
    measure(given);
    exit_code = 0;
  });

  CLI::App* report_verb =
      program.add_subcommand("report", "write report.html again from the stored results");
  folder(report_verb);
  report_verb->callback([&exit_code] {
    const auto directory = store::RunDirectory::open(given.run);
    report::write_report(directory);
    fmt::print("{}\n", directory.report().string());
    exit_code = 0;
  });

  CLI::App* export_verb =
      program.add_subcommand("export", "print one figure of a run as data or as a picture");
  folder(export_verb);
  export_verb->add_option("figure", given.figure, "id of the figure")->required();
  CLI::Option* csv = export_verb->add_flag("--csv", given.csv, "comma-separated values");
  CLI::Option* svg = export_verb->add_flag("--svg", given.svg, "SVG picture");
  csv->excludes(svg);
  export_verb->callback([&exit_code] {
    if (given.csv == given.svg) reject({"export", "", "needs --csv or --svg", ""});
    export_figure(given);
    exit_code = 0;
  });
}

}  // namespace thermoscape::app
