#include "thermoscape/theory/catalog_entry.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape::theory {

namespace {

constexpr Version kStationary{"stationary_", " (n → ∞)"};

struct MomentumInputs : SgdNoise {
  double steps = 10;
  double start_position = 1;
  double start_velocity = 0;

  static constexpr auto fields() {
    using S = MomentumInputs;
    return std::tuple_cat(
        SgdNoise::fields(),
        std::tuple{
            field("steps", &S::steps, "steps", "steps from the start", kNonNegative),
            field("start_position", &S::start_position, "[θ]", "position at the start"),
            field("start_velocity", &S::start_velocity, "[loss]/[θ]", "velocity at the start")});
  }
};

struct VelocityMemory {
  double velocity_correlation = 0;
  double velocity_zero = 0;

  static constexpr auto fields() {
    using S = VelocityMemory;
    return std::tuple{
        field("velocity_correlation",
              &S::velocity_correlation,
              "1",
              "stationary autocorrelation of the velocity after the steps"),
        field("velocity_zero", &S::velocity_zero, "steps", "first zero of that autocorrelation")};
  }
};

/// Potential and kinetic energy are equal on average; the speed is that of a single step.
struct Energy {
  double kinetic_energy = 0;
  double step_square = 0;

  static constexpr auto fields() {
    return std::tuple{field("kinetic_energy",
                            &Energy::kinetic_energy,
                            "[loss]",
                            "mean kinetic energy, and mean excess of the loss"),
                      field("step_square",
                            &Energy::step_square,
                            "[θ]²",
                            "instantaneous speed: mean square of one step, η² var v")};
  }
};

std::tuple<UnderdampedMode,
           PhasePoint,
           PhaseCovariance,
           PhaseCovariance,
           Energy,
           VelocityMemory,
           Displacement,
           CriticalRates>
underdamped(const MomentumInputs& in) {
  const double time = in.learning_rate * in.steps;
  const PhaseCovariance limit = underdamped_stationary(in);
  return {underdamped_mode(in),
          underdamped_mean(in, {in.start_position, in.start_velocity}, time),
          underdamped_covariance(in, time),
          limit,
          Energy{in.curvature * limit.position / 2,
                 in.learning_rate * in.learning_rate * limit.velocity},
          VelocityMemory{velocity_correlation(in, time),
                         velocity_correlation_zero(in) / in.learning_rate},
          underdamped_displacement(in, time),
          critical_rates(in.momentum)};
}

struct DiscreteResults {
  double discrete_factor = 0;
  double velocity_correlation = 0;
  double mean_square_displacement = 0;
  Value displacement_exponent;

  static constexpr auto fields() {
    using S = DiscreteResults;
    return std::tuple{field("discrete_factor",
                            &S::discrete_factor,
                            "1",
                            "what discrete steps multiply variances by"),
                      field("velocity_correlation",
                            &S::velocity_correlation,
                            "1",
                            "stationary autocorrelation of the velocity after the steps"),
                      field("mean_square_displacement",
                            &S::mean_square_displacement,
                            "[θ]²",
                            "stationary mean square displacement"),
                      field("displacement_exponent",
                            &S::displacement_exponent,
                            "1",
                            "logarithmic slope of the displacement in the steps next to these")};
  }
};

std::tuple<PhasePoint,
           PhasePoint,
           PhaseCovariance,
           PhaseCovariance,
           DiscreteResults,
           Energy,
           CriticalRates>
discrete(const MomentumInputs& in) {
  const PhaseCovariance limit = discrete_stationary(in);
  const double displacement = discrete_displacement(in, in.steps);
  const double exponent =
      displacement > 0 ? in.steps * discrete_displacement_growth(in, in.steps) / displacement : 2;
  return {discrete_mean(in, {in.start_position, in.start_velocity}, in.steps),
          half_step_mean(in, in.start_position, in.steps),
          discrete_covariance(in, in.steps),
          limit,
          DiscreteResults{discrete_factor(in),
                          discrete_velocity_correlation(in, in.steps),
                          displacement,
                          value_within(exponent, true)},
          Energy{in.curvature * limit.position / 2,
                 in.learning_rate * in.learning_rate * limit.velocity},
          critical_rates(in.momentum)};
}

Model described(std::string name, std::string title, std::string equation, std::string validity) {
  return {std::move(name),
          std::move(title),
          std::move(equation),
          std::move(validity),
          "limiting-dynamics",
          {},
          {}};
}

}  // namespace

std::vector<CatalogEntry> limiting_dynamics_entries() {
  constexpr Version kHalfStep{"half_step_", " (continuous, half a step on)"};
  return {
      catalog_entry(
          described("underdamped-ou",
                    "SGD with momentum along one eigenvector as an underdamped process",
                    "dθ = v dt,  dv = -(ω²θ + 2γv) dt + √(4γΣ/κ) dW,  t = ηn\n"
                    "γ = (1-β)/(η(1+β)),  ω² = 2h/(η(1+β)),  ζ = γ/ω,  κ = S(1-β²)\n"
                    "var θ = ηΣ/(2S(1-β)h),  var v = Σ/κ,  cov = 0  (n → ∞)\n"
                    "⟨|Δθ|²⟩ = 2 var θ [1 - e^{-γt}(C + γZ)],  C_v = e^{-γt}(C - γZ),\n"
                    "  C, Z = cosh αt, sinh(αt)/α (ζ > 1); 1, t; cos αt, sin(αt)/α (ζ < 1),  α = "
                    "√|γ²-ω²|",
                    "Exact for the continuous process at any time and damping; SGD's own variances "
                    "are 1/(1-ηh/(2(1+β))) times larger (`sgdm-discrete`)."),
          {kPlain, kPlain, kPlain, kStationary, kPlain, kPlain, kPlain, kPlain},
          &underdamped),
      catalog_entry(
          described(
              "sgdm-discrete",
              "SGD with momentum along one eigenvector, step by step",
              "v' = βv - hθ + noise,  θ' = θ + ηv',  noise of variance Σ/S\n"
              "R = 1/(1 - ηh/(2(1+β))):  var θ = RηΣ/(2S(1-β)h),  var v = RΣ/κ,  cov(θ, v) = "
              "(η/2) var v\n"
              "⟨|Δθ|²⟩ = 2[(1 - Mⁿ)P]_θθ,  M = [[1-ηh, ηβ], [-h, β]],  P = MPMᵀ + ggᵀΣ/S,  g "
              "= (η, 1)",
              "Exact for noise that does not depend on θ, while ηh < 2(1+β); a larger learning "
              "rate is refused."),
          {kPlain, kHalfStep, kPlain, kStationary, kPlain, kPlain, kPlain},
          &discrete)};
}

}  // namespace thermoscape::theory
