#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "directions.hpp"
#include "figure_file.hpp"
#include "model.hpp"
#include "model_folder.hpp"
#include "options.hpp"
#include "terminal.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"
#include "thermoscape/landscape/profile.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

struct ProfileArguments {
  ModelArguments model;
  ProfileOptions options;
  DirectionArguments directions;
  std::string svg;
  std::string out;
  bool json = false;
};

/// Crossings are interpolated, for which the analysis gives no error.
constexpr std::string_view kWidthNote =
    "The measured width has no error estimate: each of its ends is interpolated between "
    "neighbouring points of the profile, and is off by less than their spacing.";

/// A profile and the direction it is along.
struct Named {
  std::string name;
  Profile profile;
};

/// σ² against F along the components of a run; the first, which drifts, stays out of the fit.
struct Relation {
  std::vector<MeasuredMode> modes;
  FlatnessLaw law;
};

std::vector<Named> profiles_along(const LoadedModel& model,
                                  const Directions& directions,
                                  ProfileOptions options) {
  LossLine<double> line(*model.objective, model.theta);
  std::vector<Named> all;
  ProgressBar bar;
  for (Eigen::Index i = 0; i < directions.columns.cols(); ++i) {
    const Vector column = directions.columns.col(i);
    const std::string& name = directions.names[static_cast<std::size_t>(i)];
    bar.advance(static_cast<double>(i), static_cast<double>(directions.columns.cols()), name);
    all.push_back({name,
                   loss_profile<double>(
                       line, {column.data(), static_cast<std::size_t>(column.size())}, options)});
    if (all.back().profile.status == Status::ok) options.guess = all.back().profile.delta.back();
  }
  return all;
}

Relation relation_of(const std::vector<Named>& all, const std::vector<double>& variances) {
  Relation relation;
  for (std::size_t i = 0; i < variances.size(); ++i)
    relation.modes.push_back({static_cast<std::int64_t>(i + 1), variances[i], 0, all[i].profile});
  relation.law = flatness_law(relation.modes, 2, std::ssize(variances));
  return relation;
}

Table table_of(const std::vector<Named>& all) {
  Table table{
      "widths",
      "Loss along directions",
      "Fit of ln L by a parabola over the profile, and the width F between the points where "
      "the loss is e times its value, measured and from the curvature. Errors are those of "
      "the fit. " +
          std::string(kWidthNote),
      {"direction",
       "slope of ln L [1/θ]",
       "curvature of ln L [1/θ²]",
       "R²",
       "F, width [θ]",
       "F, curvature [θ]",
       "status"},
      {}};
  for (const auto& [name, one] : all) {
    table.rows.push_back({name,
                          cell(one.slope),
                          cell(one.curvature),
                          fmt::format("{:.4f}", one.r_squared),
                          cell(one.flatness.width),
                          cell(one.flatness.from_curvature),
                          std::string(thermoscape::name(one.status))});
  }
  return table;
}

Figure figure_of(const std::vector<Named>& all) {
  constexpr std::int64_t kDrawn = 20;
  Figure figure{"profiles",
                "Loss along directions",
                "ln L on all examples of the model moved by δ along unit directions.",
                {"δ [θ]", "linear"},
                {"ln L", "linear"},
                {}};
  if (std::ssize(all) > kDrawn)
    figure.caption += fmt::format(" {} of {} are drawn.", kDrawn, all.size());
  for (const std::int64_t rank : spaced_ranks(std::ssize(all), kDrawn)) {
    const auto& [name, one] = all[static_cast<std::size_t>(rank - 1)];
    Series& curve =
        figure.series.emplace_back(Series{name, one.delta, {}, {}, "line+points", name});
    for (const double loss : one.loss) curve.y.push_back(std::log(loss));
  }
  return figure;
}

Figure relation_figure(const Relation& relation) {
  Figure figure{"relation",
                "Variance of the run against flatness",
                fmt::format("σ² of the run along its components against the width F of the loss of "
                            "the model; σ² ∝ F^-ψ over components 2 to {} gives ψ = {}.",
                            relation.modes.size(),
                            cell(relation.law.psi)),
                {"F [θ]", "log"},
                {"σ² [θ²]", "log"},
                {}};
  Series points{"components", {}, {}, {}, "points", "components"};
  for (const MeasuredMode& one : relation.modes) {
    if (!one.profile.flatness.width.ok() || !(one.variance > 0)) continue;
    points.x.push_back(one.profile.flatness.width.value);
    points.y.push_back(one.variance);
  }
  figure.series = {std::move(points)};
  return figure;
}

Json as_json(const Named& along) {
  const Profile& one = along.profile;
  return {{"direction", along.name},
          {"status", std::string(thermoscape::name(one.status))},
          {"delta", one.delta},
          {"loss", one.loss},
          {"slope", json_number(one.slope.value)},
          {"slope_error", json_number(one.slope.standard_error)},
          {"curvature", json_number(one.curvature.value)},
          {"curvature_error", json_number(one.curvature.standard_error)},
          {"r_squared", json_number(one.r_squared)},
          {"flatness", json_number(one.flatness.width.value)},
          {"flatness_from_curvature", json_number(one.flatness.from_curvature.value)}};
}

Json as_json(const Relation& relation) {
  std::vector<double> variances;
  for (const MeasuredMode& one : relation.modes) variances.push_back(one.variance);
  const auto entry = [](const Estimate& one) -> Json {
    return {{"value", json_number(one.value)},
            {"standard_error", json_number(one.standard_error)},
            {"status", std::string(thermoscape::name(one.status))}};
  };
  return {{"variances", variances},
          {"psi", entry(relation.law.psi)},
          {"rank_correlation", entry(relation.law.rank_correlation)}};
}

/// [direction, point]
Array matrix_of(const std::vector<Named>& all,
                const char* name,
                std::vector<double> Profile::*rows,
                const char* unit,
                const char* meaning) {
  Array array{name,
              {"direction", "point"},
              {all.size(), (all.front().profile.*rows).size()},
              {},
              unit,
              meaning,
              "thermoscape profile",
              {}};
  std::vector<double> values;
  for (const Named& one : all)
    values.insert(values.end(), (one.profile.*rows).begin(), (one.profile.*rows).end());
  array.values = std::move(values);
  return array;
}

ModelResults results_of(const std::vector<Named>& all, double loss) {
  ModelResults out;
  out.description =
      fmt::format("The loss of the model moved along directions; {:.6g} where it is stored.", loss);
  out.arrays.put(
      matrix_of(all, "delta", &Profile::delta, "θ", "distance along the unit direction"));
  out.arrays.put(matrix_of(all, "loss", &Profile::loss, "loss", "over all examples"));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<std::pair<std::string, double>> where{
        {"direction", static_cast<double>(i + 1)}};
    out.findings.push_back({"curvature", where, all[i].profile.curvature, "1/θ²"});
    out.findings.push_back({"flatness", where, all[i].profile.flatness.width, "θ"});
  }
  out.figures = {figure_of(all)};
  out.tables = {table_of(all)};
  return out;
}

void add_relation(const Relation& relation, ModelResults& out) {
  for (const MeasuredMode& one : relation.modes)
    out.findings.push_back({"variance",
                            {{"direction", static_cast<double>(one.rank)}},
                            {one.variance, 0, Status::ok},
                            "θ²"});
  out.findings.push_back({"psi", {}, relation.law.psi, "1"});
  out.findings.push_back({"rank_correlation", {}, relation.law.rank_correlation, "1"});
  out.figures.push_back(relation_figure(relation));
}

int profile(ProfileArguments given) {
  check_directions(given.directions.kind);
  const LoadedModel model = load_model(given.model);
  print_model(model, given.json);
  given.directions.seed = given.model.seed;
  const Directions directions = directions_of(model, given.directions);
  const FolderArguments folder{"profile",
                               "Profiles of the loss",
                               given.model.script.file,
                               given.out,
                               given.model.seed,
                               given.json};
  const auto directory = begin_folder(folder,
                                      model,
                                      {{"directions", given.directions.kind},
                                       {"count", given.directions.count},
                                       {"points", given.options.points},
                                       {"rise", given.options.rise}});
  const std::vector<Named> all = profiles_along(model, directions, given.options);
  ModelResults results = results_of(all, model.loss);
  const Relation relation = relation_of(all, directions.variances);
  if (!relation.modes.empty()) add_relation(relation, results);
  write_svg(figure_of(all), given.svg);
  if (given.json) {
    Json list = Json::array();
    for (const Named& one : all) list.push_back(as_json(one));
    Json record{{"model", model.record}, {"profiles", list}};
    if (!relation.modes.empty()) record["relation"] = as_json(relation);
    fmt::print("{}\n", record.dump(2));
  } else {
    fmt::print("{}{}\n\n", as_text(table_of(all)), kWidthNote);
    if (!relation.modes.empty()) {
      fmt::print("σ² ∝ F^-ψ over components 2 to {}: ψ = {}, rank correlation {}\n",
                 relation.modes.size(),
                 cell(relation.law.psi),
                 cell(relation.law.rank_correlation));
    }
  }
  finish_folder(directory, folder, model, results);
  return 0;
}

}  // namespace

void add_profile_verb(CLI::App& program, int& exit_code) {
  static ProfileArguments given;
  CLI::App* verb = program.add_subcommand(
      "profile",
      "the loss along directions of a model, as far as e times its value, and its width");
  add_model_options(*verb, given.model);
  verb->add_option("--directions",
                   given.directions.kind,
                   "eigen (of the Hessian), random, or pca:RUN (a run that recorded a trajectory)")
      ->capture_default_str();
  add_number(*verb, "--count", given.directions.count, "how many", kAtLeastOne)
      ->capture_default_str();
  for_each_field<ProfileOptions>([&](const auto& one) {
    if (one.name != "guess") add_field(*verb, given.options, one);
  });
  verb->add_option("--svg", given.svg, "write the figure to this file");
  verb->add_option("--out", given.out, kOutOption);
  verb->add_flag("--json", given.json, kJsonOption);
  verb->callback([&exit_code] { exit_code = profile(given); });
}

}  // namespace thermoscape::app
