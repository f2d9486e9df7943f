#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

struct TwoPhasesOptions {
  double share = 0.1;
  double half_width = 2;

  static constexpr auto fields() {
    using O = TwoPhasesOptions;
    return std::tuple{field("share",
                            &O::share,
                            "",
                            "half width of the window of p(t), as a part of t",
                            Range{0, 1, true, true}),
                      field("half_width",
                            &O::half_width,
                            "[time]",
                            "the least half width of that window",
                            kPositive)};
  }
};

/// The two phases of learning seen in a loss curve, by its local exponent
///   p(t) = -d ln L / d ln t,
/// which is about constant while L falls as a power of t, whatever its unit, and peaks in a drop.
struct TwoPhases {
  std::vector<double> time;      ///< [n] where p is known
  std::vector<double> exponent;  ///< p [n], least squares over the window round each t
  Estimate drop;                 ///< t of the largest p; its error is that of the window
  Estimate boundary;             ///< the first t after it with p at most half the largest
  double highest = 0;            ///< p at the drop
  double before = 0;             ///< median p before the drop ...
  double after = 0;              ///< ... and from the boundary on
  double loss_at_boundary = 0;
  /// q of L ∝ (t - drop)^-q from the boundary on: the law of the slow phase on its own clock. p
  /// itself is q t/(t - drop) there, and depends on how long one waits.
  Estimate decay;
};

/// Of L > 0 at increasing t > 0 [n], for example the mean batch losses of epochs. A window reaches
/// max(share · t, half_width) to both sides and holds at least four points.
/// Status: drop, boundary and decay undefined if the largest p stands at an end of the curve or is
/// not twice the median of the others, so that there is no drop; boundary and decay too_short if p
/// stays high to the end, decay also below four points. Throws Error if lengths differ, t does not
/// increase from above 0, or a loss is not > 0. Reference: variance-flatness, Fig. S1 (phases told
/// by eye).
[[nodiscard]] TwoPhases two_phases(std::span<const double> time,
                                   std::span<const double> loss,
                                   const TwoPhasesOptions& options = {});

}  // namespace thermoscape::analysis
