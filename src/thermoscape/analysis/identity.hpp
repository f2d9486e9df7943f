#pragma once
#include <span>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/core/estimate.hpp"

namespace thermoscape::analysis {

/// The equilibrium identity ⟨|∇L|²⟩ = T⟨tr H⟩ as the ratio ⟨|∇L|²⟩ / (T⟨tr H⟩), 1 in equilibrium.
/// Itô: d⟨L⟩/dt = T⟨tr H⟩ - ⟨|∇L|²⟩, so below 1 the loss still rises and above 1 it falls.
/// gradient_squared |∇L|² and hessian_trace tr H: [n] at the same times; temperature T > 0 [loss].
/// With a time step η the ratio of a quadratic is Σk/(1-ηk/2) / Σk instead of 1.
/// SE: blocked influence series of the ratio, so common fluctuations cancel.
/// Status: blocking.hpp's; undefined unless ⟨tr H⟩ > 0.
/// Throws Error if lengths differ or T <= 0.
[[nodiscard]] Estimate equilibrium_identity(std::span<const double> gradient_squared,
                                            std::span<const double> hessian_trace,
                                            double temperature,
                                            const BlockingOptions& options = {});

/// Ratio of means ⟨a⟩/⟨b⟩ of two series [n] taken at the same times, with such an error; undefined
/// unless ⟨b⟩ != 0.
[[nodiscard]] Estimate ratio_of_means(std::span<const double> a,
                                      std::span<const double> b,
                                      const BlockingOptions& options = {});

}  // namespace thermoscape::analysis
