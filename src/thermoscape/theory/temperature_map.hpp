#pragma once
#include <tuple>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// SGD with momentum near a minimum: learning rate η, momentum β, batch of S examples drawn with
/// replacement; along one direction the loss has curvature h and the gradients of single examples
/// have variance Σ.
///   θ' = θ - η v',  v' = βv + g
struct SgdNoise {
  double learning_rate = 0.1;
  double momentum = 0;
  double batch_size = 50;
  double gradient_variance = 1;
  double curvature = 1;

  static constexpr auto fields() {
    using S = SgdNoise;
    return std::tuple{
        field("learning_rate", &S::learning_rate, "[θ]²/[loss]", "learning rate", kPositive),
        field("momentum", &S::momentum, "1", "momentum, in PyTorch's convention", kBelowOne),
        field("batch_size", &S::batch_size, "1", "examples in a batch", kPositive),
        field("gradient_variance",
              &S::gradient_variance,
              "[loss]²/[θ]²",
              "variance of the gradient of one example along the direction",
              kNonNegative),
        field("curvature",
              &S::curvature,
              "[loss]/[θ]²",
              "curvature of the loss along the direction, weight decay included",
              kPositive)};
  }
};

/// One temperature in four notations.
///   probe (thermal-probe): dθ = -∇L dt + √(2T) dW, var = T/h.     With noise of the batch   T =
///   ηΣ/(2S(1-β)) active (variance-flatness, Eq. 17): (η/2)⟨|∂δL|²⟩ = ηΣ/(2S), with η/(1-β) for η:
///   the same number noise scale (shift-curvature): λ/S with λ = η/(1-β), which leaves out Σ: T =
///   noise_scale Σ/2 inverse κ (limiting-dynamics): 1/(S(1-β²)), the factor of the covariance of
///   position and velocity
/// Variances along the direction: continuum var θ = T/h and var v = Σ/(S(1-β²)), v = (θ_k -
/// θ_{k-1})/η; in discrete time exactly both are multiplied by R = 1/(1 - ηh/(2(1+β))), which is
/// the Euler-Maruyama factor at β = 0, and E|θ_k - θ_{k-1}|² = η² var v. Undefined unless ηh <
/// 2(1+β).
struct TemperatureMap {
  double probe_temperature = 0;
  double active_temperature = 0;
  double noise_scale = 0;
  double inverse_kappa = 0;
  double continuum_variance = 0;
  double continuum_velocity_variance = 0;
  Value discrete_factor;
  Value discrete_variance;
  Value discrete_velocity_variance;
  Value step_square;

  static constexpr auto fields() {
    using S = TemperatureMap;
    return std::tuple{
        field("probe_temperature",
              &S::probe_temperature,
              "[loss]",
              "temperature of Langevin dynamics with the same spread"),
        field("active_temperature",
              &S::active_temperature,
              "[loss]",
              "half the learning rate times the noise of a batch"),
        field("noise_scale", &S::noise_scale, "[θ]²/[loss]", "learning rate over batch size"),
        field("inverse_kappa",
              &S::inverse_kappa,
              "1",
              "factor of the covariance of position and velocity"),
        field("continuum_variance",
              &S::continuum_variance,
              "[θ]²",
              "variance of the parameter in continuous time"),
        field("continuum_velocity_variance",
              &S::continuum_velocity_variance,
              "[loss]²/[θ]²",
              "variance of the velocity in continuous time"),
        field("discrete_factor",
              &S::discrete_factor,
              "1",
              "what discrete steps multiply variances by"),
        field("discrete_variance", &S::discrete_variance, "[θ]²", "variance of the parameter"),
        field("discrete_velocity_variance",
              &S::discrete_velocity_variance,
              "[loss]²/[θ]²",
              "variance of the velocity"),
        field("step_square", &S::step_square, "[θ]²", "mean square of one step")};
  }
};

/// Throws Error for an input out of range.  Reference: thermal-probe; variance-flatness;
/// shift-curvature; limiting-dynamics, section 4.
[[nodiscard]] TemperatureMap temperature_map(const SgdNoise& noise);

}  // namespace thermoscape::theory
