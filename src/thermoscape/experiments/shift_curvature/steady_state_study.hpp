#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/theory/basin_mixture.hpp"
#include "thermoscape/theory/steady_state.hpp"

namespace thermoscape {

/// A one-dimensional train loss, its noise, and how it is looked at. The loss is a figure of the
/// paper, a sum of basins, or a polynomial; the test loss is U(θ + shift).
struct SteadyStateOptions {
  std::string figure;
  std::string form = "density";
  std::vector<double> minima;
  std::vector<double> weights;
  std::vector<double> sigmas;
  double background = 1e-3;
  std::vector<double> polynomial;
  std::vector<double> noise = {1};
  double shift = 0.1;
  double low = -3;
  double high = 3;
  std::vector<double> temperatures;
  std::int64_t paths = 10000;
  double time_step = 5e-3;
  double duration = 20;
  std::int64_t cells = 4000;
  double escape_from = 0;
  double escape_temperature = 0;
  double escape_time = 100;

  static constexpr auto fields() {
    using S = SteadyStateOptions;
    return std::tuple{
        field("figure", &S::figure, "", "4L, 4R, 6L or 6R: basins and shift of that figure"),
        field("form", &S::form, "", "density: U = cθ² - Σ wN; log-density: U = -ln(c + Σ wN)"),
        field("minima", &S::minima, "[θ]", "centres of the basins"),
        field("weights", &S::weights, "[loss]·[θ]", "weights of the basins", kPositive),
        field("sigmas", &S::sigmas, "[θ]", "widths of the basins", kPositive),
        field("background", &S::background, "1", "c", kPositive),
        field("polynomial", &S::polynomial, "", "U = Σ a_k θ^k in place of basins: a_0, a_1, ..."),
        field("noise", &S::noise, "", "D = Σ d_k θ^k > 0: d_0, d_1, ..."),
        field("shift", &S::shift, "[θ]", "by which the train loss lies right of the test loss"),
        field("low", &S::low, "[θ]", "lower reflecting end"),
        field("high", &S::high, "[θ]", "upper reflecting end"),
        field("temperatures", &S::temperatures, "[time]", "T = λ/S, increasing", kPositive),
        field("paths", &S::paths, "1", "paths of the simulation", Range{100, kInfinity}),
        field("time_step", &S::time_step, "[time]", "of the simulation", kPositive),
        field("duration", &S::duration, "[time]", "of each simulation", kPositive),
        field("cells", &S::cells, "1", "cells of the Fokker-Planck equation", Range{10, 1e7}),
        field("escape_from", &S::escape_from, "[θ]", "where the paths start that leave a basin"),
        field("escape_temperature",
              &S::escape_temperature,
              "[time]",
              "T of those paths; 0 for none",
              kNonNegative),
        field("escape_time", &S::escape_time, "[time]", "how long they are followed", kPositive)};
  }
};

/// Cells of the density that paths are drawn from: no basin may be narrower than two of them.
inline constexpr std::size_t kSteadyCells = 20000;

/// The landscape of the options, with reflecting ends and the points between which no basin hides.
struct SteadyGround {
  theory::Landscape landscape;
  std::vector<double> breaks;
  double shift = 0;
  bool constant_noise = true;
  std::vector<double> polynomial;  ///< as in the options
};
/// Throws Error, naming `where`, for options that do not go together, a D that is not positive
/// between the ends, or a temperature that no grid resolves.
[[nodiscard]] SteadyGround steady_ground(const SteadyStateOptions& options,
                                         const std::string& where);

/// Averages of one temperature by one way of getting them.
struct SteadyAverages {
  std::vector<Estimate> probabilities;  ///< of the basins of v, left to right
  Estimate train_loss;
  Estimate test_loss;
};

struct SteadyPoint {
  double temperature = 0;
  std::vector<double> bounds;  ///< of the basins of the exact state
  SteadyAverages exact;        ///< quadrature; standard errors 0
  SteadyAverages mixture;      ///< Gaussian basins, Eq. 4 with bias and covariance
  Estimate depth_and_shift;    ///< Eq. 8: the two terms the paper keeps
  SteadyAverages density;      ///< Fokker-Planck from a flat start; not_converged: not relaxed
  double relaxation = 0;       ///< time it took [time]
  SteadyAverages paths;        ///< simulation from the exact state: it must stay there
  double end_density = 0;      ///< ρ at an end over the largest ρ
  std::vector<theory::Basin> basins;
  std::vector<double> centres;    ///< of the histogram of the paths
  std::vector<double> histogram;  ///< [1/θ]
  std::vector<double> histogram_error;
  std::vector<double> exact_density;    ///< mean of ρ over each bin
  std::vector<double> mixture_density;  ///< Σ w_k N(μ_k, Σ_k) at the centres
};
/// Every temperature alone: a pure function of its arguments.
[[nodiscard]] SteadyPoint steady_point(const SteadyGround& ground,
                                       const SteadyStateOptions& options,
                                       double temperature,
                                       const Noise& noise);

/// The share of paths beyond the first barrier that face each other: the equation against the
/// simulation, from a narrow Gaussian at options.escape_from.
struct EscapeCurve {
  std::vector<double> time;
  std::vector<double> density;  ///< share still on the side of the start, Fokker-Planck
  std::vector<Estimate> paths;  ///< the same of the simulation
  double barrier = 0;           ///< where the sides part [θ]
};
/// Throws Error if v has no maximum next to the start.
[[nodiscard]] EscapeCurve escape_curve(const SteadyGround& ground,
                                       const SteadyStateOptions& options,
                                       const Noise& noise);

/// Weights of the minima of a polynomial loss with D = 1 by the order of each: the first derivative
/// that does not vanish, of even order J. Empty for other landscapes.
struct OrderedBasin {
  double minimum = 0;
  int order = 2;
  double derivative = 0;  ///< ∂^J U > 0
};
[[nodiscard]] std::vector<OrderedBasin> ordered_basins(const SteadyGround& ground,
                                                       const theory::SteadyState& state);

}  // namespace thermoscape
