#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The directions in which a minimum of squared errors is stiff.
struct StiffModes {
  std::vector<double> stiffness;  ///< k_i > 0, descending [loss/θ²]; their number is the rank
  Matrix directions;              ///< [P, rank], orthonormal columns
  bool gauss_newton =
      false;  ///< whether they are of the Gauss-Newton matrix rather than of the Hessian
};

/// Of the Gauss-Newton matrix (1/D) JᵀJ at θ [P] where the objective has squared outputs, by the
/// eigenvalues of the Gram matrix (1/D) JJᵀ [DC, DC]; of the dense Hessian where it has no outputs.
/// Eigenvalues below `tolerance` times the first count as 0. Throws Error for an objective with
/// another loss on its outputs, and unless DC (or P) <= 2000. Cost: DC pullbacks (or P Hessian
/// products) and one symmetric eigenproblem. Reference: thermal-probe, Eqs. S25-S28.
[[nodiscard]] StiffModes stiff_modes(Objective<double>& objective,
                                     std::span<const double> theta,
                                     double tolerance);

/// max |H v_i - k_i v_i| / k_1: 0 where the Hessian is the Gauss-Newton matrix. Cost: rank Hessian
/// products.
[[nodiscard]] double gauss_newton_residual(Objective<double>& objective,
                                           std::span<const double> theta,
                                           const StiffModes& modes);

}  // namespace thermoscape
