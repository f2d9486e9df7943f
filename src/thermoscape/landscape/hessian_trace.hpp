#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// tr ∇²L at θ [P] on all examples [loss / θ²].
/// Exact by P products with unit vectors where P <= `probes`; otherwise Hutchinson's estimator, the
/// mean of zᵀHz over `probes` random sign vectors (stream "hessian_trace.signs", step `address`),
/// with its standard error; probes >= 2. Status: diverged if a product is not finite.  Throws Error
/// if probes < 2.  Cost: min(P, probes) Hessian products. Reference: Hutchinson, Commun. Stat.
/// Simul. Comput. 18, 1059 (1989).
[[nodiscard]] Estimate hessian_trace(Objective<double>& objective,
                                     std::span<const double> theta,
                                     const Noise& noise,
                                     std::uint64_t address,
                                     std::int64_t probes);

}  // namespace thermoscape
