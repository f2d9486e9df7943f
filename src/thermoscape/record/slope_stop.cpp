#include "thermoscape/record/slope_stop.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace thermoscape {

namespace {

/// Running sum of the present epoch, then ln L_k of the last epochs, the oldest first.
template <class Real>
std::vector<Real>& memory(State<Real>& state, std::size_t epochs) {
  for (auto& [key, values] : state.slots) {
    if (key == "stop.epochs") return values;
  }
  return state.slots.emplace_back("stop.epochs", std::vector<Real>(epochs + 1)).second;
}

template <class Real>
double fitted_slope(const std::vector<Real>& kept) {
  const auto n = static_cast<double>(kept.size() - 1);
  const double middle = 0.5 * (n - 1);
  double above = 0, below = 0;
  for (std::size_t k = 1; k < kept.size(); ++k) {
    const double at = static_cast<double>(k - 1) - middle;
    above += at * static_cast<double>(kept[k]);
    below += at * at;
  }
  return above / below;
}

}  // namespace

template <class Real>
bool slope_reached(const SlopeStop& stop,
                   std::int64_t steps_per_epoch,
                   double loss,
                   State<Real>& state) {
  if (stop.slope < 0) return false;
  std::vector<Real>& kept = memory(state, static_cast<std::size_t>(stop.epochs));
  bool reached = false;
  if (state.step > 0 && state.step % steps_per_epoch == 0) {
    std::move(kept.begin() + 2, kept.end(), kept.begin() + 1);
    const double mean = static_cast<double>(kept[0]) / static_cast<double>(steps_per_epoch);
    kept.back() = static_cast<Real>(std::log(mean));
    kept[0] = 0;
    reached = state.step / steps_per_epoch >= stop.epochs && fitted_slope(kept) >= -stop.slope;
  }
  kept[0] += static_cast<Real>(loss);
  return reached;
}

template bool slope_reached(const SlopeStop&, std::int64_t, double, State<float>&);
template bool slope_reached(const SlopeStop&, std::int64_t, double, State<double>&);

}  // namespace thermoscape
