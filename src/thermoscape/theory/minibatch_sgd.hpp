#pragma once
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/steady_state.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// SGD in one dimension on N examples with gradients g_i = a_i θ - b_i, S drawn a step with
/// replacement:
///   θ' = θ - (λ/S) Σ g_i      D(θ) = var(a) θ² - 2 cov(a, b) θ + var(b)  (over N)
/// Means over the examples in ⟨⟩.
struct LinearExamples {
  std::vector<double> slopes;   ///< a_i [loss]/[θ]², ⟨a⟩ > 0
  std::vector<double> offsets;  ///< b_i [loss]/[θ]
};

/// D(θ) [loss]²/[θ]²; >= 0.
[[nodiscard]] double example_noise(const LinearExamples& examples, double theta);
/// U = ½⟨a⟩θ² - ⟨b⟩θ with that noise, for SteadyState. Where D has a zero (a_i and b_i on a line)
/// SteadyState refuses it.
[[nodiscard]] Landscape example_landscape(const LinearExamples& examples);

/// The stationary state. With μ = ⟨b⟩/⟨a⟩ and T = λ/S:
///   diffusion:  var θ = T D(μ)/(2⟨a⟩) / (1 - T var(a)/(2⟨a⟩))
///   discrete:   var θ = (λ²/S) D(μ) / (1 - (1 - λ⟨a⟩)² - (λ²/S) var(a))
/// both exact for their dynamics; undefined where the variance does not exist (denominator <= 0).
/// Throws Error for lists of unequal length or none, ⟨a⟩ <= 0, learning_rate <= 0 or batch_size
/// < 1. Reference: shift-curvature, Eqs. 9, 12 and A.2.
struct MinibatchSgd {
  double position = 0;
  double gradient_variance = 0;
  Value diffusion_variance;
  Value discrete_variance;

  static constexpr auto fields() {
    using S = MinibatchSgd;
    return std::tuple{
        field("position", &S::position, "[θ]", "mean of θ"),
        field("gradient_variance",
              &S::gradient_variance,
              "[loss]²/[θ]²",
              "variance of the gradient of one example at the mean"),
        field("diffusion_variance", &S::diffusion_variance, "[θ]²", "variance of the diffusion"),
        field("discrete_variance", &S::discrete_variance, "[θ]²", "variance of the steps")};
  }
};
[[nodiscard]] MinibatchSgd minibatch_sgd(const LinearExamples& examples,
                                         double learning_rate,
                                         double batch_size);

}  // namespace thermoscape::theory
