#pragma once
#include <string>
#include <vector>

#include "thermoscape/analysis/displacement.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/experiments/limiting_dynamics/definitions.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

struct DisplacementStudyOptions {
  analysis::DisplacementOptions displacement;
  double skip = 0;
  bool theory = true;
  std::string definitions = "corrected";

  static constexpr auto fields() {
    using O = DisplacementStudyOptions;
    return std::tuple{
        field(
            "skip", &O::skip, "", "part of the phase that is left out at its start", kUnitInterval),
        field("theory",
              &O::theory,
              "",
              "hold it against the modes of the Hessian at the last θ (at most 3,000 parameters)"),
        definitions_field(&O::definitions)};
  }
};

/// A fitted exponent of the displacement from the start, and over which steps.
struct FittedExponent {
  std::string rule;  ///< all, last_two_thirds, second_epoch, last_half
  double first = 0;  ///< [steps]
  double last = 0;
  Estimate measured;
  double exact = 0;  ///< of the exact discrete theory over the same steps; 0 without theory
};

/// How one task moved, and what theory says of its modes. Lags and steps count steps of the rule.
struct TaskDisplacement {
  Coordinates where;
  std::string label;
  double every = 1;  ///< steps between looks
  analysis::MultiOrigin origins;
  std::vector<double> lags;        ///< [steps]
  std::vector<double> from_start;  ///< |θ_k - θ_0|² at each look
  std::vector<FittedExponent> exponents;
  std::vector<double> range_end;       ///< [steps] last step of fits that begin at the first look
  std::vector<double> range_exponent;  ///< c over them
  std::vector<double> range_exact;     ///< the same of the theory
  std::vector<double> continuous;      ///< theory at the lags; empty without
  std::vector<double> continuous_exponent;
  std::vector<double> exact;
  std::vector<double> exact_exponent;
  Estimate drift_share;  ///< of ⟨|Δθ|²⟩ over a stretch of the bootstrap
  Estimate step_square;  ///< ⟨|θ_{k+1} - θ_k|²⟩; undefined unless every step was recorded
  double step_square_exact = 0;
  double step_square_continuous = 0;  ///< η² tr Σ/(S(1-β²))
  std::int64_t negative_modes = 0;
  std::string reason;  ///< why there is no theory; empty if there is
};

/// Of a task that records `trajectory` at equal steps, with all parameters. The theory takes
/// learning rate, momentum and weight decay of its rule (sgd or momentum, else it is left out), the
/// batch with its replacement factor, and the modes at the last θ. `noise` draws the bootstrap.
[[nodiscard]] TaskDisplacement task_displacement(const RunView& view,
                                                 std::size_t task,
                                                 const DisplacementStudyOptions& options,
                                                 const Noise& noise);

}  // namespace thermoscape
