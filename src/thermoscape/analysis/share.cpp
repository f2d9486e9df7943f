#include "thermoscape/analysis/share.hpp"

#include <cmath>

namespace thermoscape::analysis {

Estimate share(double count, double runs) {
  if (!(runs > 0)) return {};
  const double deviation = std::sqrt((count + 1) * (runs - count + 1) / (runs + 3)) / (runs + 2);
  return {count / runs, deviation, runs > 1 ? Status::ok : Status::too_short};
}

}  // namespace thermoscape::analysis
