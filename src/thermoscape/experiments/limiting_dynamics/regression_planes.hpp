#pragma once
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape {

struct RegressionPlanesOptions {
  std::int64_t planes = 10;
  std::int64_t batches = 2000;

  static constexpr auto fields() {
    using O = RegressionPlanesOptions;
    return std::tuple{
        field("planes", &O::planes, "", "eigenvalues of XᵀX/N that are looked at", Range{2, 200}),
        field("batches",
              &O::batches,
              "",
              "batches drawn to measure the covariance of their gradients",
              Range{10, 1e7})};
  }
};

/// One eigenplane of least squares, q = w ⊗ u: u an eigenvector of XᵀX/N, and w the direction of
/// the outputs along which the start lies from the minimum (each eigenvalue belongs to all outputs,
/// so w is free, and this one holds the whole deterministic motion).
struct RegressionPlane {
  double curvature = 0;       ///< h, weight decay included [loss]/[θ]²
  double start = 0;           ///< q·(θ_0 - μ) [θ]
  double noise_at_start = 0;  ///< q·Σq of the gradients of examples at θ_0 [loss]²/[θ]²
  double noise_at_end = 0;    ///< the same at the last θ
  double assumed_noise = 0;  ///< σ²h, σ² the mean square of the residual along w, at the last θ
  Estimate with_replacement;     ///< variance of batch gradients over Σ/S
  Estimate without_replacement;  ///< the same, drawn without, over Σ/S (N-S)/(N-1)
};

/// One plane of one task at every step.
struct PlanePath {
  std::vector<double> position;                 ///< q·(θ_k - μ) [θ]
  std::vector<double> velocity;                 ///< (θ_k - θ_{k-1})/η along q; 0 at k = 0
  std::vector<theory::PhasePoint> exact;        ///< mean of the recursion
  std::vector<theory::PhasePoint> shifted;      ///< of continuous time, half a step on
  std::vector<theory::PhasePoint> plain;        ///< of continuous time at t = ηk
  std::vector<theory::PhaseCovariance> spread;  ///< of the recursion, noise as measured
  std::vector<theory::PhaseCovariance> paper;   ///< of continuous time with Σ = σ²H
};

struct TaskPlanes {
  Coordinates where;
  std::string label;
  double learning_rate = 0;
  double momentum = 0;
  double replacement_factor = 1;  ///< of the noise of its batches
  std::vector<RegressionPlane> planes;
  std::vector<PlanePath> paths;
  /// Largest |correlation| between gradients of examples along two planes: 0 if Σ commutes with H.
  double noise_correlation = 0;
};

/// Of a task on `linear` without intercept whose rule is momentum or sgd and which records
/// `trajectory` at every step, all parameters. Eigenvectors by block Lanczos on XᵀX/N.
[[nodiscard]] TaskPlanes task_planes(const RunView& view,
                                     std::size_t task,
                                     const RegressionPlanesOptions& options,
                                     const Noise& noise);

}  // namespace thermoscape
