#pragma once
#include <memory>
#include <vector>

#include "thermoscape/experiments/thermal_probe/departures.hpp"

namespace thermoscape {

/// The objective on the recipe's test examples, which the network of `task` was not trained on;
/// null if there are none.
[[nodiscard]] std::unique_ptr<Objective<double>> held_out(const RunView& view, std::size_t task);

/// How predictions change along one departure.
struct Changes {
  std::vector<double> from_start;     ///< [look] share changed since the start
  std::vector<double> pair_distance;  ///< |θ - θ'| of pairs of looks in the steady window
  std::vector<double> pair_share;     ///< their share of changed predictions
};

/// Predicted classes at every recorded θ on the examples of `objective`.  Throws Error without
/// logits.
[[nodiscard]] Changes changes_of(const RunView& view,
                                 const Departure& departure,
                                 const SweepPoint& window,
                                 Objective<double>& objective);

}  // namespace thermoscape
