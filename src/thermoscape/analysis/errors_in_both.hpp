#pragma once
#include <span>
#include <vector>

#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// A straight line through points whose x and y both carry errors.
struct ErrorsInBothFit {
  Estimate slope;
  Estimate intercept;
  FitQuality quality;  ///< χ² = Σ (y - a - b x)² / (σ_y² + b² σ_x²)
  /// Least squares of y on x and of x on y, which take all scatter for errors of one axis: the
  /// slope lies between them.
  double slope_y_on_x = 0;
  double slope_x_on_y = 0;

  static constexpr auto fields() {
    using F = ErrorsInBothFit;
    return std::tuple{field("slope", &F::slope, "", "slope"),
                      field("intercept", &F::intercept, "", "value at x = 0"),
                      field("quality", &F::quality, "", "range and goodness"),
                      field("slope_y_on_x", &F::slope_y_on_x, "", "slope if x had no errors"),
                      field("slope_x_on_y", &F::slope_x_on_y, "", "slope if y had no errors")};
  }
};

/// Maximum likelihood y = a + b x for independent normal errors x_error, y_error [n] > 0, by the
/// iteration of York et al.; standard errors grow by sqrt(χ²/dof) where that exceeds 1.
/// Status: too_short below three points, undefined where x does not vary or the iteration does not
/// settle.
/// Throws Error if lengths differ, a number is not finite or an error is not > 0.
/// Reference: York, Evensen, López Martínez, De Basabe Delgado, Am. J. Phys. 72, 367 (2004).
[[nodiscard]] ErrorsInBothFit errors_in_both_fit(std::span<const double> x,
                                                 std::span<const double> y,
                                                 std::span<const double> x_error,
                                                 std::span<const double> y_error);

/// How far the points of a smooth sequence [n] scatter about it: for each one the root mean square
/// residual of a straight line through the 2·reach + 1 points round it, with two degrees of freedom
/// taken off. What stands for the error of a point where nothing else is known. Throws Error if
/// reach < 2 or there are fewer than five points.
[[nodiscard]] std::vector<double> local_scatter(std::span<const double> y, std::size_t reach = 7);

}  // namespace thermoscape::analysis
