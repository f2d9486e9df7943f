#pragma once
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "thermoscape/analysis/flatness.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/landscape/loss_line.hpp"

namespace thermoscape {

struct ProfileOptions {
  std::int64_t points = 41;
  double rise = 1;
  double guess = 0.1;

  static constexpr auto fields() {
    using O = ProfileOptions;
    return std::tuple{
        field("points", &O::points, "1", "points of a profile", Range{5, 100001}),
        field("rise",
              &O::rise,
              "1",
              "a profile reaches on both sides as far as ln L rises by this: 1 is L = e L0",
              kPositive),
        field("guess", &O::guess, "[θ]", "where the search for the range begins", kPositive)};
  }
};

/// The loss along one direction p from a point, L(θ0 + δ p), as far as L = e^rise L0 on both sides.
struct Profile {
  std::vector<double> delta;  ///< increasing, 0 among them [length of p]
  std::vector<double> loss;
  double loss_at_zero = 0;
  /// ln L = ln L0 + slope δ + ½ curvature δ² over the stretch with L <= e^rise L0; errors from the
  /// residuals, that is from what is not quadratic.
  Estimate slope;
  Estimate curvature;
  double r_squared = 0;
  /// The two readings of F, both for a rise of 1 whatever `rise` is: √(8/curvature) of this fit,
  /// and the width of L <= e L0 (undefined where the profile does not reach so far).
  analysis::Flatness flatness;
  Status status = Status::undefined;  ///< ok, or not_converged where a side never rises so far
};

/// Searches the range by factors of two from `guess`, then evaluates `points` points over it, half
/// on each side, 5% beyond. Throws Error for options out of range, or if L is not positive at θ0:
/// ln L needs it. Cost: points and about 15 losses on the line. Reference: variance-flatness, Eqs.
/// 6 and 7.
template <class Real>
[[nodiscard]] Profile loss_profile(LossLine<Real>& line,
                                   std::span<const Real> direction,
                                   const ProfileOptions& options = {});

/// Slope and curvature of ln L by least squares over the points with ln(L/L0) <= rise.
struct ParabolaFit {
  Estimate slope;
  Estimate curvature;
  double r_squared = 0;
};
[[nodiscard]] ParabolaFit fit_parabola(std::span<const double> delta,
                                       std::span<const double> log_rise,
                                       double highest);

}  // namespace thermoscape
