#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"

namespace thermoscape {

/// What n like walls predict at one temperature.
struct WallsPrediction {
  double mean = 0;                ///< μ/T
  double effective_examples = 0;  ///< φ, exact at finite n
  double deviation = 0;           ///< σ/T
  double shape = 0;               ///< α = μ²/σ²
  double rate = 0;                ///< βT = μT/σ²
  double slope = 0;               ///< d ln μ / d ln T = 1/βT
  double half_time = 0;           ///< a²Tτ½ of one wall, which is that of their sum
};
/// walls n >= 2; log_boltzmann ln u, u = (B/DT) e^{-aθ*}.  half_time costs 50 ms and is left 0
/// unless asked for.
[[nodiscard]] WallsPrediction walls_prediction(double walls,
                                               double log_boltzmann,
                                               bool with_half_time);

/// μ/T and φ measured at one temperature.
struct WallsPoint {
  double temperature = 0;
  Estimate mean;
  Estimate effective_examples;

  /// Whether both are sound and have errors, so that they can be fitted.
  [[nodiscard]] bool usable() const {
    return mean.ok() && effective_examples.ok() && mean.standard_error > 0 &&
           effective_examples.standard_error > 0;
  }
};

/// One pair (n, Λ) of the profile: for each Λ the n of smallest χ².
struct WallsCandidate {
  double width = 0;          ///< Λ at the first temperature
  double log_boltzmann = 0;  ///< ln u there; ln u falls by ln T from it at the others
  double walls = 0;          ///< n
  double chi_squared = 0;
  double relative_error = 0;  ///< standard error of ln n at this Λ, from the curvature of χ²
};

/// n and Λ that reproduce mean and effective_examples at all temperatures at once.
struct WallsFit {
  std::vector<WallsCandidate> profile;  ///< over Λ, ascending
  std::size_t best = 0;                 ///< index of the smallest χ²
  Estimate width;        ///< Λ; half the stretch with χ² within 1 of the best as error
  Estimate walls;        ///< n; likewise
  bool bounded = false;  ///< false: no largest Λ, the data bound it only from below
  double degrees_of_freedom = 0;
  double p_value = 1;
  double inflation =
      1;  ///< √(χ²/dof) where above 1: what all errors grow by since the points scatter more
  /// The candidates whose χ² is within 1 of the best: predictions scatter over them.
  [[nodiscard]] std::vector<WallsCandidate> allowed() const;
};

/// Least squares over n >= 2 and Λ in [0.05, 1000] of both measured numbers, their errors taken as
/// independent.
///   μ/T = n e^{-u}/E1(u),  φ = wall_effective_examples(n, u),  ln u = -Λ - γ_E - ln(T/T_1)
/// Mean and effective_examples alone fix n/Λ well and Λ badly: in the limit u → 0 both are
/// functions of n/Λ. Points whose mean or effective_examples is not ok, or without an error, are
/// left out.  Status: undefined without a point. Throws Error if a temperature is not > 0.  Cost:
/// 0.5 s.
[[nodiscard]] WallsFit fit_walls(std::span<const WallsPoint> points);

}  // namespace thermoscape
