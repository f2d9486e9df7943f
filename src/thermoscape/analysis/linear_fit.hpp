#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

/// How well a fitted curve describes its points, and over which range it was fitted.
struct FitQuality {
  double x_low = 0;
  double x_high = 0;
  std::int64_t points = 0;
  std::int64_t excluded =
      0;  ///< points left out: not ok, outside the range, or (power law) not positive
  std::int64_t degrees_of_freedom = 0;
  double r_squared = 0;
  double chi_squared = 0;  ///< Σ (residual/σ)²; residual sum of squares where no errors were given
  double p_value = 1;      ///< of χ² at these degrees of freedom; 1 where no errors were given

  static constexpr auto fields() {
    using R = FitQuality;
    return std::tuple{
        field("x_low", &R::x_low, "", "smallest x fitted"),
        field("x_high", &R::x_high, "", "largest x fitted"),
        field("points", &R::points, "1", "points fitted"),
        field("excluded", &R::excluded, "1", "points left out"),
        field("degrees_of_freedom", &R::degrees_of_freedom, "1", "points less parameters"),
        field("r_squared", &R::r_squared, "1", "share of the variance explained"),
        field("chi_squared", &R::chi_squared, "1", "Σ (residual/σ)²"),
        field("p_value", &R::p_value, "1", "probability of a larger chi squared")};
  }
};

struct LinearFit {
  Estimate slope;
  Estimate intercept;
  FitQuality quality;

  static constexpr auto fields() {
    return std::tuple{field("slope", &LinearFit::slope, "", "slope"),
                      field("intercept", &LinearFit::intercept, "", "value at x = 0"),
                      field("quality", &LinearFit::quality, "", "range and goodness")};
  }
};

struct ProportionalFit {
  Estimate factor;
  FitQuality quality;

  static constexpr auto fields() {
    return std::tuple{field("factor", &ProportionalFit::factor, "", "C in y = C x"),
                      field("quality", &ProportionalFit::quality, "", "range and goodness")};
  }
};

/// Least squares y = a + b x over points x, y [n] with errors y_error [n] or none (empty).
/// With errors: weights 1/σ², and the standard errors grow by sqrt(χ²/dof) where that exceeds 1
/// (points scatter more than their errors say).  Without: standard errors from the residuals.
/// Status: too_short if the errors cannot be known (no dof and no y_error); undefined below two
/// different x or if a number is not finite.
/// Throws Error if lengths differ or an error is not > 0.
[[nodiscard]] LinearFit linear_fit(std::span<const double> x,
                                   std::span<const double> y,
                                   std::span<const double> y_error = {});

/// Least squares y = C x, same rules; R² is about zero, 1 - Σ w (y - Cx)² / Σ w y².
[[nodiscard]] ProportionalFit proportional_fit(std::span<const double> x,
                                               std::span<const double> y,
                                               std::span<const double> y_error = {});

}  // namespace thermoscape::analysis
