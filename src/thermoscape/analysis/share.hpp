#pragma once
#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// The share k/n of n independent runs of which k have a property. SE: the deviation of the share's
/// posterior under a flat prior, √((k+1)(n-k+1)/((n+2)²(n+3))), which is not zero where all runs
/// agree: three of three do not show that every run would. count k in [0, runs], runs n [1].
/// Status: undefined without runs, too_short for one.
[[nodiscard]] Estimate share(double count, double runs);

}  // namespace thermoscape::analysis
