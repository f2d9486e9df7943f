#pragma once
#include <string_view>
#include <tuple>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// A wall ℓ(θ) = B e^{aθ} with a hard reflecting cut-off θ >= -θ*, in equilibrium at temperature T.
/// Reference: thermal-probe, Eqs. 9-11, S19-S24, with the corrections stated below.
struct Wall {
  double steepness = 1;
  double prefactor = 1;
  double cutoff = 20;
  double temperature = 1e-3;
  double resolution = 1;

  static constexpr auto fields() {
    using S = Wall;
    return std::tuple{
        field("steepness", &S::steepness, "1/[θ]", "steepness of the wall", kPositive),
        field("prefactor", &S::prefactor, "[loss]", "loss at the origin", kPositive),
        field("cutoff", &S::cutoff, "[θ]", "distance of the reflecting cut-off", kPositive),
        field("temperature", &S::temperature, "[loss]", "temperature the wall feels", kPositive),
        field("resolution",
              &S::resolution,
              "[θ]",
              "length that counts states, in the partition function and entropy only",
              kPositive)};
  }
};

/// ln u, u = (B/T) e^{-aθ*}: the loss at the cut-off in units of T. Every asymptotic form needs u
/// << 1, that is T >> B e^{-aθ*}. (The text asks for T << 1, which only makes the exponential
/// resemble the softplus.)
[[nodiscard]] double log_boltzmann(const Wall& wall);
/// Λ = aθ* + ln(T/B) - γ_E = -ln u - γ_E, the width of the box in units of 1/a, less γ_E.
[[nodiscard]] double wall_width(const Wall& wall);

/// Exact averages for any u > 0, by E1 and (where that cancels, u > e³) by quadrature: relative
/// accuracy 1e-12.
///   Z = E1(u)/(aθ_0)   ⟨ℓ⟩ = T e^{-u}/E1(u)   ⟨ℓ²⟩ = T²(1+u)e^{-u}/E1(u)   σ² = ⟨ℓ²⟩ - ⟨ℓ⟩²
///   ⟨ℓ''⟩ = a²⟨ℓ⟩      S = ln Z + ⟨ℓ⟩/T       C_h = ∂⟨ℓ⟩/∂T = σ²/T²
/// α = ⟨ℓ⟩²/σ² and βT = ⟨ℓ⟩T/σ² are the Gamma law with the same two moments.
struct WallStatistics {
  double log_partition = 0;
  double mean = 0;
  double second_moment = 0;
  double variance = 0;
  double curvature = 0;
  double entropy = 0;
  double heat_capacity = 0;
  double shape = 0;
  double rate_times_temperature = 0;

  static constexpr auto fields() {
    using S = WallStatistics;
    return std::tuple{
        field("log_partition", &S::log_partition, "1", "logarithm of the partition function"),
        field("mean", &S::mean, "[loss]", "mean loss"),
        field("second_moment", &S::second_moment, "[loss]²", "mean square of the loss"),
        field("variance", &S::variance, "[loss]²", "variance of the loss"),
        field("curvature", &S::curvature, "[loss]/[θ]²", "mean second derivative of the loss"),
        field("entropy", &S::entropy, "1", "entropy"),
        field("heat_capacity", &S::heat_capacity, "1", "slope of the mean loss in the temperature"),
        field("shape", &S::shape, "1", "shape of the Gamma law with the same two moments"),
        field("rate_times_temperature",
              &S::rate_times_temperature,
              "1",
              "rate of that Gamma law times the temperature")};
  }
};
[[nodiscard]] WallStatistics wall_statistics(const Wall& wall);

/// ⟨ℓ^n⟩ = T^n Γ(n,u)/E1(u) for n >= 0, tending to (n-1)! T^n/Λ.
[[nodiscard]] double wall_moment(const Wall& wall, double order);

/// The limit u -> 0; each value is out_of_range for u > 0.01, where the mean is off by more than
/// 1%, or Λ <= 1.
///   Z = Λ/(aθ_0)   ⟨ℓ⟩ = T/Λ   σ² = T²(Λ-1)/Λ²   ⟨ℓ²⟩ = T²/Λ   ⟨ℓ''⟩ = a²T/Λ   S = ln(Λ/(aθ_0)) +
///   1/Λ α = 1/(Λ-1)    βT = Λ/(Λ-1)
/// (The sign of the printed S19 is flipped; the second line of S20 is the variance, not ⟨ℓ²⟩; S21
/// runs from -θ*.) `entropy_expanded` is S24, first order in x = (ln(T/B) - γ_E)/(aθ*): S =
/// ln(θ*/θ_0) + x + 1/(aθ*); valid for |x| < 0.1.
struct WallLimit {
  Value partition;
  Value mean;
  Value variance;
  Value second_moment;
  Value curvature;
  Value entropy;
  Value entropy_expanded;
  Value shape;
  Value rate_times_temperature;

  static constexpr auto fields() {
    using S = WallLimit;
    return std::tuple{
        field("partition", &S::partition, "1", "partition function"),
        field("mean", &S::mean, "[loss]", "mean loss"),
        field("variance", &S::variance, "[loss]²", "variance of the loss"),
        field("second_moment", &S::second_moment, "[loss]²", "mean square of the loss"),
        field("curvature", &S::curvature, "[loss]/[θ]²", "mean second derivative of the loss"),
        field("entropy", &S::entropy, "1", "entropy"),
        field("entropy_expanded", &S::entropy_expanded, "1", "entropy to first order in ln T"),
        field("shape", &S::shape, "1", "shape of the Gamma law with the same two moments"),
        field("rate_times_temperature",
              &S::rate_times_temperature,
              "1",
              "rate of that Gamma law times the temperature")};
  }
};
[[nodiscard]] WallLimit wall_limit(const Wall& wall);

/// n independent walls in a loss that is a mean over D examples, L = (1/D) Σ ℓ: each wall feels D
/// T.
///   ⟨L⟩ = (n/D) μ(DT)   σ_L = √(n σ²(DT))/D   φ = (Σℓ)²/Σℓ² ≈ n μ²/⟨ℓ²⟩ -> n/Λ   α = n μ²/σ² ->
///   n/(Λ-1)   βT
/// φ replaces sums by n averages: its correction is O(1/φ). `wall.temperature` is the temperature T
/// of L.
struct ManyWalls {
  double mean = 0;
  double standard_deviation = 0;
  double effective_examples = 0;
  double shape = 0;
  double rate_times_temperature = 0;

  static constexpr auto fields() {
    using S = ManyWalls;
    return std::tuple{
        field("mean", &S::mean, "[loss]", "mean loss"),
        field("standard_deviation",
              &S::standard_deviation,
              "[loss]",
              "standard deviation of the loss"),
        field("effective_examples",
              &S::effective_examples,
              "1",
              "effective number of examples that carry the loss"),
        field("shape", &S::shape, "1", "shape of the Gamma law with the same two moments"),
        field("rate_times_temperature",
              &S::rate_times_temperature,
              "1",
              "rate of that Gamma law times the temperature")};
  }
};
[[nodiscard]] ManyWalls many_walls(const Wall& wall, double walls, double examples);

/// p(θ) = (a/E1(u)) exp(-(B/T)e^{aθ}) for θ >= -θ*, else 0 [1/θ].
[[nodiscard]] double wall_density(const Wall& wall, double theta);

/// The Gaussian p_Q of the loss expanded at θ_μ with ℓ(θ_μ) = ⟨ℓ⟩: mean θ_μ - 1/a [θ], variance
/// T/(a²⟨ℓ⟩) [θ²].
struct QuadraticExpansion {
  double mean = 0;
  double variance = 0;

  static constexpr auto fields() {
    using S = QuadraticExpansion;
    return std::tuple{
        field("mean", &S::mean, "[θ]", "centre of the Gaussian of the expanded loss"),
        field("variance", &S::variance, "[θ]²", "variance of the Gaussian of the expanded loss")};
  }
};
[[nodiscard]] QuadraticExpansion wall_quadratic_expansion(const Wall& wall);

}  // namespace thermoscape::theory
