#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model.hpp"
#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape::app {

struct DirectionArguments {
  std::string kind = "eigen";  ///< eigen (of the Hessian), random, or pca:RUN
  std::int64_t count = 5;
  std::int64_t seed = 1;
};

/// Throws Error unless `kind` has one of the three forms. Before a model is read.
void check_directions(const std::string& kind);

/// Unit directions [P, count], what each is called, and σ² of the run along it if it is one of its
/// components.
struct Directions {
  Matrix columns;
  std::vector<std::string> names;
  std::vector<double> variances;
};

/// Directions through the model's point. Throws Error for more random ones than parameters, and for
/// a run that recorded no trajectory or is of another network.
[[nodiscard]] Directions directions_of(const LoadedModel& model, const DirectionArguments& given);

}  // namespace thermoscape::app
