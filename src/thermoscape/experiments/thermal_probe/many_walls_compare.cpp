#include "thermoscape/experiments/thermal_probe/many_walls_compare.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/identity.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/landscape/hessian_trace.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

/// a² of the walls: for L = (1/D)Σℓ of walls with ℓ'' = a²ℓ, tr H = a² L at any θ.
Estimate steepness_of(const RunView& view,
                      const SweepPoint& point,
                      const ManyWallsOptions& options,
                      std::int64_t probes) {
  std::vector<Estimate> ratios;
  for (std::size_t m = 0; m < point.minima.size(); ++m) {
    if (point.status() == Status::ok && point.health[m].status != Status::ok) continue;
    const auto& replicas = point.minima[m];
    std::vector<double> traces;
    std::vector<double> losses;
    const auto objective = view.objective(replicas.front().task);
    const Noise noise =
        Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork("many-walls", m);
    for (const R& replica : replicas) {
      if (replica.status != Status::ok || !view.records(replica.task, "theta")) continue;
      const Recorded theta = view.recorded(replica.task, "theta");
      const auto [first, last] = window_of(theta, point.from, point.to);
      const std::size_t step =
          std::max<std::size_t>(1, (last - first) / static_cast<std::size_t>(options.snapshots));
      for (std::size_t i = first; i < last; i += step) {
        const auto at = theta.values.span().subspan(i * theta.width, theta.width);
        traces.push_back(hessian_trace(*objective, at, noise, i, probes).value);
        losses.push_back(objective->loss(at, Batch{}));
      }
    }
    if (traces.size() < 4) continue;
    Estimate ratio = analysis::ratio_of_means(traces, losses);
    if (ratio.status == Status::too_short)
      ratio.status = Status::ok;  // replicas and minima carry the error
    ratios.push_back(ratio);
  }
  return analysis::combine(ratios).estimate;
}

ComparedWalls compare(const SweepPoint& point,
                      const WallsFit& fit,
                      double reference,
                      const Estimate& steepness) {
  const double shift = std::log(point.temperature / reference);
  const auto of = [&](double WallsPrediction::*member) {
    return predicted(fit, [&](const WallsCandidate& one) {
      return walls_prediction(one.walls, one.log_boltzmann - shift, false).*member;
    });
  };
  ComparedWalls result;
  result.point = &point;
  result.steepness = steepness;
  result.mean = of(&WallsPrediction::mean);
  result.effective_examples = of(&WallsPrediction::effective_examples);
  result.deviation = of(&WallsPrediction::deviation);
  result.shape = of(&WallsPrediction::shape);
  result.rate = of(&WallsPrediction::rate);
  result.slope = of(&WallsPrediction::slope).value;
  if (steepness.value > 0) {
    // The half-life depends on Λ so weakly that the ends of what is allowed suffice.
    const std::vector<WallsCandidate> allowed = fit.allowed();
    const auto time = [&](const WallsCandidate& one) {
      // Beyond ln u = -60 the half-life of the flat box no longer grows by what a network could
      // tell.
      return walls_prediction(2, std::max(-60.0, one.log_boltzmann - shift), true).half_time /
             steepness.value;
    };
    const double best = time(fit.profile[fit.best]);
    const double range = std::abs(time(allowed.back()) - time(allowed.front())) / 2;
    result.half_time = {best,
                        std::hypot(range, best * steepness.standard_error / steepness.value),
                        steepness.status};
  }
  return result;
}

}  // namespace

Estimate predicted(const WallsFit& fit, const std::function<double(const WallsCandidate&)>& of) {
  double low = kInfinity;
  double high = -kInfinity;
  for (const WallsCandidate& one : fit.allowed()) {
    const double value = of(one);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const WallsCandidate& best = fit.profile[fit.best];
  WallsCandidate more = best;
  more.walls *= std::exp(best.relative_error);
  const double value = of(best);
  const double error = std::hypot((high - low) / 2, of(more) - value);
  return {value, fit.inflation * error, Status::ok};
}

Estimate ratio_of(const Estimate& x, const Estimate& y) {
  if (!(std::abs(y.value) > 0) || !std::isfinite(x.value)) return {};
  const double value = x.value / y.value;
  return {value,
          std::abs(value) * std::hypot(x.standard_error / x.value, y.standard_error / y.value),
          analysis::worse(x.status, y.status)};
}

std::map<std::string, Estimate> ComparedWalls::ratios() const {
  return {{"mean_over_walls", ratio_of(point->pooled(&R::mean), mean)},
          {"effective_examples_over_walls",
           ratio_of(point->pooled(&R::effective_examples), effective_examples)},
          {"shape_over_walls", ratio_of(point->pooled(&R::shape), shape)},
          {"rate_over_walls", ratio_of(point->pooled(&R::rate), rate)},
          {"deviation_over_walls", ratio_of(point->pooled(&R::deviation), deviation)},
          {"half_time_over_walls", ratio_of(half_time_times_temperature(*point), half_time)}};
}

Estimate WallsComparison::mean_exponent_less_walls() const {
  if (rows.size() < 3) return {};
  std::vector<double> temperatures;
  std::vector<Estimate> means;
  double slope = 0;
  for (const ComparedWalls& one : rows) {
    const double temperature = one.point->temperature;
    Estimate mean = one.point->pooled(&R::mean);
    mean.value *= temperature;
    mean.standard_error *= temperature;
    temperatures.push_back(temperature);
    means.push_back(mean);
    slope += one.slope / static_cast<double>(rows.size());
  }
  Estimate exponent = analysis::power_law(temperatures, means).exponent;
  exponent.value -= slope;
  return exponent;
}

WallsComparison compare_walls(const RunView& view,
                              const std::vector<SweepPoint>& points,
                              const ManyWallsOptions& options,
                              std::int64_t trace_probes) {
  std::vector<WallsPoint> used;
  for (const SweepPoint& one : points)
    used.push_back({one.temperature, one.pooled(&R::mean), one.pooled(&R::effective_examples)});
  WallsComparison result;
  result.fit = fit_walls(used);
  if (result.fit.profile.empty()) return result;
  result.reference = std::find_if(used.begin(), used.end(), [](const WallsPoint& one) {
                       return one.usable();
                     })->temperature;
  result.rows.resize(points.size());
  view.in_parallel(points.size(), [&](std::size_t i) {
    const Estimate steepness = steepness_of(view, points[i], options, trace_probes);
    result.rows[i] = compare(points[i], result.fit, result.reference, steepness);
  });
  return result;
}

}  // namespace thermoscape
