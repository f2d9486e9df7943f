#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/limiting_dynamics/phase_start.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

/// Losses on the plane θ_0 + x q_1 + y q_k over the range of a run in it, a square so that what is
/// isotropic looks so. No weight decay in them.
struct PlaneLosses {
  std::vector<double> x;         ///< [points], from the start [θ]
  std::vector<double> y;         ///< [points]
  std::vector<double> train;     ///< [y, x] [loss]
  std::vector<double> test;      ///< the same; empty where no test part is loaded
  std::vector<double> modified;  ///< Ψ_θ of the two directions [1/time]
};

/// A direction of the plane: what the modified loss along it needs.
struct PlaneDirection {
  std::span<const double> vector;  ///< q [P], of norm 1
  std::span<const double> path;    ///< q·(θ_k - θ_0)
  double curvature = 0;            ///< ρ
  double centre = 0;               ///< µ, from the start [θ]
};

/// What Ψ = Σ_i (1 + λ/ρ_i)/(η(1+β)) (x_i - µ_i)² has beside its directions.
struct ModifiedLoss {
  double learning_rate = 1;
  double momentum = 0;
  double weight_decay = 0;
};

/// Of a task, about the start of its phase: losses on `examples` train examples and as many test
/// examples, spread over the set. Cost: points² forward passes of either part. Reference:
/// limiting-dynamics, Fig. 3 and its code; Ψ with σ = 1.
[[nodiscard]] PlaneLosses plane_losses(const RunView& view,
                                       std::size_t task,
                                       const PhaseStart& start,
                                       const PlaneDirection& first,
                                       const PlaneDirection& last,
                                       const ModifiedLoss& modified,
                                       std::int64_t points,
                                       std::int64_t examples);

/// a/b of the parabola c + d·x + ½(a x² + 2e xy + b y²) that fits the values best: 1 if they are
/// isotropic, ρ_1/ρ_k for the training loss of a quadratic landscape. Undefined unless a and b
/// are above 0; the error is that of the fit, from what it leaves.
[[nodiscard]] Estimate curvature_ratio(const PlaneLosses& plane, std::span<const double> values);

}  // namespace thermoscape
