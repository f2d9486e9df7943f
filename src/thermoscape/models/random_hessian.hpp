#pragma once
#include <cstdint>
#include <tuple>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {

/// A random classifier near a point of its loss landscape: N examples over C classes in D
/// parameters with
///   logits z_k^μ ~ N(0, σ_z²),  logit gradients J_k^μ = c_k + E_k^μ,  c ~ N(0, σ_c²), E ~ N(0,
///   σ_E²)
/// Labels: y = argmax p, then round((1 - accuracy) N) examples drawn at random take a wrong class
/// uniformly. (The paper leaves the labels open; this is the choice of its reference values.)
struct RandomHessian {
  std::int64_t examples = 300;
  std::int64_t classes = 10;
  std::int64_t parameters = 1000;
  double logit_deviation = 15;
  double shared_deviation = 0.0316227766016838;    // 1/√D
  double residual_deviation = 0.0221359436211787;  // 0.7/√D
  double accuracy = 0.95;

  static constexpr auto fields() {
    using S = RandomHessian;
    return std::tuple{field("examples", &S::examples, "1", "examples", kAtLeastOne),
                      field("classes", &S::classes, "1", "classes", Range{2, kInfinity}),
                      field("parameters", &S::parameters, "1", "parameters", kAtLeastOne),
                      field("logit_deviation",
                            &S::logit_deviation,
                            "1",
                            "standard deviation of the logits",
                            kNonNegative),
                      field("shared_deviation",
                            &S::shared_deviation,
                            "1/[θ]",
                            "standard deviation of the entries of the shared logit gradients",
                            kNonNegative),
                      field("residual_deviation",
                            &S::residual_deviation,
                            "1/[θ]",
                            "standard deviation of the entries of the residuals",
                            kNonNegative),
                      field("accuracy",
                            &S::accuracy,
                            "1",
                            "share of the examples whose label is their likeliest class",
                            kUnitInterval)};
  }
};

/// One draw; shapes as in softmax_hessian.hpp.
struct RandomHessianDraw {
  Matrix probabilities;  ///< [C, N]
  Matrix shared;         ///< c [D, C]
  Matrix jacobian;       ///< c + E [D, C N]
  std::vector<std::int64_t> labels;
};

/// Draw number `draw`, a pure function of (model, noise, draw). Streams "random-hessian.logits",
/// ".shared", ".residual", ".examples", ".labels".
/// Throws Error for a parameter out of range.
[[nodiscard]] RandomHessianDraw sample(const RandomHessian& model,
                                       const Noise& noise,
                                       std::uint64_t draw);

/// The C + 1 largest eigenvalues λ_1 >= λ_2 ... of H and what the paper reads off them:
///   gradient_share   Σ_{i<=C} (g·v_i)²/|g|²
///   outlier_gap      λ_{C-1}/λ_C, the gap above the bulk (H has C - 1 outliers)
///   bulk_gap         λ_C/λ_{C+1}
///   trace_over_norm  tr H/‖H‖_F
struct RandomHessianSpectrum {
  Vector eigenvalues;  ///< [min(C + 1, D)], descending
  double gradient_share = 0;
  double outlier_gap = 0;
  double bulk_gap = 0;
  double trace_over_norm = 0;
  double trace = 0;
  double max_probability = 0;  ///< mean over the examples
};

/// Eigenpairs by Lanczos to 1e-10 of λ_1, dense below D = 100. Needs D > C.
/// Throws Error for D <= C. Cost D² C N to form H.
[[nodiscard]] RandomHessianSpectrum spectrum(const RandomHessianDraw& draw);

/// Means and standard errors over `draws` >= 2 independent draws.
struct RandomHessianAverages {
  Estimate gradient_share;
  Estimate outlier_gap;
  Estimate bulk_gap;
  Estimate trace_over_norm;
  Estimate trace;
  Estimate top_eigenvalue;
  Estimate max_probability;

  static constexpr auto fields() {
    using S = RandomHessianAverages;
    return std::tuple{
        field("gradient_share",
              &S::gradient_share,
              "1",
              "share of the gradient's power in the top C eigenvectors"),
        field("outlier_gap", &S::outlier_gap, "1", "eigenvalue C-1 over eigenvalue C"),
        field("bulk_gap", &S::bulk_gap, "1", "eigenvalue C over eigenvalue C+1"),
        field("trace_over_norm", &S::trace_over_norm, "1", "trace over Frobenius norm"),
        field("trace", &S::trace, "1/[θ]²", "trace of the Hessian"),
        field("top_eigenvalue", &S::top_eigenvalue, "1/[θ]²", "largest eigenvalue"),
        field("max_probability", &S::max_probability, "1", "mean largest class probability")};
  }
};
/// The same for any number of threads >= 1.
[[nodiscard]] RandomHessianAverages average_spectrum(const RandomHessian& model,
                                                     const Noise& noise,
                                                     std::int64_t draws,
                                                     int threads = 1);

}  // namespace thermoscape
