#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape {

/// Mean of independent draws and its standard error, s/√n; too_short for one draw, undefined for
/// none or where a value is not finite.
[[nodiscard]] Estimate over_draws(std::span<const double> values);

/// The mean of f(draw) over a list of draws.
template <class Draws, class F>
[[nodiscard]] Estimate over_draws_of(const Draws& draws, F&& f) {
  std::vector<double> values;
  for (const auto& one : draws) values.push_back(f(one));
  return over_draws(values);
}

}  // namespace thermoscape
