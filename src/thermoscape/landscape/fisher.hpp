#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/objective/catalog.hpp"

namespace thermoscape {

/// Diagonal of the Fisher matrix of a classifier at θ [P], [P]:
///   F_jj = (1/D) Σ_e Σ_c p_c(x_e) (∂ℓ(x_e, c)/∂θ_j)²     ℓ = -ln p, labels drawn from the model
/// which is neither the square of the mean gradient (zero at a minimum) nor, with labels of the
/// data, the empirical Fisher (zero where the data are fitted). By per-example gradients, once with
/// every class as label, in blocks: never D x P. Throws Error for an objective without
/// cross-entropy over classes. Cost: C forward and backward passes and D C P squares. Oracle: the
/// Hessian of linear softmax regression, whose Fisher matrix it is. Reference: kirkpatrick-2017.
[[nodiscard]] std::vector<double> fisher_diagonal(const AnyObjective& settings,
                                                  const data::Labelled& data,
                                                  const std::vector<double>& theta);

}  // namespace thermoscape
