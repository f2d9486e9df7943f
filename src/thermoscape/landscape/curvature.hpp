#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/analysis/hutchpp.hpp"
#include "thermoscape/analysis/slq.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/objective/hessian_term.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// What is to be known of the curvature at a point.
struct CurvatureOptions {
  std::int64_t top = 20;
  bool both_ends = false;
  bool density = false;
  bool trace = false;
  bool split_gh = false;
  bool per_layer = false;
  std::string method = "auto";
  std::int64_t block = 2;
  double tolerance = 1e-4;
  std::int64_t dense_below = 5000;
  std::int64_t probes = 8;
  std::int64_t steps = 80;
  double trace_error = 0.02;
  std::int64_t most_products = 0;
  double memory = 0;
  /// Relative rounding of a product: that of the precision in which the objective computes.
  double rounding = 2.2e-16;

  static constexpr std::array<std::string_view, 4> kMethods{"auto", "dense", "lanczos", "subspace"};
  static constexpr auto fields() {
    using O = CurvatureOptions;
    return std::tuple{
        field("top", &O::top, "", "eigenpairs wanted", kAtLeastOne),
        field("both_ends", &O::both_ends, "", "as many of the smallest eigenvalues as well"),
        field("density", &O::density, "", "the spectral density, with its error band"),
        field("trace", &O::trace, "", "trace, Frobenius norm and their ratio, with errors"),
        field("split_gh",
              &O::split_gh,
              "",
              "the same of the G-term and the H-term, and the share of G in each eigenvector"),
        field("per_layer", &O::per_layer, "", "largest eigenvalue, trace and share of G by layer"),
        field("method",
              &O::method,
              "",
              "auto: dense below dense_below parameters, lanczos above; subspace: the largest in "
              "size, of either sign",
              Range{.choices = kMethods}),
        field("block", &O::block, "", "vectors multiplied at a time", kAtLeastOne),
        field("tolerance",
              &O::tolerance,
              "",
              "a pair has converged when its residual is at most this part of its eigenvalue",
              Range{0, 1, true, true}),
        field("dense_below", &O::dense_below, "", "what auto takes for dense", kNonNegative),
        field("probes", &O::probes, "", "random starts of the density", Range{2, kInfinity}),
        field("steps", &O::steps, "", "Lanczos steps of each", kAtLeastOne),
        field("trace_error",
              &O::trace_error,
              "",
              "standard error of the trace wanted, as a part of it",
              kPositive),
        field("most_products",
              &O::most_products,
              "",
              "where a solver gives up; 0: 100 a pair, at least 2000",
              kNonNegative),
        field("memory", &O::memory, "GiB", "memory it may use; 0: what is free", kNonNegative)};
  }
};

/// One symmetric operator: ∇²L or a term of it.
struct TermCurvature {
  HessianTerm term = HessianTerm::full;
  analysis::Eigenpairs pairs;
  analysis::TraceEstimate trace;  ///< undefined where it was not asked for
  std::optional<analysis::SpectralDensity> density;
  Vector all;  ///< every eigenvalue, falling; empty unless dense
};

/// The diagonal block of one layer.
struct LayerCurvature {
  ParameterGroup layer;
  double largest = 0;   ///< λ_1 of the block
  double residual = 0;  ///< of its pair
  bool converged = false;
  Estimate trace;
  Estimate gauss_newton_trace;  ///< undefined without logits
};

struct Curvature {
  std::int64_t parameters = 0;
  std::int64_t examples = 0;
  std::int64_t outputs = 0;
  double loss = 0;
  double gradient_norm = 0;
  std::string method;      ///< dense, lanczos or subspace
  bool both_ends = false;  ///< whether the last pairs are those of the smallest eigenvalues
  std::vector<TermCurvature> terms;    ///< the Hessian first, then G and H where asked for
  std::vector<double> share_of_g;      ///< vᵀGv/λ of each pair of the Hessian; with split_gh
  std::vector<double> gradient_share;  ///< (g·v)²/|g|² of each pair of the Hessian
  std::vector<LayerCurvature> layers;
  std::int64_t products = 0;  ///< of all kinds, with single vectors
  double seconds = 0;
  bool interrupted = false;

  [[nodiscard]] const TermCurvature& hessian() const { return terms.front(); }
  [[nodiscard]] const TermCurvature* find(HessianTerm term) const;
  /// ok if all that was asked for is there and every pair converged; else the worst of the parts.
  [[nodiscard]] Status status() const;
};

/// Called after each block of products: what is being done, products so far and in all as
/// estimated. Returning false ends the study; what is complete or has converged stays.
using CurvatureLook = std::function<bool(const std::string& part, double products, double planned)>;

/// The curvature of an objective at θ [P] over all its examples. Composes operators.hpp with the
/// solvers of analysis/. Parts that need logits are refused for an objective without them, before
/// anything runs; so is what does not fit into memory, naming what would (curvature_cost.hpp).
/// Random numbers: noise, forked by term. Throws Error for options out of range.
[[nodiscard]] Curvature measure_curvature(Objective<double>& objective,
                                          const std::vector<double>& theta,
                                          const CurvatureOptions& options,
                                          const Noise& noise,
                                          const CurvatureLook& look = {});

/// "Hessian", "G-term", "H-term".
[[nodiscard]] std::string_view name(HessianTerm term);

}  // namespace thermoscape
