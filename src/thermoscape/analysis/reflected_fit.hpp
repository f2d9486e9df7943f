#pragma once
#include <span>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// The curvature of a basin as seen from one side: U reflected about its minimum at x = 0 and
/// fitted by U0 + ½ c x².
///   c = 2 Σ x² (U - U0) / Σ x⁴
struct ReflectedFit {
  /// c [loss]/[length]²; its error is from the residuals, that is from what is not a parabola.
  Estimate curvature;
  /// The exponent J of U - U0 ∝ |x|^J by least squares of the logarithms: 2 for a parabola, above
  /// it where the bottom is flat, below where it is sharp.
  Estimate order;
};

/// Over the points x [n] ≠ 0 with values U [n]; `bottom` is U0. The points at x = 0 are left out.
/// too_short below three other points, undefined if none rises above U0 (order then has no value).
/// Throws Error if lengths differ. Reference: shift-curvature, appendix F.
[[nodiscard]] ReflectedFit reflected_fit(std::span<const double> x,
                                         std::span<const double> values,
                                         double bottom);

}  // namespace thermoscape::analysis
