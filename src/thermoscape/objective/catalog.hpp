#pragma once
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "thermoscape/data/labelled.hpp"
#include "thermoscape/objective/exponential_wall.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/objective/mlp/settings.hpp"
#include "thermoscape/objective/networks.hpp"
#include "thermoscape/objective/objective.hpp"
#include "thermoscape/objective/quadratic.hpp"
#include "thermoscape/objective/script_model.hpp"

namespace thermoscape {

/// The settings of every kind of objective: a kind becomes known to recipes and the law suite by
/// standing here.
using AnyObjective = std::variant<QuadraticSettings,
                                  ExponentialWallSettings,
                                  LinearRegressionSettings,
                                  MlpSettings,
                                  NetworkOf<Architecture::small_cnn>,
                                  NetworkOf<Architecture::lenet>,
                                  NetworkOf<Architecture::vgg9>,
                                  NetworkOf<Architecture::vgg11>,
                                  NetworkOf<Architecture::vgg16>,
                                  NetworkOf<Architecture::resnet10>,
                                  NetworkOf<Architecture::resnet18>,
                                  TorchScriptSettings>;

/// The names that `kind` in a recipe may have, in order of the variant.
[[nodiscard]] std::vector<std::string_view> objective_names();

/// Default settings of the kind called `kind`; throws Error "WHERE = kind: must be one of ..." with
/// the nearest name.
[[nodiscard]] AnyObjective default_objective(std::string_view kind,
                                             std::string_view where = "kind");

/// Builds the objective. `data` may be null for kinds that are functions of θ alone; the others
/// refuse in one line. Throws Error for settings out of range. Instantiated for float and double.
template <class Real>
[[nodiscard]] std::unique_ptr<Objective<Real>> make_objective(const AnyObjective& settings,
                                                              const data::Labelled* data);

}  // namespace thermoscape
