#pragma once
#include <cstdint>

#include "thermoscape/analysis/eigenpairs.hpp"
#include "thermoscape/analysis/slq.hpp"
#include "thermoscape/core/dataset.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/experiments/plan.hpp"
#include "thermoscape/models/random_hessian.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// Where the bulk of a Hessian comes from: the whole distribution of its eigenvalues without the
/// C - 1 outliers beside that of the H-term, and beside the bulk of the random model, which has no
/// H-term. For networks that are too large for dense matrices.
struct TermDensities {
  std::int64_t parameters = 0;
  analysis::SpectralDensity hessian;  ///< outliers apart, as spikes
  analysis::SpectralDensity h_term;
  Vector model_bulk;  ///< of one draw without its C - 1 largest, scaled to the network's |c_k|²
  /// Root mean squares over all P directions: of the bulk, of the H-term; and mean squares, H-term
  /// over bulk. From second moments, which no resolution limits.
  Estimate bulk_size;
  Estimate h_term_size;
  Estimate h_term_share;
  Estimate model_share;  ///< Σλ² of the model's bulk over Σλ² of the network's
};

/// At θ over all examples, by stochastic Lanczos quadrature of Hessian and H-term. `outliers`: the
/// C - 1 largest pairs. `model` is drawn once where it is not null, its Hessian times `scale`.
/// Cost: probes · steps products with either operator, D³ for the draw.
[[nodiscard]] TermDensities term_densities(Objective<double>& objective,
                                           const std::vector<double>& theta,
                                           const analysis::Eigenpairs& outliers,
                                           const analysis::SlqOptions& options,
                                           const RandomHessian* model,
                                           double scale,
                                           const Noise& noise);

/// Eigenvalues per decade of |λ| of either sign, with their bands.
[[nodiscard]] Figure term_density_figure(const TermDensities& found);
/// bulk_size, h_term_size, h_term_share, model_share.
[[nodiscard]] std::vector<Finding> term_density_findings(const TermDensities& found,
                                                         const Coordinates& where);
/// Nodes and weights as they were found, and the eigenvalues of the model.
[[nodiscard]] Dataset term_density_dataset(const TermDensities& found);

}  // namespace thermoscape
