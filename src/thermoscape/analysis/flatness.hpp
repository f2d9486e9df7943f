#pragma once
#include <span>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

/// Flatness of a loss profile along a direction, ln L(δ) = ln L0 + 4δ²/F². The two readings agree
/// on a parabola in ln L; on drift modes and quartic profiles they do not, so both are kept.
struct Flatness {
  Estimate from_curvature;  ///< sqrt(8/M), ½Mδ² the quadratic term of ln L [length of δ]
  Estimate width;           ///< width of the stretch round δ = 0 where L <= e L0 [length of δ]

  static constexpr auto fields() {
    return std::tuple{
        field("from_curvature", &Flatness::from_curvature, "length", "flatness sqrt(8/M)"),
        field("width", &Flatness::width, "length", "width of L <= e L(0)")};
  }
};

/// Of the polynomial ln L = ln L0 + slope·δ + ½Mδ² + quartic·δ⁴; exact, errors 0.
/// Status: from_curvature undefined unless M > 0; width undefined where the profile never rises by
/// 1 on a side.
/// Throws Error if a number is not finite.
/// Reference: variance-flatness, Eqs. 7 and 10.
[[nodiscard]] Flatness polynomial_flatness(double curvature, double slope = 0, double quartic = 0);

/// Of a sampled profile: `loss` > 0 at increasing `delta` [n] that span 0. M by least squares of
/// ln(L/L0) on δ, δ² over the points with L <= e L0, L0 = L(0), all linear in ln L between samples;
/// its error from the residuals.
/// Status: width undefined where no sample rises above e L0 on a side; curvature as above,
/// too_short below four points.
/// Throws Error if lengths differ, delta is not increasing or does not span 0, or a loss is not >
/// 0.
[[nodiscard]] Flatness profile_flatness(std::span<const double> delta,
                                        std::span<const double> loss);

/// Curvature c of the profile U(x) - U0 = ½ c x² fitted on one side of a minimum and reflected onto
/// the other,
///   c = 2 Σ x²(U - U0) / Σ x⁴.
/// x, U: [n]. SE from the residuals.
/// Status: undefined if all x are 0, too_short below two points with x != 0.
/// Throws Error if lengths differ.
/// Reference: shift-curvature, symmetrised curvature.
[[nodiscard]] Estimate reflected_curvature(std::span<const double> x,
                                           std::span<const double> potential,
                                           double potential_at_minimum);

}  // namespace thermoscape::analysis
