#pragma once
#include <span>
#include <vector>

#include "thermoscape/analysis/gamma_fit.hpp"
#include "thermoscape/analysis/moments.hpp"
#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// The loss fluctuations of one run at one temperature in units of T, three readings of the number
/// of constrained directions N_c, and what makes them equal.
struct Equipartition {
  Estimate mean_over_temperature;       ///< μ/T = N_c/2
  Estimate deviation_over_temperature;  ///< σ/T = sqrt(N_c/2)
  Estimate constrained_from_mean;       ///< 2μ/T
  Estimate constrained_from_variance;   ///< 2σ²/T²
  Estimate constrained_from_shape;      ///< 2α of the Gamma fit
  Estimate rate_times_temperature;      ///< βT = 1
  Estimate fluctuation_ratio;           ///< σ²/(μT) = 1
  Estimate heat_capacity;               ///< σ²/T² = C_h

  static constexpr auto fields() {
    using R = Equipartition;
    return std::tuple{
        field("mean_over_temperature", &R::mean_over_temperature, "1", "μ/T"),
        field("deviation_over_temperature", &R::deviation_over_temperature, "1", "σ/T"),
        field("constrained_from_mean", &R::constrained_from_mean, "1", "N_c = 2μ/T"),
        field("constrained_from_variance", &R::constrained_from_variance, "1", "N_c = 2σ²/T²"),
        field("constrained_from_shape", &R::constrained_from_shape, "1", "N_c = 2α"),
        field("rate_times_temperature", &R::rate_times_temperature, "1", "βT"),
        field("fluctuation_ratio", &R::fluctuation_ratio, "1", "σ²/(μT)"),
        field("heat_capacity", &R::heat_capacity, "1", "C_h = σ²/T²")};
  }
};

/// Equipartition of a quadratic minimum, L ~ Gamma(N_c/2, rate 1/T), checked on `losses` [n] at
/// temperature T > 0 [loss]. One exponential wall has instead βT = Λ/(Λ-1) and σ²/(μT) = (Λ-1)/Λ.
/// Errors and Status: moments.hpp, gamma_fit.hpp.
/// Throws Error if T <= 0.
/// Reference: thermal-probe, Eqs. 2 and 3.
[[nodiscard]] Equipartition equipartition(std::span<const double> losses,
                                          double temperature,
                                          const BlockingOptions& options = {});

/// C_h at one temperature from the slope of μ and from the fluctuations.
struct HeatCapacity {
  double temperature = 0;
  Estimate from_mean;      ///< dμ/dT
  Estimate from_variance;  ///< σ²/T²
  Estimate ratio;          ///< from_variance / from_mean = 1

  static constexpr auto fields() {
    return std::tuple{field("temperature", &HeatCapacity::temperature, "loss", "temperature T"),
                      field("from_mean", &HeatCapacity::from_mean, "1", "dμ/dT"),
                      field("from_variance", &HeatCapacity::from_variance, "1", "σ²/T²"),
                      field("ratio", &HeatCapacity::ratio, "1", "fluctuation over response")};
  }
};

/// The fluctuation-response relation dμ/dT = σ²/T² at each of the temperatures T [k], strictly
/// increasing, k >= 2.
///   dμ/dT = (μ/T) d ln μ/d ln T,  three-point formula in ln T, exact on a power law.
/// Second order on any grid; one-sided at the ends, first order. Members whose status is not ok, or
/// with μ <= 0, are left out: their rows, and rows left without a neighbour, are undefined. The
/// errors of the inputs are taken as independent.
/// Throws Error if lengths differ or temperatures do not increase.
[[nodiscard]] std::vector<HeatCapacity> heat_capacity(std::span<const double> temperatures,
                                                      std::span<const Estimate> means,
                                                      std::span<const Estimate> variances);

}  // namespace thermoscape::analysis
