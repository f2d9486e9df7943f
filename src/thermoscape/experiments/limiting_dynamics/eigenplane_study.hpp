#pragma once
#include <optional>
#include <string>
#include <vector>

#include "thermoscape/analysis/oscillation.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/experiments/limiting_dynamics/definitions.hpp"
#include "thermoscape/experiments/limiting_dynamics/plane_losses.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/theory/temperature_map.hpp"

namespace thermoscape {

struct EigenplaneOptions {
  double skip = 0.25;
  std::int64_t batches = 2000;
  std::int64_t plane_points = 20;
  std::int64_t plane_examples = 500;
  std::string definitions = "corrected";

  static constexpr auto fields() {
    using O = EigenplaneOptions;
    return std::tuple{
        field("skip", &O::skip, "", "part of the phase left out at its start", kUnitInterval),
        field("batches",
              &O::batches,
              "",
              "batches drawn at the start to see how Gaussian their noise is",
              Range{100, 1e7}),
        field("plane_points",
              &O::plane_points,
              "",
              "losses on the plane of the first and the last eigenvector at so many points a side, "
              "of the first task; 0 for none",
              Range{0, 1000}),
        field("plane_examples",
              &O::plane_examples,
              "",
              "examples of either part that those losses average over",
              kAtLeastOne),
        definitions_field(&O::definitions)};
  }
};

/// One eigenvector q of the Hessian at the start of a phase, and how the run moved along it.
struct Eigenplane {
  double curvature = 0;        ///< ρ, of the loss without the rule's weight decay [loss]/[θ]²
  double residual = 0;         ///< of the eigenpair
  double curvature_after = 0;  ///< q·Hq at the end of the phase
  bool converged = false;
  double centre = 0;    ///< -q·(∇L + λθ)/h: the minimum of the parabola, from the start [θ]
  double noise = 0;     ///< q·Σq at the start [loss]²/[θ]²
  double kurtosis = 3;  ///< of gradients of batches along q
  Estimate position_variance;  ///< [θ]²
  Estimate velocity_variance;  ///< [loss]²/[θ]²
  double turning = 0;          ///< sine of the angle of a step in phase space; < 0 is clockwise
  analysis::Orbit orbit;       ///< whether it closes or fills
  double orbit_expected = 0;   ///< β^{π/f} at expected_frequency
  double frequency = 0;        ///< of the fitted recursion [radians a step]; 0 if it does not turn
  double peak_frequency = 0;   ///< of the periodogram of the velocity [radians a step]
  double mean_frequency = 0;   ///< of the periodogram of the position, by amplitude
  double mean_curvature_frequency = 0;  ///< as expected_frequency, at the mean of start and end
  double expected_frequency = 0;        ///< of the steps of SGD at this curvature; 0 if overdamped
  double continuous_frequency = 0;      ///< η√(ω²-γ²)
  std::vector<double> position;         ///< from the start of the phase, every look
  std::vector<double> velocity;
};

/// How one task moved.
struct TaskEigenplanes {
  Coordinates where;
  std::string label;
  std::size_t ground = 0;  ///< which data and network, of the variants of the recipe
  theory::SgdNoise sgd;    ///< η, β and the batch with its replacement factor
  double weight_decay = 0;
  std::vector<Eigenplane> planes;
  double noise_trace = 0;        ///< tr Σ at the start
  double noise_correlation = 0;  ///< largest |correlation| of gradients along two eigenvectors
  double noise_commutator = 0;   ///< |(HΣ - ΣH)Q|/(|HΣQ| + |ΣHQ|): 0 if Σ commutes with H
  double tail_index = 0;         ///< Hill's index of batch noise along the eigenvectors, top 2%
  Estimate step_square;  ///< ⟨|θ_{k+1} - θ_k|²⟩ = η²⟨|v|²⟩ over the run [θ]²
  double expected_step_square = 0;          ///< η² tr Σ/(S(1-β²)), tr Σ at the start
  std::optional<Estimate> expected_along;   ///< the same of tr Σ along the run, where recorded
  std::vector<double> step_squares;         ///< |θ_k - θ_{k-1}|², every look
  std::vector<double> displacement_square;  ///< |θ_k - θ_0|²
  std::int64_t steps_per_epoch = 1;
  PlaneLosses plane;  ///< of the first and the last eigenvector; empty unless asked for
};

/// Of a task that records `eigenplanes` at every step under momentum. Eigenvectors are found again
/// as the probe found them, bit for bit, so that signs and mixtures of close ones are the recorded
/// ones; eigenvalues (Rayleigh quotients), residuals, gradient and noise at its first θ are in
/// double, with the running statistics of the parent. `with_plane`: also the losses on the plane.
[[nodiscard]] TaskEigenplanes task_eigenplanes(const RunView& view,
                                               std::size_t task,
                                               const EigenplaneOptions& options,
                                               bool with_plane,
                                               const Noise& noise);

}  // namespace thermoscape
