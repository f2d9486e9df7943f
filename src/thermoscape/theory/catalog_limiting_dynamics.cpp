#include <cmath>

#include <fmt/format.h>

#include "thermoscape/theory/catalog_entry.hpp"
#include "thermoscape/theory/ou.hpp"
#include "thermoscape/theory/sgd_spectrum.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape::theory {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Version kStationary{"stationary_", " (n → ∞)"};

struct MomentumInputs : SgdNoise {
  double steps = 10;
  double start_position = 1;
  double start_velocity = 0;

  static constexpr auto fields() {
    using S = MomentumInputs;
    return std::tuple_cat(
        SgdNoise::fields(),
        std::tuple{
            field("steps", &S::steps, "steps", "steps from the start", kNonNegative),
            field("start_position", &S::start_position, "[θ]", "position at the start"),
            field("start_velocity", &S::start_velocity, "[loss]/[θ]", "velocity at the start")});
  }
};

struct VelocityMemory {
  double velocity_correlation = 0;
  double velocity_zero = 0;

  static constexpr auto fields() {
    using S = VelocityMemory;
    return std::tuple{
        field("velocity_correlation",
              &S::velocity_correlation,
              "1",
              "stationary autocorrelation of the velocity after the steps"),
        field("velocity_zero", &S::velocity_zero, "steps", "first zero of that autocorrelation")};
  }
};

/// Potential and kinetic energy are equal on average.
struct Energy {
  double kinetic_energy = 0;

  static constexpr auto fields() {
    return std::tuple{field("kinetic_energy",
                            &Energy::kinetic_energy,
                            "[loss]",
                            "mean kinetic energy, and mean excess of the loss")};
  }
};

std::tuple<UnderdampedMode,
           PhasePoint,
           PhaseCovariance,
           PhaseCovariance,
           Energy,
           VelocityMemory,
           Displacement,
           CriticalRates>
underdamped(const MomentumInputs& in) {
  const double time = in.learning_rate * in.steps;
  const PhaseCovariance limit = underdamped_stationary(in);
  return {underdamped_mode(in),
          underdamped_mean(in, {in.start_position, in.start_velocity}, time),
          underdamped_covariance(in, time),
          limit,
          Energy{in.curvature * limit.position / 2},
          VelocityMemory{velocity_correlation(in, time),
                         velocity_correlation_zero(in) / in.learning_rate},
          underdamped_displacement(in, time),
          critical_rates(in.momentum)};
}

struct DiscreteResults {
  double discrete_factor = 0;
  double velocity_correlation = 0;
  double mean_square_displacement = 0;
  double kinetic_energy = 0;

  static constexpr auto fields() {
    using S = DiscreteResults;
    return std::tuple{field("discrete_factor",
                            &S::discrete_factor,
                            "1",
                            "what discrete steps multiply variances by"),
                      field("velocity_correlation",
                            &S::velocity_correlation,
                            "1",
                            "stationary autocorrelation of the velocity after the steps"),
                      field("mean_square_displacement",
                            &S::mean_square_displacement,
                            "[θ]²",
                            "stationary mean square displacement"),
                      field("kinetic_energy",
                            &S::kinetic_energy,
                            "[loss]",
                            "mean kinetic energy, and mean excess of the loss")};
  }
};

std::tuple<PhasePoint, PhasePoint, PhaseCovariance, PhaseCovariance, DiscreteResults, CriticalRates>
discrete(const MomentumInputs& in) {
  const PhaseCovariance limit = discrete_stationary(in);
  return {discrete_mean(in, {in.start_position, in.start_velocity}, in.steps),
          half_step_mean(in, in.start_position, in.steps),
          discrete_covariance(in, in.steps),
          limit,
          DiscreteResults{discrete_factor(in),
                          discrete_velocity_correlation(in, in.steps),
                          discrete_displacement(in, in.steps),
                          in.curvature * limit.position / 2},
          critical_rates(in.momentum)};
}

struct ProcessInputs {
  std::vector<double> drift_matrix = {2.5, -1.5, -1.5, 2.5};
  std::vector<double> diffusion_matrix = {4, 0, 0, 1};
  double inverse_temperature = 1;
  double time = 1;
  double later_time = 2;
  std::vector<double> start = {1};
  double row = 1;
  double column = 1;

  static constexpr auto fields() {
    using S = ProcessInputs;
    return std::tuple{
        field("drift_matrix", &S::drift_matrix, "1/[time]", "drift matrix, row by row"),
        field("diffusion_matrix",
              &S::diffusion_matrix,
              "[x]²/[time]",
              "diffusion matrix, row by row"),
        field("inverse_temperature",
              &S::inverse_temperature,
              "1",
              "what the diffusion matrix is divided by",
              kPositive),
        field("time", &S::time, "[time]", "time from the start", kPositive),
        field("later_time", &S::later_time, "[time]", "second time of a covariance", kNonNegative),
        field("start", &S::start, "[x]", "fixed start; one number stands for all coordinates"),
        field("row", &S::row, "1", "row i of the elements that are given, from 1", kAtLeastOne),
        field("column", &S::column, "1", "column j of those elements, from 1", kAtLeastOne)};
  }
};

struct ProcessElements {
  double lyapunov = 0;
  double rotation = 0;
  double potential = 0;
  double propagator = 0;
  double covariance_element = 0;
  double cross_covariance_element = 0;

  static constexpr auto fields() {
    using S = ProcessElements;
    return std::tuple{
        field("lyapunov", &S::lyapunov, "[x]²", "κ times the stationary covariance"),
        field("rotation", &S::rotation, "[x]²/[time]", "skew-symmetric part of the drift"),
        field("potential", &S::potential, "1/[x]²", "second derivative of the modified potential"),
        field("propagator", &S::propagator, "1", "mean per unit of the start"),
        field("covariance_element",
              &S::covariance_element,
              "[x]²",
              "covariance at the time, from a fixed start"),
        field("cross_covariance_element",
              &S::cross_covariance_element,
              "[x]²",
              "covariance between the two times, from a fixed start")};
  }
};

struct ProcessSummary {
  double irreversibility = 0;
  Value free_energy_excess;
  Value free_energy_rate;

  static constexpr auto fields() {
    using S = ProcessSummary;
    return std::tuple{field("irreversibility",
                            &S::irreversibility,
                            "1",
                            "share of the drift that breaks detailed balance"),
                      field("free_energy_excess",
                            &S::free_energy_excess,
                            "1",
                            "free energy at the time above its minimum"),
                      field("free_energy_rate",
                            &S::free_energy_rate,
                            "1/[time]",
                            "its rate of change, never positive")};
  }
};

MatrixXd square(const std::vector<double>& rows, const char* where) {
  const auto n = static_cast<Index>(std::llround(std::sqrt(static_cast<double>(rows.size()))));
  if (n * n != static_cast<Index>(rows.size())) {
    reject({where,
            fmt::format("{} values", rows.size()),
            "must be the n² elements of a square matrix",
            "row by row: 2,1,-0.5,1"});
  }
  return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      rows.data(), n, n);
}

Index element_index(double index, Index size, const char* where) {
  if (index != std::floor(index) || index > static_cast<double>(size)) {
    reject({where,
            fmt::format("{}", index),
            fmt::format("must be a whole number from 1 to {}", size),
            ""});
  }
  return static_cast<Index>(index) - 1;
}

std::tuple<ProcessElements, ProcessSummary> process(const ProcessInputs& in) {
  const OrnsteinUhlenbeck ou(square(in.drift_matrix, "ou.drift_matrix"),
                             square(in.diffusion_matrix, "ou.diffusion_matrix"),
                             in.inverse_temperature);
  const Index i = element_index(in.row, ou.size(), "ou.row");
  const Index j = element_index(in.column, ou.size(), "ou.column");
  VectorXd start = Eigen::Map<const VectorXd>(in.start.data(), static_cast<Index>(in.start.size()));
  if (start.size() == 1) start = VectorXd::Constant(ou.size(), in.start.front());
  const VectorXd mean = ou.mean(start, in.time);
  const MatrixXd covariance = ou.covariance(in.time);
  return {ProcessElements{ou.lyapunov()(i, j),
                          ou.rotation()(i, j),
                          ou.potential()(i, j),
                          ou.propagator(in.time)(i, j),
                          covariance(i, j),
                          ou.cross_covariance(in.time, in.later_time)(i, j)},
          ProcessSummary{ou.irreversibility(),
                         ou.free_energy_excess(mean, covariance),
                         ou.free_energy_rate(mean, covariance)}};
}

Model described(std::string name, std::string title, std::string equation, std::string validity) {
  return {std::move(name),
          std::move(title),
          std::move(equation),
          std::move(validity),
          "limiting-dynamics",
          {},
          {}};
}

}  // namespace

std::vector<CatalogEntry> limiting_dynamics_entries() {
  constexpr Version kHalfStep{"half_step_", " (continuous, half a step on)"};
  return {
      catalog_entry(
          described("underdamped-ou",
                    "SGD with momentum along one eigenvector as an underdamped process",
                    "dθ = v dt,  dv = -(ω²θ + 2γv) dt + √(4γΣ/κ) dW,  t = ηn\n"
                    "γ = (1-β)/(η(1+β)),  ω² = 2h/(η(1+β)),  ζ = γ/ω,  κ = S(1-β²)\n"
                    "var θ = ηΣ/(2S(1-β)h),  var v = Σ/κ,  cov = 0  (n → ∞)\n"
                    "⟨|Δθ|²⟩ = 2 var θ [1 - e^{-γt}(C + γZ)],  C_v = e^{-γt}(C - γZ),\n"
                    "  C, Z = cosh αt, sinh(αt)/α (ζ > 1); 1, t; cos αt, sin(αt)/α (ζ < 1),  α = "
                    "√|γ²-ω²|",
                    "Exact for the continuous process at any time and damping; SGD's own variances "
                    "are 1/(1-ηh/(2(1+β))) times larger (`sgdm-discrete`)."),
          {kPlain, kPlain, kPlain, kStationary, kPlain, kPlain, kPlain, kPlain},
          &underdamped),
      catalog_entry(
          described(
              "sgdm-discrete",
              "SGD with momentum along one eigenvector, step by step",
              "v' = βv - hθ + noise,  θ' = θ + ηv',  noise of variance Σ/S\n"
              "R = 1/(1 - ηh/(2(1+β))):  var θ = RηΣ/(2S(1-β)h),  var v = RΣ/κ,  cov(θ, v) = "
              "(η/2) var v\n"
              "⟨|Δθ|²⟩ = 2[(1 - Mⁿ)P]_θθ,  M = [[1-ηh, ηβ], [-h, β]],  P = MPMᵀ + ggᵀΣ/S,  g "
              "= (η, 1)",
              "Exact for noise that does not depend on θ, while ηh < 2(1+β); a larger learning "
              "rate is refused."),
          {kPlain, kHalfStep, kPlain, kStationary, kPlain, kPlain},
          &discrete),
      catalog_entry(
          described("ou",
                    "The Ornstein-Uhlenbeck process of any drift and diffusion matrix",
                    "dx = -Ax dt + √(2D/κ) dW,  AB + BAᵀ = 2D\n"
                    "A = (D + Q)U,  U = B^{-1},  Q = AB - D;  Ψ = ½ xᵀUx,  j = -QUx\n"
                    "Cov(x_t, x_s) = κ^{-1}(B - e^{-At}Be^{-Aᵀt}) e^{Aᵀ(t-s)},  t <= s\n"
                    "κ(F - F_ss) = ½[tr κUC - n - ln det κUC + κ mᵀUm],  dF/dt <= 0",
                    "Exact for every A whose eigenvalues have a real part > 0 and D that reaches "
                    "every direction; D may be singular."),
          {kPlain, kPlain},
          &process)};
}

}  // namespace thermoscape::theory
