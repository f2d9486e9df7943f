#include "thermoscape/experiments/limiting_dynamics/definitions.hpp"

#include "thermoscape/analysis/displacement.hpp"

namespace thermoscape {

Estimate exponent_over(std::span<const double> displacement,
                       FitRange range,
                       const std::string& definitions) {
  if (!of_paper(definitions) || displacement.size() < 2)
    return analysis::displacement_exponent(displacement, range.first, range.last);
  return analysis::displacement_exponent(displacement.subspan(1), range.first - 1, range.last - 1);
}

}  // namespace thermoscape
