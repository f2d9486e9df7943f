#pragma once
#include <memory>
#include <vector>

#include "thermoscape/theory/exponential_wall.hpp"

namespace thermoscape::theory {

/// How the loss of a wall forgets, under overdamped Langevin dynamics reflected at the cut-off.
/// With φ = aθ - ln(T/B) and s = a²Tt the dynamics is dφ = -e^φ ds + √2 dW on φ > ln u, u =
/// (B/T)e^{-aθ*}: the temperature enters only through the length of the box. χ(s) = Σ c_k² e^{-λ_k
/// s} over the spectrum of the generator, found on a reversible finite-volume grid, fine where the
/// wall bends and graded along the flat bottom. χ and τ½ are within 5e-4 of the limit of a fine
/// grid (tested against the exact spectrum; cost 50 ms). The slowest rate is about (π/box)², hence
/// the slow tail.  Reference: thermal-probe, Fig. 2.
class WallRelaxation {
 public:
  explicit WallRelaxation(const Wall& wall);

  /// χ(t) = cov(ℓ(0), ℓ(t))/σ² at a lag t [time].
  [[nodiscard]] double correlation(double time) const { return at_scaled(scale_ * time); }
  /// The same at the scaled lag s = a²Tt.
  [[nodiscard]] double at_scaled(double s) const;
  /// a²Tτ½, with χ = ½ at τ½.
  [[nodiscard]] double scaled_half_time() const { return scaled_half_time_; }
  /// τ½ [time].
  [[nodiscard]] double half_time() const { return scaled_half_time_ / scale_; }
  /// L = √(Tτ½) [θ]. Free diffusion over τ½ moves one coordinate by √2 L in the rms.
  [[nodiscard]] double length() const;
  /// λ_k > 0 in units of a²T, ascending.
  [[nodiscard]] const std::vector<double>& rates() const { return rates_; }

 private:
  double steepness_;
  double scale_;  ///< a²T
  std::vector<double> rates_;
  std::vector<double> weights_;  ///< c_k²/Σc_k²
  double scaled_half_time_ = 0;
};

}  // namespace thermoscape::theory
