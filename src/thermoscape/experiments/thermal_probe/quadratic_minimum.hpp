#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"
#include "thermoscape/experiments/thermal_probe/stiff_modes.hpp"
#include "thermoscape/theory/quadratic.hpp"

namespace thermoscape {

struct QuadraticMinimumOptions {
  double rank_tolerance = 1e-9;
  std::int64_t snapshots = 200;

  static constexpr auto fields() {
    using O = QuadraticMinimumOptions;
    return std::tuple{field("rank_tolerance",
                            &O::rank_tolerance,
                            "",
                            "an eigenvalue below this times the first counts as 0",
                            kPositive),
                      field("snapshots",
                            &O::snapshots,
                            "1",
                            "θ of each window at which the stiff modes are found",
                            Range{16, 1e6})};
  }
};

/// The minimum that a group of tasks starts from.
struct Minimum {
  StiffModes modes;
  double loss = 0;
  double residual = 0;  ///< of the Hessian against the Gauss-Newton matrix
  /// All eigenvalues of both, largest first; empty without outputs or above 2000 parameters.
  std::vector<double> gauss_newton;
  std::vector<double> hessian;
};

/// Eigenvalues above `tolerance` times the first.
[[nodiscard]] std::int64_t numerical_rank(const std::vector<double>& falling, double tolerance);
/// Mean rank of the minima, by their stiff modes.
[[nodiscard]] Estimate mean_rank(const std::vector<Minimum>& minima);

/// One temperature of one minimum against the theory of its stiff modes. The energy of a mode is
/// that of the modes at the same θ, e_i = (v_i·∇L)²/k_i = k_i q_i², since directions turn as the
/// soft ones diffuse.
struct PointMinimum {
  std::vector<double> energies;       ///< ⟨e_i⟩/T, 1 in equilibrium
  std::vector<double> energy_errors;  ///< their standard errors
  Estimate entropy;  ///< Σ ½ ln(2πe⟨e_i⟩/k_i), ln k_i averaged over the window, θ0 = 1
  Estimate fixed_excess;  ///< ½⟨ln(k⟨q²⟩/T)⟩ of q along the directions of the start: 0 if these did
                          ///< not turn
  double entropy_formula = 0;
  Estimate trace;  ///< ⟨Σk_i⟩ [loss/θ²]
  theory::EulerMaruyamaLoss loss;
  double half_time = 0;        ///< predicted [time]
  double predicted_mean = 0;   ///< that of `loss`
  double predicted_shape = 0;  ///< α of `loss`
};

/// Everything at one temperature, means over the minima.
struct QuadraticRow {
  const SweepPoint* point = nullptr;
  std::vector<PointMinimum> minima;

  template <class F>
  [[nodiscard]] Estimate mean(F&& of) const {
    std::vector<Estimate> members;
    for (const PointMinimum& one : minima) members.push_back(of(one));
    return analysis::combine(members, {.exclude_not_ok = false}).estimate;
  }
  [[nodiscard]] double predicted(double PointMinimum::*of) const {
    double sum = 0;
    for (const PointMinimum& one : minima) sum += one.*of;
    return sum / static_cast<double>(minima.size());
  }
};

/// The minimum at which `task` starts: the first θ that it records. Throws Error as stiff_modes.
[[nodiscard]] Minimum minimum_of(const RunView& view, std::size_t task, double tolerance);

/// The modes at snapshots of the windows of the replicas that start from `minimum`, and what theory
/// makes of its stiffnesses. Errors by jackknife over stretches of the windows, those of the trace
/// from the replicas. Cost: stiff_modes and a gradient a snapshot.
[[nodiscard]] PointMinimum against_modes(const RunView& view,
                                         const SweepPoint& point,
                                         const std::vector<ReplicaStatistics>& replicas,
                                         const Minimum& minimum,
                                         const QuadraticMinimumOptions& options);

/// Every number of the comparison at its temperature; and of all temperatures, taken in each
/// minimum by itself and averaged over the minima, whose spread is the error: a minimum is common
/// to all its temperatures.
[[nodiscard]] std::vector<Finding> quadratic_findings(const std::vector<QuadraticRow>& rows,
                                                      const std::vector<Minimum>& minima);

/// S(T) - S(T_1) = ∫dμ/T = [μ/T] + ∫(μ/T) d ln T by the trapezoidal rule, exact where μ ∝ T, for
/// rows in order of T. The errors of the temperatures are taken as independent.
[[nodiscard]] std::vector<Estimate> integrated_entropy(const std::vector<QuadraticRow>& rows);

}  // namespace thermoscape
