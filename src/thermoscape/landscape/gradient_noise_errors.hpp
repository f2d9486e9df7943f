#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/landscape/gradient_noise.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// Gradient noise of the distribution that the D examples were drawn from, with the errors of
/// drawing them; gradient_noise() and the eigenvalues of the covariance are exact for these
/// examples alone.
struct GradientNoiseEstimates {
  Estimate trace;  ///< tr Σ of the distribution, without bias: D/(D-1) times that of the examples
  Estimate mean_square;  ///< |⟨g⟩|² of it, without bias: |ḡ|² - tr Σ/D
  /// Their ratio. out_of_range where |⟨g⟩|² is less than two of its errors above zero, at a minimum
  /// above all: these examples do not tell it.
  Estimate scale;
  /// Along each direction v, as it is: the variance of g·v over these examples, its mean g·v.
  std::vector<Estimate> variances;
  std::vector<Estimate> means;
  /// (α/2)(mean² + f variance), f = BatchDraw::factor, as active_temperature().
  std::vector<Estimate> temperatures;
};
/// At θ, along the columns of `directions` [P, k]; `moments` is gradient_noise() of all parameters
/// there. Errors of trace, mean_square and scale by the exact jackknife over examples, the others
/// by the influence function of one example on a variance, (x - x̄)² - σ². For an eigenvector of the
/// covariance that is the error of its eigenvalue, too, since to first order the eigenvalue does
/// not feel the vector turn; it leaves out that D examples exaggerate large eigenvalues by about tr
/// Σ/D. Needs D >= 3, else all errors are too_short. Cost: one pass of per-example gradients and D
/// P k. Oracle: draws of a Gaussian ensemble.  Reference: McCandlish et al., arXiv:1812.06162,
/// appendix A.1; Efron, The Jackknife (1982).
[[nodiscard]] GradientNoiseEstimates gradient_noise_estimates(Objective<double>& objective,
                                                              std::span<const double> theta,
                                                              const GradientNoise& moments,
                                                              const Matrix& directions,
                                                              double learning_rate,
                                                              const BatchDraw& draw);

}  // namespace thermoscape
