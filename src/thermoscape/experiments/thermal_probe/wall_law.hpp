#pragma once
#include <functional>
#include <string>

#include "thermoscape/objective/exponential_wall.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape {

/// What theory says of one wall at the temperature it feels, for both forms of the objective in one
/// shape. Reference: thermal-probe, Fig. 4, Eqs. 10-11, S15-S24; theory/exponential_wall.hpp,
/// theory/softplus_wall.hpp.
struct WallLaw {
  double temperature = 0;  ///< that of the wall [loss]
  double cutoff = 0;       ///< θ* [θ]
  double top = 0;          ///< where ℓ = 40 T: p is below e^-40 of its flat part beyond [θ]
  double mean = 0;         ///< ⟨ℓ⟩ [loss]
  double variance = 0;     ///< σ² [loss²]
  double curvature = 0;    ///< ⟨ℓ''⟩ [loss/θ²]
  double entropy = 0;      ///< S = ln Z + ⟨ℓ⟩/T at θ0 = 1
  theory::Value mean_limit;
  theory::Value variance_limit;
  theory::Value curvature_limit;
  theory::Value entropy_limit;  ///< undefined for softplus
  double quadratic_centre = 0;  ///< of p_Q, the Gaussian of the loss expanded where ℓ = ⟨ℓ⟩ [θ]
  double quadratic_variance = 0;          ///< [θ²]
  double total_variation = 0;             ///< ½∫|p - p_Q| over the whole line, in [0, 1]
  double divergence = 0;                  ///< KL(p‖p_Q) = ∫ p ln(p/p_Q) [nats]
  std::function<double(double)> density;  ///< p(θ) [1/θ]; 0 below the cut-off

  /// p_Q(θ) [1/θ].
  [[nodiscard]] double quadratic_density(double theta) const;
};

/// Throws Error if a parameter is out of range. Cost: 1 ms.
[[nodiscard]] WallLaw wall_law(const ExponentialWallSettings& settings, double temperature);

}  // namespace thermoscape
