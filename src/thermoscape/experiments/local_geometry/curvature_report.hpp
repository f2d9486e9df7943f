#pragma once
#include <string>
#include <vector>

#include "thermoscape/core/dataset.hpp"
#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/landscape/curvature.hpp"

namespace thermoscape {

/// A study of the curvature at a point in the forms that files, reports and programs read. None of
/// them but the JSON object holds a clock reading.

/// A group a term: eigenvalues, residuals, convergence, eigenvectors where they are few numbers,
/// nodes and weights of the density as they were found, trace and norm.
[[nodiscard]] Dataset curvature_dataset(const Curvature& curvature);
/// Largest and smallest eigenvalue (their residuals as errors), trace, norm, ratio, shares.
[[nodiscard]] std::vector<Finding> curvature_findings(
    const Curvature& curvature, const std::vector<std::pair<std::string, double>>& where = {});
/// The eigenvalues by rank; the density on a linear and on a logarithmic axis, converged outliers
/// as spikes; the terms beside each other.
[[nodiscard]] std::vector<Figure> curvature_figures(const Curvature& curvature);
/// Summary, eigenpairs with residuals, layers.
[[nodiscard]] std::vector<Table> curvature_tables(const Curvature& curvature);
/// {"parameters", "examples", "loss", "gradient_norm", "eigenvalues": [{"value", "residual",
/// "converged"}], "trace": {"value", "standard_error"}, "density": {"nodes", "weights"},
/// "products", "seconds"}, null for what was not asked, and more beside them. `products` are those
/// that found the eigenpairs of the Hessian; `all_products` counts every one.
[[nodiscard]] Json curvature_json(const Curvature& curvature);

/// Nodes and weights of a density as they were found, the spikes apart.
void put_density(Dataset& group, const analysis::SpectralDensity& density);

/// The name of a term in files: "hessian", "gauss_newton", "h_term".
[[nodiscard]] std::string key_of(HessianTerm term);

}  // namespace thermoscape
