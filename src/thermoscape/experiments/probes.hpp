#pragma once
#include <span>
#include <string>
#include <vector>

#include "thermoscape/record/probe.hpp"

namespace thermoscape {

/// The names of the built-in probes, as recipes use them.
[[nodiscard]] std::vector<std::string> probe_names();
/// What one looks at and in which unit.
struct ProbePage {
  std::string name;
  std::string axis;  ///< what its numbers are counted by; empty for a scalar
  std::string unit;
  std::string description;
};
[[nodiscard]] std::vector<ProbePage> probe_pages();

/// Builds a probe by name for an objective; throws Error for an unknown name or one the objective
/// cannot answer. loss: L on the batch of the step [loss];  gradient_norm_squared: |∇L|² on the
/// same batch; example_losses: ℓ_i of all examples [D];  effective_examples: φ = (Σℓ)²/Σℓ² over all
/// examples; margin: median over examples of z_y - max_{k≠y} z_k;  theta: θ [P];  displacement: |θ
/// - θ_start|;  full_loss: L on all examples;  accuracy: share of argmax z = y.
template <class Real>
[[nodiscard]] Probe<Real> make_probe(const std::string& name,
                                     const Objective<Real>& objective,
                                     Schedule schedule,
                                     std::span<const std::int32_t> labels);

}  // namespace thermoscape
