#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "figure_file.hpp"
#include "model.hpp"
#include "model_folder.hpp"
#include "terminal.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "thermoscape/landscape/profile.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

struct ProfileArguments {
  ModelArguments model;
  ProfileOptions options;
  std::string directions = "eigen";
  std::int64_t count = 5;
  std::string svg;
  std::string out;
  bool json = false;
};

/// Unit directions [P, count] and what each is called.
struct Directions {
  Matrix columns;
  std::vector<std::string> names;
};

Directions eigen_directions(const LoadedModel& model, const ProfileArguments& given) {
  const LinearOperator hessian = hessian_operator(*model.objective, model.theta);
  const analysis::Eigenpairs pairs =
      analysis::lanczos(hessian,
                        Noise(static_cast<std::uint64_t>(given.model.seed)),
                        {.count = std::min<std::int64_t>(given.count, hessian.size())});
  Directions out{pairs.vectors, {}};
  for (Eigen::Index i = 0; i < pairs.count(); ++i) {
    out.names.push_back(fmt::format("eigenvector {}, λ = {:.4g}{}",
                                    i + 1,
                                    pairs.values(i),
                                    pairs.converged[static_cast<std::size_t>(i)]
                                        ? ""
                                        : fmt::format(" ± {:.1g}", pairs.residuals(i))));
  }
  return out;
}

Directions random_directions(const LoadedModel& model, const ProfileArguments& given) {
  Directions out{Matrix(std::ssize(model.theta), given.count), {}};
  std::vector<double> draws(model.theta.size());
  for (std::int64_t i = 0; i < given.count; ++i) {
    Noise(static_cast<std::uint64_t>(given.model.seed))
        .normal<double>("profile.directions", static_cast<std::uint64_t>(i), draws);
    out.columns.col(i) = Eigen::Map<const Vector>(draws.data(), out.columns.rows()).normalized();
    out.names.push_back(fmt::format("random {}", i + 1));
  }
  return out;
}

/// The leading components of the first trajectory that a run recorded.
Directions run_directions(const LoadedModel& model,
                          const ProfileArguments& given,
                          const std::string& folder) {
  const auto directory = store::RunDirectory::open(folder);
  const Prepared prepared = prepare(recipe_of(directory));
  const Workshop workshop{&prepared.recipe, 1, &prepared.plan, directory, &prepared.grounds};
  const RunView view(workshop);
  for (std::size_t t = 0; t < prepared.plan.tasks.size(); ++t) {
    if (!view.records(t, "trajectory")) continue;
    const Trajectory trajectory(view, t);
    const ParameterSubset& subset = trajectory.subset();
    if (subset.end() > std::ssize(model.theta)) {
      reject({"--directions pca:" + folder,
              fmt::format("parameters up to {}", subset.end() - 1),
              fmt::format("must be parameters of the model, 0 to {}", model.theta.size() - 1),
              "the run must have trained the same network"});
    }
    const analysis::Pca pca = analysis::pca(trajectory.rows(0, trajectory.rows()));
    const Eigen::Index k = std::min<Eigen::Index>(given.count, pca.components.cols());
    Directions out{Matrix::Zero(std::ssize(model.theta), k), {}};
    for (Eigen::Index i = 0; i < k; ++i) {
      const auto axis = pca.components.col(i);
      subset.put<double>({axis.data(), static_cast<std::size_t>(axis.size())},
                         {out.columns.col(i).data(), model.theta.size()});
      out.names.push_back(fmt::format("component {}, σ² = {:.4g}", i + 1, pca.variances(i)));
    }
    return out;
  }
  reject({"--directions pca:" + folder, "", "must be a run that recorded a trajectory", ""});
}

Directions directions_of(const LoadedModel& model, const ProfileArguments& given) {
  if (given.directions == "eigen") return eigen_directions(model, given);
  if (given.directions == "random") return random_directions(model, given);
  if (given.directions.starts_with("pca:"))
    return run_directions(model, given, given.directions.substr(4));
  reject({"--directions", given.directions, "must be eigen, random or pca:RUN", ""});
}

std::string text(const Estimate& estimate) {
  return estimate.ok() ? with_error(estimate.value, estimate.standard_error) : "—";
}

/// A profile and the direction it is along.
struct Named {
  std::string name;
  Profile profile;
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

Table table_of(const std::vector<Named>& all) {
  Table table{
      "widths",
      "Loss along directions",
      "Fit of ln L by a parabola over the profile, and the width F between the points where "
      "the loss is e times its value, measured and from the curvature. Errors are those of "
      "the fit.",
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
                          text(one.slope),
                          text(one.curvature),
                          fmt::format("{:.4f}", one.r_squared),
                          text(one.flatness.width),
                          text(one.flatness.from_curvature),
                          std::string(thermoscape::name(one.status))});
  }
  return table;
}

Figure figure_of(const std::vector<Named>& all) {
  Figure figure{"profiles",
                "Loss along directions",
                "ln L on all examples of the model moved by δ along unit directions.",
                {"δ [θ]", "linear"},
                {"ln L", "linear"},
                {}};
  for (const auto& [name, one] : all) {
    Series& curve =
        figure.series.emplace_back(Series{name, one.delta, {}, {}, "line+points", name});
    for (const double loss : one.loss) curve.y.push_back(std::log(loss));
  }
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

ModelResults results_of(const std::vector<Named>& all, double loss) {
  ModelResults out;
  out.description =
      fmt::format("The loss of the model moved along directions; {:.6g} where it is stored.", loss);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Profile& one = all[i].profile;
    Dataset& group = out.arrays.make_group(fmt::format("direction_{}", i + 1));
    group.attributes = {{"direction", all[i].name}};
    group.put_vector("delta", "point", one.delta, "θ", "distance along the direction");
    group.put_vector("loss", "point", one.loss, "loss", "over all examples");
    const std::vector<std::pair<std::string, double>> where{
        {"direction", static_cast<double>(i + 1)}};
    out.findings.push_back({"curvature", where, one.curvature, "1/θ²"});
    out.findings.push_back({"flatness", where, one.flatness.width, "θ"});
  }
  out.figures = {figure_of(all)};
  out.tables = {table_of(all)};
  return out;
}

int profile(const ProfileArguments& given) {
  validate(given.options, "profile");
  const LoadedModel model = load_model(given.model);
  print_model(model, given.json);
  const Directions directions = directions_of(model, given);
  const FolderArguments folder{"profile",
                               "Profiles of the loss",
                               given.model.script.file,
                               given.out,
                               given.model.seed,
                               given.json};
  const auto directory = begin_folder(folder,
                                      model,
                                      {{"directions", given.directions},
                                       {"count", given.count},
                                       {"points", given.options.points},
                                       {"rise", given.options.rise}});
  const std::vector<Named> all = profiles_along(model, directions, given.options);
  write_svg(figure_of(all), given.svg);
  if (given.json) {
    Json list = Json::array();
    for (const Named& one : all) list.push_back(as_json(one));
    fmt::print("{}\n", Json{{"model", model.record}, {"profiles", list}}.dump(2));
  } else {
    fmt::print("{}\n", as_text(table_of(all)));
  }
  finish_folder(directory, folder, model, results_of(all, model.loss));
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
                   given.directions,
                   "eigen (of the Hessian), random, or pca:RUN (a run that recorded a trajectory)")
      ->capture_default_str();
  verb->add_option("--count", given.count, "how many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--points", given.options.points, "points of a profile")->capture_default_str();
  verb->add_option("--rise", given.options.rise, "rise of ln L at its ends")->capture_default_str();
  verb->add_option("--svg", given.svg, "write the figure to this file");
  verb->add_option("--out", given.out, kOutOption);
  verb->add_flag("--json", given.json, kJsonOption);
  verb->callback([&exit_code] { exit_code = profile(given); });
}

}  // namespace thermoscape::app
