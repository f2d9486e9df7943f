#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// Loss and accuracy of all examples at the points θ + r e of a line.
struct LineScan {
  std::vector<double> loss;      ///< mean of ℓ_i at each r, without the penalty [loss]
  std::vector<double> accuracy;  ///< share of argmax z = y at each r; empty without logits
};

/// At θ [P] + r · direction [P] for each r of `positions`; labels [D] as the objective has them, or
/// none, and then no accuracy. Examples pass in blocks of `block` >= 1, each through all points
/// before the next one: a block is read once, whatever the number of points. Losses follow from the
/// logits, so that both numbers cost one forward pass; sums are in double. Not for objectives whose
/// logits depend on the other examples of a batch. Throws Error for sizes that do not fit.
/// Cost: points · D forward passes. Reference: shift-curvature, Fig. 1.
template <class Real>
[[nodiscard]] LineScan scan_line(Objective<Real>& objective,
                                 std::span<const Real> theta,
                                 std::span<const Real> direction,
                                 std::span<const double> positions,
                                 std::span<const std::int32_t> labels,
                                 std::int64_t block = 500);

}  // namespace thermoscape
