#include "thermoscape/experiments/thermal_probe/quadratic_minimum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

/// Sums over the snapshots of one stretch of a window.
struct ModeSums {
  Vector energy;     ///< Σ e_i
  Vector logarithm;  ///< Σ ln k_i
  Vector square;     ///< Σ q_i², along the directions of the start
  double count = 0;

  void add(const ModeSums& other, double sign) {
    energy += sign * other.energy;
    logarithm += sign * other.logarithm;
    square += sign * other.square;
    count += sign * other.count;
  }
};

double entropy_of(const ModeSums& sums) {
  double total = 0;
  for (Eigen::Index i = 0; i < sums.energy.size(); ++i) {
    total += 0.5 * (std::log(2 * std::numbers::pi * std::numbers::e * sums.energy[i] / sums.count) -
                    sums.logarithm[i] / sums.count);
  }
  return total;
}

}  // namespace

Minimum minimum_of(const RunView& view, std::size_t task, double tolerance) {
  const Recorded theta = view.recorded(task, "theta");
  const std::span<const double> start = theta.values.span().subspan(0, theta.width);
  const auto objective = view.objective(task);
  StiffModes modes = stiff_modes(*objective, start, tolerance);
  Minimum minimum;
  minimum.residual = gauss_newton_residual(*objective, start, modes);
  minimum.modes = std::move(modes);
  minimum.loss = objective->loss(start, Batch{});
  constexpr std::int64_t kLargest = 2000;
  if (objective->outputs() > 0 && objective->parameters() <= kLargest) {
    for (const auto& [term, out] : {std::pair{HessianTerm::gauss_newton, &minimum.gauss_newton},
                                    std::pair{HessianTerm::full, &minimum.hessian}}) {
      *out = hessian_spectrum(*objective, start, Batch{}, term).eigenvalues;
      std::reverse(out->begin(), out->end());
    }
  }
  return minimum;
}

std::int64_t numerical_rank(const std::vector<double>& falling, double tolerance) {
  return std::count_if(
      falling.begin(), falling.end(), [&](double x) { return x > tolerance * falling.front(); });
}

Estimate mean_rank(const std::vector<Minimum>& minima) {
  std::vector<Estimate> ranks;
  for (const Minimum& one : minima)
    ranks.push_back({static_cast<double>(one.modes.stiffness.size()), 0, Status::ok});
  return analysis::combine(ranks).estimate;
}

PointMinimum against_modes(const RunView& view,
                           const SweepPoint& point,
                           const std::vector<R>& replicas,
                           const Minimum& minimum,
                           const QuadraticMinimumOptions& options) {
  constexpr std::size_t kStretches = 8;
  const Eigen::Index rank = minimum.modes.directions.cols();
  const ModeSums empty{Vector::Zero(rank), Vector::Zero(rank), Vector::Zero(rank), 0};
  std::vector<ModeSums> stretches;
  std::vector<Estimate> traces;
  const auto objective = view.objective(replicas.front().task);
  for (const R& replica : replicas) {
    const Recorded theta = view.recorded(replica.task, "theta");
    const auto row = [&](std::size_t i) {
      return theta.values.span().subspan(i * theta.width, theta.width);
    };
    const Eigen::Map<const Vector> start(row(0).data(), static_cast<Eigen::Index>(theta.width));
    const auto [first, last] = window_of(theta, point.from, point.to);
    const std::size_t looks = std::min(last - first, static_cast<std::size_t>(options.snapshots));
    const std::size_t base = stretches.size();
    stretches.insert(stretches.end(), std::min(kStretches, looks), empty);
    std::vector<double> sums;
    Vector gradient(static_cast<Eigen::Index>(theta.width));
    for (std::size_t look = 0; look < looks; ++look) {
      const std::size_t i = first + look * (last - first) / looks;
      const StiffModes modes = stiff_modes(*objective, row(i), options.rank_tolerance);
      sums.push_back(std::accumulate(modes.stiffness.begin(), modes.stiffness.end(), 0.0));
      if (modes.directions.cols() < rank) continue;  // a stiffness fell below the tolerance here
      (void)objective->loss_gradient(row(i), Batch{}, {gradient.data(), theta.width});
      const Eigen::Map<const Vector> at(row(i).data(), static_cast<Eigen::Index>(theta.width));
      const Eigen::Map<const Vector> stiffness(modes.stiffness.data(), rank);
      ModeSums& sum = stretches[base + look * std::min(kStretches, looks) / looks];
      sum.energy += (modes.directions.leftCols(rank).transpose() * gradient)
                        .cwiseAbs2()
                        .cwiseQuotient(stiffness);
      sum.logarithm += stiffness.array().log().matrix();
      sum.square += (minimum.modes.directions.transpose() * (at - start)).cwiseAbs2();
      sum.count += 1;
    }
    traces.push_back(analysis::blocking(sums).mean);
    // Replicas carry the error where the window is short for its own.
    if (replicas.size() > 1 && traces.back().status == Status::too_short)
      traces.back().status = Status::ok;
  }
  ModeSums all = empty;
  for (const ModeSums& one : stretches) all.add(one, 1);
  const auto estimate = [&](auto&& of) {
    std::vector<double> without;
    for (const ModeSums& one : stretches) {
      ModeSums rest = all;
      rest.add(one, -1);
      without.push_back(of(rest));
    }
    return analysis::jackknife(of(all), without);
  };
  const Eigen::Map<const Vector> initial(minimum.modes.stiffness.data(), rank);
  PointMinimum result;
  result.trace = analysis::combine(traces, {.exclude_not_ok = false}).estimate;
  result.entropy = estimate(entropy_of);
  result.fixed_excess = estimate([&](const ModeSums& sums) {
    return 0.5 * (initial.cwiseProduct(sums.square) / (sums.count * point.temperature))
                     .array()
                     .log()
                     .mean();
  });
  for (Eigen::Index i = 0; i < rank; ++i) {
    const Estimate energy = estimate(
        [&](const ModeSums& sums) { return sums.energy[i] / sums.count / point.temperature; });
    result.energies.push_back(energy.value);
    result.energy_errors.push_back(std::isfinite(energy.standard_error) ? energy.standard_error
                                                                        : 0);
  }
  const double step = time_step(view.branch(replicas.front().task).rule);
  result.entropy_formula = theory::quadratic_entropy(minimum.modes.stiffness, point.temperature, 1);
  result.loss = theory::euler_maruyama_loss(minimum.modes.stiffness, step, point.temperature);
  result.predicted_mean = result.loss.mean.value;
  result.predicted_shape = result.loss.shape.value;
  result.half_time = theory::euler_maruyama_half_time(minimum.modes.stiffness, step).value;
  return result;
}

std::vector<Estimate> integrated_entropy(const std::vector<QuadraticRow>& rows) {
  std::vector<Estimate> entropy;
  for (std::size_t last = 0; last < rows.size(); ++last) {
    // The integral is linear in the means: its weights give value and error.
    std::vector<double> weight(last + 1);
    for (std::size_t i = 1; i <= last; ++i) {
      const double half =
          0.5 * std::log(rows[i].point->temperature / rows[i - 1].point->temperature);
      weight[i - 1] += half;
      weight[i] += half;
    }
    weight.front() -= 1;
    weight.back() += 1;
    Estimate sum{0, 0, Status::ok};
    for (std::size_t i = 0; i <= last; ++i) {
      const Estimate mean = rows[i].point->pooled(&R::mean);
      sum.value += weight[i] * mean.value;
      sum.standard_error = std::hypot(sum.standard_error, weight[i] * mean.standard_error);
      sum.status = analysis::worse(sum.status, mean.status);
    }
    entropy.push_back(sum);
  }
  return entropy;
}

}  // namespace thermoscape
