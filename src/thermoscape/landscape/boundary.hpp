#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The length over which the examples that pin the decision boundary change their loss by e: for
/// example i with label y and strongest rival m, ℓ = ln(1 + exp(f_m - f_y) + ...) is a wall
/// exp(aᵀθ) with a = ∇_θ(f_m - f_y).
struct BoundaryLength {
  double length = 0;          ///< Σ w_i / |a_i|, w_i = ℓ_i / Σℓ [θ]
  double deviation = 0;       ///< weighted standard deviation of 1/|a_i| over the examples [θ]
  std::int64_t examples = 0;  ///< how many were needed for `share` of the loss
};
/// At θ [P] from the examples, largest loss first, that carry `share` in (0, 1] of the loss;
/// weights are renewed over these. labels [D].  With k of them: k pullbacks over at most 64
/// examples each. Throws Error if the objective has fewer than two outputs, labels do not fit or no
/// example has any loss.  Oracle: a linear classifier, |a|² = 2(|x|² + 1).
[[nodiscard]] BoundaryLength boundary_length(Objective<double>& objective,
                                             std::span<const double> theta,
                                             std::span<const std::int32_t> labels,
                                             double share = 0.99);

/// The class of the largest logit for each example [D].
[[nodiscard]] std::vector<std::int32_t> predictions(Objective<double>& objective,
                                                    std::span<const double> theta);

}  // namespace thermoscape
