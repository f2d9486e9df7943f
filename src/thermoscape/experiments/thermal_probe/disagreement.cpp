#include "thermoscape/experiments/thermal_probe/disagreement.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/landscape/boundary.hpp"

namespace thermoscape {

namespace {

constexpr std::size_t kPairedLooks = 100;  // of a run: 5,000 pairs

using Classes = std::vector<std::int32_t>;

double share_changed(const Classes& a, const Classes& b) {
  std::size_t changed = 0;
  for (std::size_t i = 0; i < a.size(); ++i) changed += a[i] != b[i];
  return static_cast<double>(changed) / static_cast<double>(a.size());
}

}  // namespace

std::unique_ptr<Objective<double>> held_out(const RunView& view, std::size_t task) {
  const Recipe& recipe = view.recipe();
  if (recipe.objective_data.empty()) return nullptr;
  const data::DataSettings& settings = recipe.data.at(recipe.objective_data);
  if (settings.test == 0) return nullptr;
  // The noise that made the training part.
  const Noise noise(static_cast<std::uint64_t>(recipe.head.seed));
  const data::Splits splits = data::load(settings, noise.fork("data", 0));
  return make_objective<double>(view.ground(task).settings, &splits.test);
}

Changes changes_of(const RunView& view,
                   const Departure& departure,
                   const SweepPoint& window,
                   Objective<double>& objective) {
  const Recorded theta = view.recorded(departure.task, "theta");
  const auto at = [&](std::size_t row) {
    return theta.values.span().subspan(row * theta.width, theta.width);
  };
  std::vector<Classes> classes;
  Changes changes;
  for (std::size_t row = 0; row < theta.rows; ++row) {
    classes.push_back(predictions(objective, at(row)));
    changes.from_start.push_back(share_changed(classes.back(), classes.front()));
  }
  const auto [first, last] = window_of(theta, window.from, window.to);
  const std::size_t stride = std::max<std::size_t>(1, (last - first) / kPairedLooks);
  for (std::size_t i = first; i < last; i += stride) {
    for (std::size_t j = i + stride; j < last; j += stride) {
      double squares = 0;
      for (std::size_t p = 0; p < theta.width; ++p) {
        squares += (at(i)[p] - at(j)[p]) * (at(i)[p] - at(j)[p]);
      }
      changes.pair_distance.push_back(std::sqrt(squares));
      changes.pair_share.push_back(share_changed(classes[i], classes[j]));
    }
  }
  return changes;
}

}  // namespace thermoscape
