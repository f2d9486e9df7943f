#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// Margins ΔY_k = z_y - max_{m≠y} z_m of all examples on a line θ0 + δ p, and the straight lines
///   ΔY_k(δ) ≈ ΔY_k(0) + β_k δ
/// through them by least squares.
struct MarginLine {
  std::vector<double> delta;      ///< [m]
  std::vector<double> margins;    ///< ΔY_k [m, D]
  std::vector<double> rates;      ///< β_k [D], 1/[length of p]
  std::vector<double> r_squared;  ///< of each line [D]; 1 where a margin does not move
};

/// `delta` [m] holds at least three different displacements, theta and direction are [P], labels
/// [D]. Throws Error if sizes do not fit, or for an objective of fewer than two logits. Cost: m
/// forward passes over all examples. Reference: variance-flatness, Eq. S3.
template <class Real>
[[nodiscard]] MarginLine margin_line(Objective<Real>& objective,
                                     std::span<const Real> theta,
                                     std::span<const std::int32_t> labels,
                                     std::span<const Real> direction,
                                     std::span<const double> delta);

}  // namespace thermoscape
