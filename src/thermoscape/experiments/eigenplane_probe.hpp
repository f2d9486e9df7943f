#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/analysis/eigenpairs.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/record/probe.hpp"

namespace thermoscape {

/// The `count` largest eigenvalues of the Hessian on all examples at θ [P] and their eigenvectors,
/// sorted, each with its residual: block Lanczos with products in the objective's own precision,
/// started from `noise`, so that it finds the same vectors whenever it is asked again.
template <class Real>
[[nodiscard]] analysis::Eigenpairs top_eigenpairs(Objective<Real>& objective,
                                                  std::span<const Real> theta,
                                                  std::int64_t count,
                                                  const Noise& noise);

/// Numbers of one look of the probe `eigenplanes` along k directions.
struct EigenplaneColumns {
  std::size_t planes = 0;
  [[nodiscard]] std::size_t width() const { return 2 * planes + 2; }
  [[nodiscard]] std::size_t position(std::size_t i) const { return i; }
  [[nodiscard]] std::size_t velocity(std::size_t i) const { return planes + i; }
  [[nodiscard]] std::size_t displacement_square() const { return 2 * planes; }
  [[nodiscard]] std::size_t velocity_square() const { return 2 * planes + 1; }
  [[nodiscard]] static EigenplaneColumns of_width(std::size_t width) { return {(width - 2) / 2}; }
};

/// The probe `eigenplanes`: q_i·(θ - θ_start) and q_i·v along the eigenvectors q_i of the largest
/// Hessian eigenvalues at θ_start, v = (θ_k - θ_{k-1})/η from the momentum of the rule; then |θ -
/// θ_start|² and |v|². The eigenvectors are found at the first look; θ and v are then read once a
/// look, beside one pass over the basis in the objective's precision. Throws Error for a rule
/// without momentum or more directions than parameters.
template <class Real>
[[nodiscard]] Probe<Real> eigenplane_probe(const Objective<Real>& objective,
                                           std::int64_t directions,
                                           Schedule schedule,
                                           const Noise& noise);

}  // namespace thermoscape
