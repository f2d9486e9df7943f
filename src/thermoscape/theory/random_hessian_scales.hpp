#pragma once
#include <tuple>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The random model of Hessian and gradient: logits z_k ~ N(0, σ_z²) over C classes, logit
/// gradients J_k = c_k + E_k in D parameters with c ~ N(0, σ_c²) shared by all examples and E ~
/// N(0, σ_E²).
struct RandomHessianScales {
  double logit_deviation = 15;
  double classes = 10;
  double parameters = 1000;
  double shared_deviation = 0.0316227766016838;    // 1/√D
  double residual_deviation = 0.0221359436211787;  // 0.7/√D

  static constexpr auto fields() {
    using S = RandomHessianScales;
    return std::tuple{
        field("logit_deviation",
              &S::logit_deviation,
              "1",
              "standard deviation of the logits",
              Range{0, 1e6}),
        field("classes", &S::classes, "1", "number of classes, a whole number", Range{2, 1e6}),
        field("parameters", &S::parameters, "1", "number of parameters", kPositive),
        field("shared_deviation",
              &S::shared_deviation,
              "1/[θ]",
              "standard deviation of the entries of the shared logit gradients",
              kPositive),
        field("residual_deviation",
              &S::residual_deviation,
              "1/[θ]",
              "standard deviation of the entries of the residuals",
              kNonNegative)};
  }
};

/// Limits of many examples N; with P = E(diag p - ppᵀ):
///   outliers            C - 1, since P·1 = 0 whatever the lengths of c_k (the paper's C cannot be)
///   class_eigenvalue    λ_P = (1 - EΣp²)/(C-1), C-1 fold; 1/C at σ_z = 0
///   hessian_trace       E tr H = D(σ_c² + σ_E²)(1 - EΣp²)
///   top_eigenvalue      D σ_c² λ_P, before the spread of finite N and D
///   trace_over_norm     tr H/‖H‖_F -> (1 + σ_E²/σ_c²) √(C-1) for N, D -> ∞, whatever σ_z
///   clustering          q_SL = σ_c²/(σ_c² + σ_E²), which is also the typical share of the gradient
///                       power in the span of c
/// Throws Error for an input out of range.  Reference: local-geometry, sections 3.2-4.
struct RandomHessianLimits {
  double outliers = 0;
  double class_eigenvalue = 0;
  double hessian_trace = 0;
  double top_eigenvalue = 0;
  double trace_over_norm = 0;
  double clustering = 0;

  static constexpr auto fields() {
    using S = RandomHessianLimits;
    return std::tuple{
        field("outliers", &S::outliers, "1", "eigenvalues outside the bulk"),
        field("class_eigenvalue",
              &S::class_eigenvalue,
              "1",
              "eigenvalue of the mean curvature in the logits"),
        field("hessian_trace", &S::hessian_trace, "1/[θ]²", "mean trace of the Hessian"),
        field("top_eigenvalue", &S::top_eigenvalue, "1/[θ]²", "scale of the outliers"),
        field("trace_over_norm",
              &S::trace_over_norm,
              "1",
              "trace of the Hessian over its Frobenius norm"),
        field("clustering", &S::clustering, "1", "mean cosine between gradients of one logit")};
  }
};
[[nodiscard]] RandomHessianLimits random_hessian_limits(const RandomHessianScales& scales);

/// Where the top eigenvalue peaks as training raises σ_z, for σ_c² ∝ σ_z^{2a} at fixed σ_E/σ_c:
///   argmax over σ_z of σ_z^{2a} E(1 - Σp²)
/// A peak exists for 0 < 2a < 1, since E(1 - Σp²) ∝ 1/σ_z for large σ_z; undefined else, and where
/// it lies beyond σ_z = 1e5. The paper prints no schedule: the form is a choice.
/// Throws Error unless C is a whole number >= 2 and a is finite.
[[nodiscard]] Value top_eigenvalue_peak(double classes, double growth_exponent);

}  // namespace thermoscape::theory
