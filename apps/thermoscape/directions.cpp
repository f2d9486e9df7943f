#include "directions.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/experiments/variance_flatness/components.hpp"
#include "thermoscape/landscape/operators.hpp"

namespace thermoscape::app {

namespace {

constexpr std::string_view kComponents = "pca:";

Directions eigen_directions(const LoadedModel& model, const DirectionArguments& given) {
  const LinearOperator hessian = hessian_operator(*model.objective, model.theta);
  const analysis::Eigenpairs pairs =
      analysis::lanczos(hessian,
                        Noise(static_cast<std::uint64_t>(given.seed)),
                        {.count = std::min<std::int64_t>(given.count, hessian.size())});
  Directions out{pairs.vectors, {}, {}};
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

Directions random_directions(const LoadedModel& model, const DirectionArguments& given) {
  if (given.count > std::ssize(model.theta)) {
    reject({"--count",
            fmt::format("{}", given.count),
            fmt::format("must be <= the number of parameters, {}", model.theta.size()),
            ""});
  }
  Directions out{Matrix(std::ssize(model.theta), given.count), {}, {}};
  std::vector<double> draws(model.theta.size());
  for (std::int64_t i = 0; i < given.count; ++i) {
    Noise(static_cast<std::uint64_t>(given.seed))
        .normal<double>("profile.directions", static_cast<std::uint64_t>(i), draws);
    out.columns.col(i) = Eigen::Map<const Vector>(draws.data(), out.columns.rows()).normalized();
    out.names.push_back(fmt::format("random {}", i + 1));
  }
  return out;
}

/// "`0.weight` of 30 parameters"
std::string stretch(const std::vector<ParameterGroup>& groups, std::size_t index) {
  if (index >= groups.size()) return "nothing more";
  return fmt::format("`{}` of {} parameters", groups[index].name, groups[index].count);
}

/// Directions of one network mean nothing in another. Names may differ: those of a file are its
/// own.
void require_same_network(const Objective<double>& model,
                          const Ground& ground,
                          const std::string& where) {
  const auto [count, theirs] = std::visit(
      [](const auto& one) { return std::pair(one->parameters(), one->parameter_groups()); },
      ground.objective);
  constexpr const char* kHint = "the run must have trained the same network";
  if (count != model.parameters()) {
    reject({where,
            fmt::format("{} parameters", count),
            fmt::format("must be a run of as many as the model's {}", model.parameters()),
            kHint});
  }
  const std::vector<ParameterGroup> ours = model.parameter_groups();
  if (theirs.empty() || ours.empty()) return;
  for (std::size_t i = 0; i < std::max(theirs.size(), ours.size()); ++i) {
    if (i < theirs.size() && i < ours.size() && theirs[i].count == ours[i].count) continue;
    reject({where,
            stretch(theirs, i),
            fmt::format("must be a run with {} there, as in the model", stretch(ours, i)),
            kHint});
  }
}

/// The leading components of the first trajectory that a run recorded.
Directions run_directions(const LoadedModel& model,
                          const DirectionArguments& given,
                          const std::string& folder) {
  const auto directory = store::RunDirectory::open(folder);
  const Prepared prepared = prepare(recipe_of(directory));
  const Workshop workshop{&prepared.recipe, 1, &prepared.plan, directory, &prepared.grounds};
  const RunView view(workshop);
  for (std::size_t t = 0; t < prepared.plan.tasks.size(); ++t) {
    if (!view.records(t, "trajectory")) continue;
    require_same_network(*model.objective, view.ground(t), "--directions pca:" + folder);
    const Trajectory trajectory(view, t);
    const ParameterSubset& subset = trajectory.subset();
    const analysis::Pca pca =
        components_of(trajectory.rows(0, trajectory.rows()),
                      given.count,
                      "auto",
                      Noise(static_cast<std::uint64_t>(given.seed)).fork("profile", 0));
    // A window of n looks has n - 1 components; rounding makes the rest.
    const Eigen::Index k = std::min({given.count, pca.components.cols(), trajectory.rows() - 1});
    Directions out{Matrix::Zero(std::ssize(model.theta), k), {}, {}};
    for (Eigen::Index i = 0; i < k; ++i) {
      const auto axis = pca.components.col(i);
      subset.put<double>({axis.data(), static_cast<std::size_t>(axis.size())},
                         {out.columns.col(i).data(), model.theta.size()});
      out.names.push_back(fmt::format("component {}, σ² = {:.4g}", i + 1, pca.variances(i)));
      out.variances.push_back(pca.variances(i));
    }
    return out;
  }
  reject({"--directions pca:" + folder, "", "must be a run that recorded a trajectory", ""});
}

}  // namespace

Directions directions_of(const LoadedModel& model, const DirectionArguments& given) {
  if (given.kind == "eigen") return eigen_directions(model, given);
  if (given.kind == "random") return random_directions(model, given);
  return run_directions(model, given, given.kind.substr(kComponents.size()));
}

void check_directions(const std::string& kind) {
  if (kind == "eigen" || kind == "random") return;
  if (kind == kComponents)
    reject({"--directions", "", "needs the folder of a run behind pca:", "pca:runs/NAME"});
  if (kind.starts_with(kComponents)) return;
  reject({"--directions", kind, "must be eigen, random or pca:RUN", ""});
}

}  // namespace thermoscape::app
