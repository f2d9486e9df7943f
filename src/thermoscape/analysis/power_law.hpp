#pragma once
#include <span>

#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

struct PowerLawOptions {
  double x_low = 0;
  double x_high = kInfinity;

  static constexpr auto fields() {
    using O = PowerLawOptions;
    return std::tuple{field("x_low", &O::x_low, "", "smallest x fitted", kNonNegative),
                      field("x_high", &O::x_high, "", "largest x fitted", kPositive)};
  }
};

/// y = A x^p.
struct PowerLaw {
  Estimate exponent;   ///< p
  Estimate prefactor;  ///< A; its error is correlated with that of p unless x is centred on 1
  FitQuality quality;  ///< R², χ² and residuals in ln y

  static constexpr auto fields() {
    return std::tuple{field("exponent", &PowerLaw::exponent, "1", "exponent p"),
                      field("prefactor", &PowerLaw::prefactor, "", "prefactor A"),
                      field("quality", &PowerLaw::quality, "", "range and goodness")};
  }
};

/// Weighted least squares of ln y = ln A + p ln x, weights (y/σ_y)², over the points with x in
/// [x_low, x_high], x > 0 and y > 0; the others are counted in quality.excluded. Error rules and
/// Status as linear_fit. The logarithm biases a point low by half its squared relative error: keep
/// relative errors below 0.3.
/// Throws Error if lengths differ, an error is not > 0 or the range is empty.
[[nodiscard]] PowerLaw power_law(std::span<const double> x,
                                 std::span<const double> y,
                                 std::span<const double> y_error = {},
                                 const PowerLawOptions& options = {});

/// The same over measured points: those whose status is not ok (or whose error is not > 0) are left
/// out and counted.
[[nodiscard]] PowerLaw power_law(std::span<const double> x,
                                 std::span<const Estimate> y,
                                 const PowerLawOptions& options = {});

}  // namespace thermoscape::analysis
