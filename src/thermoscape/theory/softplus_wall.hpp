#pragma once
#include <tuple>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// A wall ℓ(θ) = ln(1 + e^{aθ+b}) with a hard reflecting cut-off θ >= -θ*, in equilibrium at
/// temperature T: the loss of one example of two classes with margin -(aθ+b), of which B e^{aθ} is
/// the limit for ℓ << 1.
struct SoftplusWall {
  double steepness = 1;
  double offset = 0;
  double cutoff = 20;
  double temperature = 1e-3;
  double resolution = 1;

  static constexpr auto fields() {
    using S = SoftplusWall;
    return std::tuple{
        field("steepness", &S::steepness, "1/[θ]", "steepness of the wall", kPositive),
        field("offset", &S::offset, "1", "argument of the softplus at the origin"),
        field("cutoff", &S::cutoff, "[θ]", "distance of the reflecting cut-off", kPositive),
        field("temperature", &S::temperature, "[loss]", "temperature the wall feels", kPositive),
        field("resolution",
              &S::resolution,
              "[θ]",
              "length that counts states, in the partition function and entropy only",
              kPositive)};
  }
};

/// Exact for any parameters. With β = 1/T, s_0 = 1/(1+e^{b-aθ*}) and ℓ as the variable,
///   aθ_0 Z = B(s_0; β, 0) = (s_0^β/β) ₂F₁(β,1;β+1;s_0) = ∫_{ℓ_0}^∞ e^{-βℓ}/(1-e^{-ℓ}) dℓ,   ℓ_0 =
///   -ln s_0, ⟨ℓ^n⟩ by ℓ^n under the integral,   ⟨ℓ''⟩ = a² s_0^{β+1}/((β+1) aθ_0 Z),   S = ln Z +
///   ⟨ℓ⟩/T.
/// The pole 1/ℓ of the integrand is E1(βℓ_0), the rest smooth: relative accuracy 1e-12 where 2F1
/// overflows.
struct SoftplusStatistics {
  double log_partition = 0;
  double mean = 0;
  double variance = 0;
  double curvature = 0;
  double entropy = 0;

  static constexpr auto fields() {
    using S = SoftplusStatistics;
    return std::tuple{
        field("log_partition", &S::log_partition, "1", "logarithm of the partition function"),
        field("mean", &S::mean, "[loss]", "mean loss"),
        field("variance", &S::variance, "[loss]²", "variance of the loss"),
        field("curvature", &S::curvature, "[loss]/[θ]²", "mean second derivative of the loss"),
        field("entropy", &S::entropy, "1", "entropy")};
  }
};
[[nodiscard]] SoftplusStatistics softplus_statistics(const SoftplusWall& wall);

/// The limit βe^{b-aθ*} -> 0, with Λ' = aθ* - b - ψ(β) - γ_E; out_of_range where that product
/// exceeds 0.01.
///   aθ_0 Z = Λ'   ⟨ℓ⟩ = ψ'(β)/Λ'   σ² = -ψ''(β)/Λ' - ⟨ℓ⟩²   ⟨ℓ''⟩ = a²/((β+1)Λ')
struct SoftplusLimit {
  Value partition;
  Value mean;
  Value variance;
  Value curvature;

  static constexpr auto fields() {
    using S = SoftplusLimit;
    return std::tuple{
        field("partition", &S::partition, "1", "partition function"),
        field("mean", &S::mean, "[loss]", "mean loss"),
        field("variance", &S::variance, "[loss]²", "variance of the loss"),
        field("curvature", &S::curvature, "[loss]/[θ]²", "mean second derivative of the loss")};
  }
};
[[nodiscard]] SoftplusLimit softplus_limit(const SoftplusWall& wall);

}  // namespace thermoscape::theory
