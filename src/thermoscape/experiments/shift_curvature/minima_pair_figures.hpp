#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/shift_curvature/minima_pair.hpp"
#include "thermoscape/experiments/spread.hpp"

namespace thermoscape {

/// A number of a pair: its name in findings, the unit, what it is, and how it is had.
struct PairNumber {
  const char* name;
  const char* unit;
  const char* meaning;
  double (*of)(const MinimaPair&);
};
/// All of them, in the order of the table.
[[nodiscard]] std::span<const PairNumber> pair_numbers();
/// One number over the pairs that are minima, temperature by temperature.
[[nodiscard]] SweptMembers swept(const std::vector<MinimaPair>& pairs, std::string_view number);

/// The line at the lowest and the highest T (accuracy, loss, reflected loss with its parabola), and
/// test loss with its prediction, losses, shift and curvature against T.
[[nodiscard]] std::vector<Figure> pair_figures(const std::vector<MinimaPair>& pairs);

}  // namespace thermoscape
