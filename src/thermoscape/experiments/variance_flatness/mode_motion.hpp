#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/estimate.hpp"

namespace thermoscape {

/// How a trajectory moves along one of its principal components, θ_i(t) at equally spaced looks.
struct ModeMotion {
  double variance = 0;     ///< σ_i² about the window's mean [θ]²
  Estimate drift;          ///< ⟨Δθ_i⟩ per look, error from blocking [θ]
  double step_square = 0;  ///< D_i = ⟨Δθ_i²⟩ per look [θ]²
  double reversal = 0;     ///< ⟨Δθ_i(t) Δθ_i(t+1)⟩ / D_i: memory of one look
  /// ½ + Σ_k C(k)/C(0) of the velocities, their mean not removed, by Sokal's rule [looks]: ½ for a
  /// random walk. Status too_short: it does not close within the window, as for a drift; a lower
  /// bound.
  Estimate velocity_time;
  /// ⟨(θ_i(t+ℓ) - θ_i(t))²⟩ / (ℓ D_i), ℓ an epoch: 1 for a random walk, ℓ for a drift.
  double persistence = 0;
};

/// Of projections [rows, modes] on principal components; `epoch` looks make an epoch.
/// Throws Error unless there are more than two epochs.
[[nodiscard]] std::vector<ModeMotion> mode_motions(const Eigen::MatrixXd& projections,
                                                   std::int64_t epoch);

}  // namespace thermoscape
