#pragma once
#include <span>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

/// Two laws for the decay of a correlation, least squares on the same points.
struct TailFit {
  double intercept = 0;            ///< a of χ = a - b ln t, t in its own unit
  double slope = 0;                ///< b
  double logarithm_r_squared = 0;  ///< 1 - Σ residual² / Σ (χ - mean)²
  double amplitude = 0;            ///< a of χ = a exp(-t/τ)
  double time = 0;                 ///< τ; infinite where no decay fits best
  double exponential_r_squared = 0;
  Status status = Status::undefined;

  static constexpr auto fields() {
    using R = TailFit;
    return std::tuple{field("intercept", &R::intercept, "1", "a of a - b ln t"),
                      field("slope", &R::slope, "1", "b of a - b ln t"),
                      field("logarithm_r_squared",
                            &R::logarithm_r_squared,
                            "1",
                            "variance explained by a - b ln t"),
                      field("amplitude", &R::amplitude, "1", "a of a exp(-t/τ)"),
                      field("time", &R::time, "time", "τ of a exp(-t/τ)"),
                      field("exponential_r_squared",
                            &R::exponential_r_squared,
                            "1",
                            "variance explained by a exp(-t/τ)")};
  }
};

/// Points t > 0 [n], increasing, and χ [n]; spread t evenly in ln t, or late points outweigh the
/// rest. Neither law has a free offset: both have two parameters.
/// Status: too_short below 5 points, undefined if χ is constant or not finite.
/// Throws Error if lengths differ or t is not positive and increasing.
/// Cost: O(n) times about 200 trial τ.
[[nodiscard]] TailFit tail_fit(std::span<const double> t, std::span<const double> chi);

}  // namespace thermoscape::analysis
