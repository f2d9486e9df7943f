#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/models/minibatch_ensemble.hpp"

namespace thermoscape {

struct DiffusionLimitOptions {
  std::vector<double> learning_rate = {0.05, 0.1, 0.2, 0.4, 0.8};
  std::vector<double> batch_size = {1, 4, 16};
  std::int64_t examples = 100;
  std::int64_t paths = 10000;
  double time = 10;
  std::int64_t snapshots = 10;

  static constexpr auto fields() {
    using O = DiffusionLimitOptions;
    return std::tuple{
        field("learning_rate", &O::learning_rate, "[time]", "learning rates λ", kPositive),
        field("batch_size", &O::batch_size, "", "batch sizes B, whole numbers", kAtLeastOne),
        field("examples", &O::examples, "", "examples N", Range{10, 1e6}),
        field("paths", &O::paths, "", "independent paths", Range{100, 1e7}),
        field("time", &O::time, "[time]", "λn before the first look and between looks", kPositive),
        field("snapshots", &O::snapshots, "", "looks at all paths", Range{1, 1e5})};
  }
};

/// Mean, second and third central moment of positions, and a mean loss, with errors from paths.
struct Cumulants {
  Estimate mean;
  Estimate variance;
  Estimate third;
  Estimate loss;
};

/// One λ and B of one problem: the steps as they are beside the two diffusions of theory.
struct DiffusionPoint {
  double learning_rate = 0;
  double batch_size = 0;
  Status status = Status::ok;
  Cumulants steady;         ///< of long runs of SGD
  Cumulants one_step;       ///< of a single step from a point off the minimum
  double first_kappa = 0;   ///< κ_1 = -λ U' there
  double second_kappa = 0;  ///< κ_2 = λ T D
  double third_kappa = 0;   ///< κ_3 = -λ T² ω_3
  double diffusion_mean = 0;
  double diffusion_variance = 0;  ///< of the steady state of the diffusion
  double diffusion_loss = 0;
  double third_order = 0;        ///< third cumulant with the third Kramers-Moyal term
  double discrete_variance = 0;  ///< exact for the steps, linear problem
  double discrete_third = 0;

  [[nodiscard]] double noise_scale() const { return learning_rate / batch_size; }
};

/// Least squares with one weight: g_i = θ - b_i, b of mean 0, variance 1 and skewness near 2 (N
/// quantiles of the exponential law). Minimum 0, U'' = 1.
[[nodiscard]] CubicExamples linear_problem(std::int64_t examples);
/// Two tied layers, f = θ² x with x = 1/2 and targets y/2: g_i = (θ³ - y_i θ)/2, y of mean 1 and
/// variance 1. Minimum 1, U'' = 1, D = θ²/4, for which θ² of the diffusion has a Gamma law:
///   ρ ∝ θ^{4/T - 2} e^{-2θ²/T},  θ² ~ Gamma(shape 2/T - 1/2, scale T/2)
[[nodiscard]] CubicExamples two_layer_problem(std::int64_t examples);

/// All λ and B, λ running fastest, on the problem.
[[nodiscard]] std::vector<DiffusionPoint> study_diffusion(const CubicExamples& problem,
                                                          bool linear,
                                                          const DiffusionLimitOptions& options,
                                                          const Noise& noise,
                                                          int threads);

}  // namespace thermoscape
