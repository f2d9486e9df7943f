#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/objective/objective.hpp"
#include "thermoscape/theory/temperature_map.hpp"

namespace thermoscape {

/// What the theory of SGD takes, at a point of a landscape: curvature along each eigenvector of the
/// Hessian and the variance of the gradients of single examples along it.
struct SgdModes {
  std::vector<double> curvature;  ///< [P] h_i [loss]/[θ]², ascending, the penalty included
  std::vector<double> gradient_variance;  ///< [P] q_iᵀΣq_i [loss]²/[θ]²
  double trace = 0;                       ///< tr Σ
  std::int64_t negative = 0;              ///< eigenvalues below -1e-6 h_max
};

/// All modes at θ [P] on all examples: the dense Hessian by products with unit vectors, and one
/// pass over the gradients of single examples. Throws Error above 3,000 parameters. O(P³ + D P²).
[[nodiscard]] SgdModes sgd_modes(Objective<double>& objective, std::span<const double> theta);

/// The modes with `weight_decay` of the rule added to each curvature, for the curves of theory;
/// directions that are flat or bend downwards take 1e-9 of the largest curvature, which no run is
/// long enough to tell from a flat one.
[[nodiscard]] std::vector<double> relaxing_curvature(const SgdModes& modes, double weight_decay);

}  // namespace thermoscape
