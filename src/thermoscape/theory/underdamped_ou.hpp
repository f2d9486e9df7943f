#pragma once
#include <tuple>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/temperature_map.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// SGD with momentum along one eigenvector of the Hessian as an underdamped Ornstein-Uhlenbeck
/// process, θ measured from the minimum, time t = η × steps:
///   dθ = v dt,   dv = -(ω² θ + 2γ v) dt + √(4γ Σ/κ) dW
///   γ = (1-β)/(η(1+β)),  ω² = 2h/(η(1+β)),  κ = S(1-β²),  mass η(1+β)/2
/// h [loss]/[θ]² is the curvature, weight decay included; Σ [loss]²/[θ]² the variance of the
/// gradient of one example; [time] = [θ]²/[loss]. Over-, critically and under-damped for γ >, =, <
/// ω.
/// Every function holds all digits in every regime: near γ = ω, at large times (no cosh that
/// overflows), and for ηh far below the last place of 1. Cost: a few exponentials. All throw Error
/// for an input out of range.
/// Reference: limiting-dynamics, sections 4-6 and appendices D-F. (The mass is printed as 2(1+β);
/// the lag k of C_l(k) is in steps, its time ηk.)
struct UnderdampedMode {
  double friction = 0;
  double frequency = 0;
  double damping_ratio = 0;
  double splitting = 0;
  double inverse_temperature = 0;
  double velocity_noise = 0;

  static constexpr auto fields() {
    using S = UnderdampedMode;
    return std::tuple{
        field("friction", &S::friction, "1/[time]", "rate at which the velocity decays"),
        field("frequency", &S::frequency, "1/[time]", "frequency without friction"),
        field(
            "damping_ratio", &S::damping_ratio, "1", "friction over frequency; oscillates below 1"),
        field("splitting",
              &S::splitting,
              "1/[time]",
              "frequency of the oscillation, or half the difference of the two decay rates"),
        field("inverse_temperature", &S::inverse_temperature, "1", "inverse temperature S(1-β²)"),
        field("velocity_noise",
              &S::velocity_noise,
              "[loss]³/[θ]⁴",
              "square of the noise amplitude in the velocity, 4γΣ/κ")};
  }
};
[[nodiscard]] UnderdampedMode underdamped_mode(const SgdNoise& noise);

/// Position [θ] and velocity [loss]/[θ] in one eigenplane.
struct PhasePoint {
  double position = 0;
  double velocity = 0;

  static constexpr auto fields() {
    using S = PhasePoint;
    return std::tuple{field("mean_position", &S::position, "[θ]", "mean position"),
                      field("mean_velocity", &S::velocity, "[loss]/[θ]", "mean velocity")};
  }
};
struct PhaseCovariance {
  double position = 0;
  double cross = 0;
  double velocity = 0;

  static constexpr auto fields() {
    using S = PhaseCovariance;
    return std::tuple{
        field("position_variance", &S::position, "[θ]²", "variance of the position"),
        field("position_velocity_covariance",
              &S::cross,
              "[loss]",
              "covariance of position and velocity"),
        field("velocity_variance", &S::velocity, "[loss]²/[θ]²", "variance of the velocity")};
  }
};

/// The propagator e^{-St}, with C = cosh αt, Z = sinh(αt)/α (cos, sin; 1, t) and α = √|γ²-ω²|:
///   position_position = e^{-γt}(C + γZ)   position_velocity = e^{-γt} Z
///   velocity_position = -ω² e^{-γt} Z     velocity_velocity = e^{-γt}(C - γZ)
/// and `position_loss` = 1 - position_position to full relative accuracy.
struct PhasePropagator {
  double position_position = 1;
  double position_velocity = 0;
  double velocity_position = 0;
  double velocity_velocity = 1;
  double position_loss = 0;

  [[nodiscard]] PhasePoint operator*(const PhasePoint& start) const;
  /// E P Eᵀ
  [[nodiscard]] PhaseCovariance carry(const PhaseCovariance& covariance) const;
};
[[nodiscard]] PhasePropagator phase_propagator(double friction, double frequency, double time);

/// Mean (θ, v) a time t >= 0 after `start`.
[[nodiscard]] PhasePoint underdamped_mean(const SgdNoise& noise,
                                          const PhasePoint& start,
                                          double time);
/// Stationary: var θ = ηΣ/(2S(1-β)h), var v = Σ/κ, no correlation.
[[nodiscard]] PhaseCovariance underdamped_stationary(const SgdNoise& noise);
/// Covariance a time t >= 0 after a start with covariance P_0: e^{-St}P_0e^{-Sᵀt} plus what noise
/// adds,
///   κ^{-1}(U^{-1} - e^{-St}U^{-1}e^{-Sᵀt}):  var θ = 4γ(Σ/κ)∫_0^t Z²e^{-2γu}du,  cov =
///   2γ(Σ/κ)Z²e^{-2γt}
[[nodiscard]] PhaseCovariance underdamped_covariance(const SgdNoise& noise,
                                                     double time,
                                                     const PhaseCovariance& start = {});

/// C(t) = [e^{-St}]_vv, the stationary autocorrelation of the velocity; 1 at t = 0.
[[nodiscard]] double velocity_correlation(const SgdNoise& noise, double time);
/// Its first zero [time]: atanh(α/γ)/α, 1/γ, atan(α/γ)/α. (It has one above ζ = 1 too, and stays
/// negative from there on, where the text says that correlations remain positive.)
[[nodiscard]] double velocity_correlation_zero(const SgdNoise& noise);

/// Stationary mean square displacement over a time t [θ²] and its local exponent d ln/d ln t:
///   E|θ_t-θ_0|² = 2 var θ [1 - e^{-γt}(C + γZ)],   exponent 2 at t -> 0, 0 at t -> ∞
struct Displacement {
  double displacement = 0;
  Value displacement_exponent;

  static constexpr auto fields() {
    using S = Displacement;
    return std::tuple{field("mean_square_displacement",
                            &S::displacement,
                            "[θ]²",
                            "stationary mean square displacement"),
                      field("displacement_exponent",
                            &S::displacement_exponent,
                            "1",
                            "logarithmic slope of the displacement in time")};
  }
};
[[nodiscard]] Displacement underdamped_displacement(const SgdNoise& noise, double time);

/// ηh at which the damping is critical, and beyond which steps of SGD diverge.
///   continuous (1-β)²/(2(1+β))   discrete (1-√β)²   stability 2(1+β); in continuous time there is
///   none
struct CriticalRates {
  double continuous_critical = 0;
  double discrete_critical = 0;
  double stability_limit = 0;

  static constexpr auto fields() {
    using S = CriticalRates;
    return std::tuple{
        field("continuous_critical",
              &S::continuous_critical,
              "1",
              "learning rate times curvature where the continuous theory starts to oscillate"),
        field("discrete_critical",
              &S::discrete_critical,
              "1",
              "learning rate times curvature where the steps start to oscillate"),
        field("stability_limit",
              &S::stability_limit,
              "1",
              "learning rate times curvature from which the steps diverge")};
  }
};
[[nodiscard]] CriticalRates critical_rates(double momentum);

}  // namespace thermoscape::theory
