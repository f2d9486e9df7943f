
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "figure_file.hpp"
#include "model.hpp"
#include "model_folder.hpp"
#include "terminal.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/landscape/curvature_cost.hpp"
#include "thermoscape/landscape/logit_geometry.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

struct ClusteringArguments {
  ModelArguments model;
  std::string svg;
  std::string out;
  bool json = false;
};

/// A number of the geometry: its key in JSON, its symbol, what it is, its unit.
struct Number {
  const char* key;
  const char* symbol;
  const char* meaning;
  const char* unit;
  Estimate LogitGeometry::*of;
};

constexpr Number kNumbers[] = {
    {"same_logit_same_class",
     "q_SLSC",
     "mean cosine of gradients of one logit k over pairs of class k",
     "1",
     &LogitGeometry::same_logit_same_class},
    {"same_logit",
     "q_SL",
     "mean cosine of gradients of one logit over all pairs",
     "1",
     &LogitGeometry::same_logit},
    {"different_logits",
     "q_DL",
     "mean cosine of gradients of two logits over all pairs",
     "1",
     &LogitGeometry::different_logits},
    {"signal_to_noise", "SNR", "q_SL/(1 - q_SL)", "1", &LogitGeometry::signal_to_noise},
    {"gradient_length_squared",
     "⟨|J|²⟩",
     "mean square length of a logit gradient",
     "1/θ²",
     &LogitGeometry::gradient_length_squared},
    {"logit_variance",
     "σ_z²",
     "variance across the logits of an example, averaged",
     "1",
     &LogitGeometry::logit_variance},
    {"probability_entropy",
     "S_p",
     "mean entropy of the class probabilities",
     "bit",
     &LogitGeometry::probability_entropy}};

Figure bars_of(const LogitGeometry& geometry) {
  Series bars{"mean cosine", {}, {}, {}, "points", "q"};
  for (std::size_t i = 0; i < 3; ++i) {
    const Estimate& q = geometry.*kNumbers[i].of;
    if (q.status == Status::undefined) continue;
    bars.x.push_back(static_cast<double>(i + 1));
    bars.y.push_back(q.value);
    bars.y_error.push_back(q.standard_error);
  }
  return {"cosines",
          "Clustering of logit gradients",
          "Over all pairs of examples, errors by the jackknife over examples.",
          {"1: q_SLSC, 2: q_SL, 3: q_DL", "linear"},
          {"mean cosine", "linear"},
          {std::move(bars)}};
}

Table table_of(const LogitGeometry& geometry) {
  Table table{
      "numbers",
      "Clustering of logit gradients",
      fmt::format("{} classes have examples, {} of them two or more; q_SLSC is the mean over "
                  "the latter.",
                  geometry.classes_present,
                  geometry.classes_with_pairs),
      {"", "value", "status", "unit", "what"},
      {}};
  for (const Number& one : kNumbers) {
    const Estimate& estimate = geometry.*one.of;
    table.rows.push_back({one.symbol,
                          with_error(estimate.value, estimate.standard_error),
                          std::string(name(estimate.status)),
                          one.unit,
                          one.meaning});
  }
  table.rows.push_back({"λ_1(P)",
                        fmt::format("{:.4g}", geometry.top_logit_curvature()),
                        "ok",
                        "1",
                        "largest eigenvalue of the mean curvature in the logits"});
  table.rows.push_back({"⟨|c_k|²⟩",
                        fmt::format("{:.4g}", geometry.shared_length_squared()),
                        "ok",
                        "1/θ²",
                        "square length of the mean gradient of logit k over class k"});
  table.rows.push_back({"λ_1(cPcᵀ)",
                        fmt::format("{:.4g}", geometry.top_shared_curvature()),
                        "ok",
                        "loss/θ²",
                        "what the two make of the top of the Hessian"});
  return table;
}

Json as_json(const LogitGeometry& geometry, const LoadedModel& model) {
  Json object{{"model", model.record},
              {"examples", geometry.examples},
              {"classes", model.objective->outputs()},
              {"classes_present", geometry.classes_present},
              {"classes_with_pairs", geometry.classes_with_pairs},
              {"parameters", model.objective->parameters()}};
  for (const Number& one : kNumbers) object[one.key] = to_json(geometry.*one.of);
  object["top_logit_curvature"] = json_number(geometry.top_logit_curvature());
  object["shared_length_squared"] = json_number(geometry.shared_length_squared());
  object["top_shared_curvature"] = json_number(geometry.top_shared_curvature());
  return object;
}

ModelResults results_of(const LogitGeometry& geometry) {
  ModelResults out;
  out.description =
      "Gradients of the logits of single examples, at the parameters as they are stored.";
  out.figures = {bars_of(geometry)};
  out.tables = {table_of(geometry)};
  for (const Number& one : kNumbers)
    out.findings.push_back({one.key, {}, geometry.*one.of, one.unit});
  return out;
}

/// The sums over pairs are some vectors of P numbers a class.
void require_memory(const Objective<double>& objective) {
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  const double needed = 8.0 * (5.0 * static_cast<double>(objective.outputs()) + 2) *
                        static_cast<double>(objective.parameters());
  const double free = memory_for(CurvatureOptions{});
  if (needed <= free) return;
  reject({"clustering",
          fmt::format("{:.3g} GiB", needed / kGiB),
          fmt::format("{} classes of {} parameters must fit the {:.3g} GiB there are",
                      objective.outputs(),
                      objective.parameters(),
                      free / kGiB),
          "--params 'LAYER.*' takes a layer"});
}

void clustering(const ClusteringArguments& given) {
  const LoadedModel model = load_model(given.model);
  print_model(model, given.json);
  check_logit_geometry(*model.objective, model.data->labels);
  require_memory(*model.objective);
  const FolderArguments folder{"clustering",
                               "Clustering of logit gradients",
                               given.model.script.file,
                               given.out,
                               given.model.seed,
                               given.json};
  const auto directory = begin_folder(folder, model, Json::object());
  const LogitGeometry geometry = logit_geometry(*model.objective, model.theta, model.data->labels);
  write_svg(bars_of(geometry), given.svg);
  if (given.json) {
    fmt::print("{}\n", as_json(geometry, model).dump(2));
  } else {
    fmt::print("{}", as_text(table_of(geometry)));
  }
  finish_folder(directory, folder, model, results_of(geometry));
}

}  // namespace

void add_clustering_verb(CLI::App& program, int& exit_code) {
  static ClusteringArguments given;
  CLI::App* verb = program.add_subcommand(
      "clustering", "do the gradients of one logit point the same way for all examples?");
  add_model_options(*verb, given.model);
  verb->add_option("--svg", given.svg, "write the figure to this file");
  verb->add_option("--out", given.out, kOutOption);
  verb->add_flag("--json", given.json, kJsonOption);
  verb->callback([&exit_code] {
    clustering(given);
    exit_code = 0;
  });
}

}  // namespace thermoscape::app
