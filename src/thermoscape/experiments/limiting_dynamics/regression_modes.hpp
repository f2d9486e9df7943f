#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {

/// Random linear regression whose every answer is known, under SGD with momentum.
struct RegressionModesOptions {
  std::int64_t modes = 8;
  std::int64_t examples = 512;
  std::int64_t batch_size = 256;
  double largest_rate = 0.5;
  double smallest_rate = 1e-4;
  std::vector<double> momentum = {0, 0.5, 0.9, 0.99};
  std::vector<double> weight_decay = {0, 2};
  std::int64_t replicas = 64;
  double length = 64;

  static constexpr auto fields() {
    using O = RegressionModesOptions;
    return std::tuple{
        field("modes", &O::modes, "", "inputs, and eigenvalues of the Hessian", Range{2, 1000}),
        field("examples", &O::examples, "", "examples", Range{4, 1e6}),
        field(
            "batch_size", &O::batch_size, "", "examples of a step, with replacement", kAtLeastOne),
        field("largest_rate", &O::largest_rate, "1", "ηh of the stiffest mode", kPositive),
        field("smallest_rate",
              &O::smallest_rate,
              "1",
              "ηh at which the inputs of the softest mode are drawn",
              kPositive),
        field("momentum", &O::momentum, "1", "values of the momentum β", kBelowOne),
        field("weight_decay",
              &O::weight_decay,
              "",
              "values of the weight decay, in units of the softest eigenvalue",
              kNonNegative),
        field("replicas", &O::replicas, "", "independent runs of each setting", Range{2, 1e6}),
        field("length",
              &O::length,
              "",
              "length of a run in relaxation times of the slowest variance",
              kPositive)};
  }
};

/// One mode at one momentum and weight decay.
struct ModeComparison {
  double rate = 0;       ///< ηh, weight decay included
  Estimate position;     ///< simulated ⟨(θ-μ)²⟩ over the exact discrete theory
  Estimate velocity;     ///< simulated ⟨v²⟩ over the same
  double continuum = 0;  ///< var θ in continuous time over the exact one, with the same noise
  double discrete_factor = 0;  ///< R
  double additive = 0;         ///< var θ with the noise at the minimum over the exact one
};
struct RegressionSetting {
  double momentum = 0;
  double weight_decay = 0;   ///< [loss]/[θ]²
  double learning_rate = 0;  ///< [time]
  std::int64_t steps = 0;    ///< of a run that are measured
  std::vector<ModeComparison> modes;
};

/// A momentum beyond the limit of stability: what the theory says and how the run ends.
struct StabilityCheck {
  double momentum = 0;
  Status within = Status::undefined;  ///< of full-batch steps at 0.98 of the bound
  Status beyond = Status::undefined;  ///< at 1.02 of it
  std::string refusal;                ///< the theory's line at 1.02 of it
};

/// Draws x = G √h, G standard normal and h log-spaced over the range asked for, y = Σ_j x_j + ξ;
/// the learning rate puts the stiffest mode, weight decay included, at largest_rate. The theory is
/// that of the recursion with the noise that its own spread makes, Σ(P) of these very examples
/// (theory/regression_moments.hpp); the simulation is the run loop on LinearRegression<double> with
/// momentum, started at the minimum, after 8 relaxation times of the slowest variance. Standard
/// errors from the spread of the replicas alone. `in_parallel(count, work)` calls work(i) for all
/// i. Throws Error if a setting is out of range or its noise too large for a stationary state.
using InParallel = std::function<void(std::size_t, const std::function<void(std::size_t)>&)>;
[[nodiscard]] std::vector<RegressionSetting> regression_modes(const RegressionModesOptions& options,
                                                              const Noise& noise,
                                                              const InParallel& in_parallel);
[[nodiscard]] std::vector<StabilityCheck> stability_checks(const RegressionModesOptions& options,
                                                           const Noise& noise);

}  // namespace thermoscape
