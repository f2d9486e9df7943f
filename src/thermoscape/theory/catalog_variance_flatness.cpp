#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/catalog_entry.hpp"
#include "thermoscape/theory/mini_loss_landscape.hpp"
#include "thermoscape/theory/window_variance.hpp"

namespace thermoscape::theory {

namespace {

struct MiniLossInputs {
  std::vector<double> mean_curvature = {6, 5, 3, 1};
  std::vector<double> curvature_deviation = {1.5, 1.2, 0.7, 0.25};
  std::vector<double> centre_deviation = {0.1, 0.12, 0.15, 0.3};
  double coupling_deviation = 0.8;
  double drift_centre = 0.35;
  double mode = 2;
  double displacement = 0.4;
  double loss = 0.02;
  double loss_deviation = 0.008;
  double learning_rate = 0.1;
  double temperature = 1e-4;

  static constexpr auto fields() {
    using S = MiniLossInputs;
    return std::tuple{
        field("mean_curvature",
              &S::mean_curvature,
              "1/[θ]²",
              "mean curvature of ln L of a minibatch, one value a mode"),
        field("curvature_deviation",
              &S::curvature_deviation,
              "1/[θ]²",
              "its standard deviation, one value a mode",
              kNonNegative),
        field("centre_deviation",
              &S::centre_deviation,
              "[θ]",
              "standard deviation of the minimum of a minibatch, one value a mode",
              kNonNegative),
        field("coupling_deviation",
              &S::coupling_deviation,
              "1/[θ]²",
              "standard deviation of the curvature that couples two modes",
              kNonNegative),
        field("drift_centre", &S::drift_centre, "[θ]", "mean minimum along mode 1"),
        field("mode", &S::mode, "1", "the mode that is answered for, from 1", kAtLeastOne),
        field("displacement", &S::displacement, "[θ]", "displacement along the mode"),
        field("loss", &S::loss, "[loss]", "mean loss of a minibatch", kPositive),
        field("loss_deviation",
              &S::loss_deviation,
              "[loss]",
              "standard deviation of the loss of a minibatch",
              kNonNegative),
        field("learning_rate", &S::learning_rate, "[θ]²/[loss]", "learning rate", kPositive),
        field("temperature",
              &S::temperature,
              "[loss]",
              "temperature of the equilibrium that is compared",
              kPositive)};
  }
};

struct ModeShape {
  double overall_curvature = 0;
  Value flatness;
  Value log_mean_loss;
  Value recentred_variance;

  static constexpr auto fields() {
    using S = ModeShape;
    return std::tuple{
        field("overall_curvature",
              &S::overall_curvature,
              "1/[θ]²",
              "curvature of ln L of the overall loss"),
        field("flatness", &S::flatness, "[θ]", "width of the overall loss below e L0"),
        field("log_mean_loss", &S::log_mean_loss, "1", "ln L/L0 at the displacement, exact"),
        field("recentred_variance",
              &S::recentred_variance,
              "[θ]²",
              "variance of the minimum along the mode, for σ_M << M0")};
  }
};

struct ModeMotion {
  double mean_step = 0;
  double diffusion = 0;
  double active_temperature = 0;
  Value relaxation_time;
  Value stationary_variance;
  Value equilibrium_variance;

  static constexpr auto fields() {
    using S = ModeMotion;
    return std::tuple{
        field("mean_step", &S::mean_step, "[θ]", "mean step of SGD at the origin"),
        field("diffusion", &S::diffusion, "[θ]²", "mean square of that step"),
        field("active_temperature",
              &S::active_temperature,
              "[loss]",
              "half the learning rate times the gradient noise"),
        field("relaxation_time", &S::relaxation_time, "1", "steps until the mode relaxes"),
        field("stationary_variance",
              &S::stationary_variance,
              "[θ]²",
              "mean square about the mean minimum in the stationary state of SGD"),
        field("equilibrium_variance",
              &S::equilibrium_variance,
              "[θ]²",
              "variance of equilibrium at the temperature in a minimum as flat")};
  }
};

MiniLossEnsemble ensemble_of(const MiniLossInputs& in) {
  const auto vector = [](const std::vector<double>& x) {
    return Vector(Eigen::Map<const Vector>(x.data(), static_cast<Eigen::Index>(x.size())));
  };
  const auto n = static_cast<Eigen::Index>(in.mean_curvature.size());
  if (in.mode != std::floor(in.mode) || in.mode > static_cast<double>(n)) {
    reject({"mini-loss-landscape.mode",
            fmt::format("{}", in.mode),
            fmt::format("must be a whole number from 1 to {}", n),
            ""});
  }
  return {vector(in.mean_curvature),
          vector(in.curvature_deviation),
          vector(in.centre_deviation),
          Matrix::Constant(n, n, in.coupling_deviation),
          in.drift_centre};
}

std::tuple<ModeShape, ModeMotion> mini_loss_landscape(const MiniLossInputs& in) {
  const MiniLossEnsemble ensemble = ensemble_of(in);
  const auto mode = static_cast<Eigen::Index>(in.mode) - 1;
  const MiniLossNoise noise{in.loss, in.loss_deviation, in.learning_rate};
  const double curvature = overall_curvature(ensemble)[mode];
  const Value flatness = value_within(std::sqrt(8 / curvature), true);
  const MiniLossSteps steps = mini_loss_steps(ensemble, noise);
  const StationarySpread spread = stationary_spread(ensemble, noise);
  ModeMotion motion;
  motion.mean_step = steps.mean_step[mode];
  motion.diffusion = steps.step_square[mode];
  motion.active_temperature = steps.temperature[mode];
  motion.relaxation_time = value_within(steps.relaxation[mode], steps.relaxation[mode] > 0);
  if (spread.status == Status::ok) {
    motion.stationary_variance = value_within(spread.second_moment[mode], true);
  }
  if (flatness.status == Status::ok) {
    motion.equilibrium_variance =
        value_within(equilibrium_variance(in.temperature, flatness.value, in.loss), true);
  }
  return {ModeShape{curvature,
                    flatness,
                    log_mean_loss(ensemble, mode, in.displacement),
                    centre_variance(ensemble, mode).corrected},
          motion};
}

std::tuple<WindowVariance> window(const Window& in) {
  return {window_variance(in)};
}

}  // namespace

std::vector<CatalogEntry> variance_flatness_entries() {
  return {
      catalog_entry(
          Model{
              "mini-loss-landscape",
              "The random landscape of minibatch losses",
              "L^μ = L^μ_min exp[½ (θ-θ^μ)ᵀM^μ(θ-θ^μ)],  M_ii ~ N(M0, σ_M²),  M_ij ~ N(0, σ_ij²)\n"
              "θ^μ_i ~ N(0, σ_θ²), mean θ1⁰ along mode 1\n"
              "M_ii = M0 + σ_θ²(M0² + σ_M²) + Σ_j σ_ij²⟨θ_j²⟩ (+ σ_M²θ1⁰² for mode 1),  "
              "F = √(8/M_ii)\n"
              "D = ⟨v²⟩ = α²⟨L0²⟩[(M0² + σ_M²)⟨θ_i²⟩ + Σ_j σ_ij²⟨θ_j²⟩],  T_act = var v/(2α),  "
              "τ = 1/(αL0M0)\n"
              "stationary: the fixed point of the second moments;  equilibrium: T F²/(8 L0)",
              "Exact for the ensemble; ln L/L0 exists for displacements below 1/(σ_θσ_M) and "
              "1/(σ_ijσ_θ,j). A window variance is ∝ D while the window is short beside τ.",
              "variance-flatness",
              {},
              {}},
          {kPlain, kPlain},
          &mini_loss_landscape),
      catalog_entry(
          Model{"window-variance",
                "The variance of a direction in a window of n steps",
                "x_{t+1} = φ x_t + ξ_t,  var ξ = q;  σ² = E (1/n) Σ (x_t - x̄)²\n"
                "random walk: q(n²-1)/(6n)\n"
                "stationary: q/(1-φ²) [1 - 1/n - (2/n) Σ_{k<n} (1-k/n) φ^k]  ->  q/(1-φ²)",
                "Exact.",
                "variance-flatness",
                {},
                {}},
          {kPlain},
          &window)};
}

}  // namespace thermoscape::theory
