#pragma once
#include <cstdint>
#include <tuple>
#include <vector>

#include "thermoscape/objective/separable.hpp"

namespace thermoscape {

/// Independent harmonic modes.                            L(θ) = Σ_i ½ k_i θ_i²
/// θ: [P], P = K stiff directions, then the soft ones. To give minibatches and per-example losses a
/// meaning each stiff direction counts as one of K examples, ℓ_i = K ½ k_i θ_i², so that L = (1/K)
/// Σ ℓ_i. Throws Error if the list of stiffnesses is empty; else as Separable.  initial() is the
/// minimum, θ = 0. Oracle: theory/quadratic.hpp (statistics of the loss under Langevin dynamics,
/// exact in the time step).
struct QuadraticSettings {
  std::vector<double> stiffness = {1.0};
  std::int64_t soft = 0;

  static constexpr const char* kName = "quadratic";
  static constexpr auto fields() {
    return std::tuple{field("stiffness",
                            &QuadraticSettings::stiffness,
                            "[loss]/[θ]²",
                            "curvature k_i of each stiff direction",
                            kPositive),
                      field("soft",
                            &QuadraticSettings::soft,
                            "1",
                            "further directions in which the loss is flat",
                            Range{0, 1e9})};
  }
  void check() const;

  [[nodiscard]] std::int64_t examples() const {
    return static_cast<std::int64_t>(stiffness.size());
  }
  [[nodiscard]] LocalLoss at(std::int64_t i, double x) const {
    const double curvature = static_cast<double>(stiffness.size()) * stiffness[i];
    return {0.5 * curvature * x * x, curvature * x, curvature};
  }
};

template <class Real>
using Quadratic = Separable<Real, QuadraticSettings>;

extern template class Separable<float, QuadraticSettings>;
extern template class Separable<double, QuadraticSettings>;

}  // namespace thermoscape
