#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// How far the data stand from a fitted law.
struct GoodnessOfFit {
  double distance = 0;           ///< Kolmogorov-Smirnov sup |F_n - F|
  double effective_samples = 0;  ///< independent samples behind F_n
  double p_value = 1;  ///< Kolmogorov's law at that number; too large by the fitted parameters
  Status status = Status::undefined;

  static constexpr auto fields() {
    return std::tuple{
        field("distance", &GoodnessOfFit::distance, "1", "Kolmogorov-Smirnov distance"),
        field("effective_samples", &GoodnessOfFit::effective_samples, "1", "independent samples"),
        field("p_value",
              &GoodnessOfFit::p_value,
              "1",
              "probability of a larger distance (upper bound)")};
  }
};

struct GammaFit {
  Estimate shape;        ///< α
  Estimate rate;         ///< β [1/loss]
  Estimate constrained;  ///< N_c = 2α
  Estimate mean;         ///< <L> = α/β [loss]
  GoodnessOfFit goodness;
  std::int64_t samples = 0;
  std::int64_t not_positive = 0;  ///< values <= 0, which no Gamma law can give

  static constexpr auto fields() {
    return std::tuple{field("shape", &GammaFit::shape, "1", "Gamma shape α"),
                      field("rate", &GammaFit::rate, "1/loss", "Gamma rate β"),
                      field("constrained", &GammaFit::constrained, "1", "N_c = 2α"),
                      field("mean", &GammaFit::mean, "loss", "mean α/β"),
                      field("goodness", &GammaFit::goodness, "", "goodness of fit"),
                      field("samples", &GammaFit::samples, "1", "samples"),
                      field("not_positive", &GammaFit::not_positive, "1", "values <= 0")};
  }
};

/// Maximum-likelihood Gamma law of `losses` [n], p(L) ∝ L^(α-1) e^(-βL).
///   ln α - ψ(α) = ln<L> - <ln L>,  β = α / <L>,  N_c = 2α.
/// A quadratic minimum at temperature T has α = N_c/2, β = 1/T.
/// Standard errors: blocked variance of the influence series of α and β, so they hold for
/// correlated data and do not assume that the law is Gamma; for independent Gamma draws they equal
/// the inverse Fisher information.
/// Bias of the maximum-likelihood α: about +3α / (independent samples), left in.
/// Status: out_of_range if a value is <= 0 (counted), diverged if one is not finite, undefined for
/// fewer than two different values, too_short as blocking.hpp.
/// Throws Error if an option is out of range.
/// Cost: four passes and one sort.
/// Reference: thermal-probe, Eq. 3.
[[nodiscard]] GammaFit gamma_fit(std::span<const double> losses,
                                 const BlockingOptions& options = {});

/// α from s = ln<L> - <ln L> > 0 to rounding: the root of ln α - ψ(α) = s.
[[nodiscard]] double gamma_shape(double s);

}  // namespace thermoscape::analysis
