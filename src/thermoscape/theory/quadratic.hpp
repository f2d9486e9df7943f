#pragma once
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// Langevin dynamics on L = ½ Σ k_i θ_i², N_c stiff directions at temperature T.       Reference:
/// thermal-probe, Eqs. 2-5, S1-S11, S25-S30, with the corrections stated at the functions. All
/// throw Error for an input out of range.

/// Statistics of the loss in the stationary state.  L ~ Gamma(shape α = N_c/2, rate β = 1/T)
///   ⟨L⟩ = N_c T/2,  σ_L = √(N_c/2) T,  C_h = ∂⟨L⟩/∂T = N_c/2,  σ_L² = T² C_h
struct QuadraticLoss {
  double mean = 0;
  double variance = 0;
  double standard_deviation = 0;
  double heat_capacity = 0;
  double shape = 0;
  double rate = 0;

  static constexpr auto fields() {
    using S = QuadraticLoss;
    return std::tuple{
        field("mean", &S::mean, "[loss]", "mean loss"),
        field("variance", &S::variance, "[loss]²", "variance of the loss"),
        field("standard_deviation",
              &S::standard_deviation,
              "[loss]",
              "standard deviation of the loss"),
        field("heat_capacity", &S::heat_capacity, "1", "slope of the mean loss in the temperature"),
        field("shape", &S::shape, "1", "shape of the Gamma law of the loss"),
        field("rate", &S::rate, "1/[loss]", "rate of the Gamma law of the loss")};
  }
};
[[nodiscard]] QuadraticLoss quadratic_loss(double stiff_directions, double temperature);

/// p(L) = β^α L^{α-1} e^{-βL} / Γ(α) [1/loss]; 0 for L < 0.
[[nodiscard]] double quadratic_loss_density(double stiff_directions,
                                            double temperature,
                                            double loss);

/// χ_L(t) = (1/N_c) Σ exp(-2 k_i |t|), normalised to χ_L(0) = 1. (The printed S5 and main text
/// carry exp(-k_i t) without the norm; each mode adds the same variance T²/2, and a square decays
/// twice as fast.)
[[nodiscard]] double quadratic_correlation(const std::vector<double>& stiffness, double time);

/// τ½ with χ_L(τ½) = ½ [time]; ln 2 / (2k) for one stiffness.
[[nodiscard]] double quadratic_half_time(const std::vector<double>& stiffness);

/// S = ln Z + ⟨L⟩/T = Σ ½ ln(2πT/k_i) + N_c/2 - N_c ln θ_0; θ_0 [θ] is the resolution length that
/// counts states.
[[nodiscard]] double quadratic_entropy(const std::vector<double>& stiffness,
                                       double temperature,
                                       double resolution);

/// The same under Euler-Maruyama with time step η, exactly: θ' = (1-ηk)θ + √(2ηT) ξ keeps θ
/// Gaussian with
///   var θ_i = c_i T/k_i,  c_i = 1/(1 - ηk_i/2):  ⟨L⟩ = (T/2)Σc,  σ² = (T²/2)Σc²,  α =
///   (Σc)²/(2Σc²),  βT = Σc/Σc²
/// α and β are those of the Gamma law with the same two moments. Undefined unless every ηk_i < 2.
struct EulerMaruyamaLoss {
  Value mean;
  Value variance;
  Value shape;
  Value rate_times_temperature;

  static constexpr auto fields() {
    using S = EulerMaruyamaLoss;
    return std::tuple{
        field("mean", &S::mean, "[loss]", "mean loss"),
        field("variance", &S::variance, "[loss]²", "variance of the loss"),
        field("shape", &S::shape, "1", "shape of the Gamma law with the same two moments"),
        field("rate_times_temperature",
              &S::rate_times_temperature,
              "1",
              "rate of that Gamma law times the temperature")};
  }
};
[[nodiscard]] EulerMaruyamaLoss euler_maruyama_loss(const std::vector<double>& stiffness,
                                                    double time_step,
                                                    double temperature);
/// T / (k (1 - ηk/2)) [θ²]; undefined unless ηk < 2.
[[nodiscard]] Value euler_maruyama_variance(double stiffness, double time_step, double temperature);

/// χ_L(t) = Σ c² (1-ηk)^{2t/η} / Σ c²; t = nη for an integer n is what the scheme gives.
[[nodiscard]] Value euler_maruyama_correlation(const std::vector<double>& stiffness,
                                               double time_step,
                                               double time);
/// First crossing of ½ with linear interpolation between lags nη [time], as it is measured.
[[nodiscard]] Value euler_maruyama_half_time(const std::vector<double>& stiffness,
                                             double time_step);

/// E|Δθ|² = 2 N T t for free diffusion in N dimensions [θ²]; the rms of one coordinate at t = τ½ is
/// √2 L, L² = T τ½.
[[nodiscard]] double free_diffusion_square(double directions, double temperature, double time);

/// σ_L = √(T² dμ/dT) for a mean loss μ = A T^α: √(α A T^{α+1}). (In S2 the root covers everything.)
[[nodiscard]] double power_law_deviation(double amplitude, double exponent, double temperature);

}  // namespace thermoscape::theory
