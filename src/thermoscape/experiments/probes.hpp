#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/record/probe.hpp"

namespace thermoscape {

/// One line of `record = [...]`: which probe looks when.
struct RecordSettings {
  std::string probe;
  ScheduleSettings schedule;
  std::int64_t directions = 10;
  std::string parameters = "all";

  static constexpr auto fields() {
    return std::tuple{field("directions",
                            &RecordSettings::directions,
                            "",
                            "projections: number of random directions",
                            Range{1, 1e6}),
                      field("parameters",
                            &RecordSettings::parameters,
                            "",
                            "trajectory: all, layers (layer2.weight), globs or first:end")};
  }
};

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
/// Whether what a probe records stays in streams/ instead of being copied to results.nc.
[[nodiscard]] inline bool stays_in_stream(std::string_view probe) {
  return probe == "trajectory";
}

/// The test part that test_loss and test_accuracy look at; empty if there is none.
template <class Real>
struct TestPart {
  std::shared_ptr<const Objective<Real>> objective;
  std::span<const std::int32_t> labels;
};
/// Whether a probe looks at the test part.
[[nodiscard]] inline bool looks_at_test(std::string_view probe) {
  return probe.starts_with("test_");
}

/// Builds a probe by name for an objective; throws Error for an unknown name or one the objective
/// cannot answer. loss: L on the batch of the step [loss];  gradient_norm_squared: |∇L|² on the
/// same batch; example_losses: ℓ_i of all examples [D];  effective_examples: φ = (Σℓ)²/Σℓ² over all
/// examples; margin: median over examples of z_y - max_{k≠y} z_k;  theta: θ [P];  displacement: |θ
/// - θ_start|;  projections: q_iᵀ(θ - θ_start) on random orthonormal directions q_i drawn from
/// `noise` (stream "projections.directions"), the same for every task that has the same noise;
/// full_loss: L on all examples;  accuracy: share of argmax z = y;  test_loss, test_accuracy: the
/// same on the test part, with the buffers of the state;  virial: θ·∇L on the batch of the
/// step;  full_gradient_norm_squared: |∇L|² on all examples;  gradient_curvature: gᵀHg, g the
/// gradient on the batch of the step and H the Hessian on all examples;  trajectory: θ on
/// settings.parameters (trajectory.hpp).
template <class Real>
[[nodiscard]] Probe<Real> make_probe(const RecordSettings& settings,
                                     const Objective<Real>& objective,
                                     Schedule schedule,
                                     std::span<const std::int32_t> labels,
                                     const Noise& noise,
                                     const TestPart<Real>& test = {});

}  // namespace thermoscape
