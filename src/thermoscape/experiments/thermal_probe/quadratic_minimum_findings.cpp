#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/thermal_probe/quadratic_minimum.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;
using Numbers = std::map<std::string, Estimate>;

Estimate over(Estimate estimate, double divisor) {
  return {estimate.value / divisor, std::abs(estimate.standard_error / divisor), estimate.status};
}

/// Measured over predicted at one temperature.
Numbers numbers_of(const QuadraticRow& row, double rank) {
  const SweepPoint& point = *row.point;
  const Estimate entropy = row.mean([&](const PointMinimum& one) {
    return Estimate{(one.entropy.value - one.entropy_formula) / rank,
                    one.entropy.standard_error / rank,
                    one.entropy.status};
  });
  return {
      {"constrained_directions", over(point.pooled(&R::shape), 0.5)},
      {"constrained_over_rank", over(point.pooled(&R::shape), rank / 2)},
      {"constrained_over_formula",
       over(point.pooled(&R::shape), row.predicted(&PointMinimum::predicted_shape))},
      {"mean_over_formula",
       over(point.pooled(&R::mean),
            row.predicted(&PointMinimum::predicted_mean) / point.temperature)},
      {"half_time_over_formula",
       over(point.pooled(&R::half_time), row.predicted(&PointMinimum::half_time))},
      {"entropy_per_mode_less_formula", entropy},
  };
}

/// The rows as one minimum alone gives them; `points` holds what they point to.
std::vector<QuadraticRow> alone(const std::vector<QuadraticRow>& rows,
                                std::size_t minimum,
                                std::vector<SweepPoint>& points) {
  points.clear();
  std::vector<QuadraticRow> own;
  for (const QuadraticRow& row : rows) {
    if (row.point->health[minimum].status != Status::ok) continue;
    points.push_back(row.point->alone(minimum));
    own.push_back({nullptr, {row.minima[minimum]}});
  }
  for (std::size_t i = 0; i < own.size(); ++i) own[i].point = &points[i];
  return own;
}

/// d ln ⟨Σk⟩ / d ln T.  Traces without any scatter (a constant Hessian) have no errors of their
/// own; their exponent is exact.
Estimate stiffness_exponent(const std::vector<QuadraticRow>& rows) {
  std::vector<double> temperatures;
  std::vector<Estimate> traces;
  for (const QuadraticRow& row : rows) {
    temperatures.push_back(row.point->temperature);
    traces.push_back(row.mean([](const PointMinimum& one) { return one.trace; }));
  }
  const auto constant = [&](const Estimate& one) {
    return std::abs(one.value - traces.front().value) <= 1e-9 * std::abs(traces.front().value);
  };
  if (std::all_of(traces.begin(), traces.end(), constant)) return {0, 0, Status::ok};
  return analysis::power_law(temperatures, traces).exponent;
}

}  // namespace

std::vector<Finding> quadratic_findings(const std::vector<QuadraticRow>& rows,
                                        const std::vector<Minimum>& minima) {
  std::vector<Finding> findings;
  std::vector<Estimate> losses;
  for (const Minimum& one : minima) losses.push_back({one.loss, 0, Status::ok});
  const Estimate rank = mean_rank(minima);
  for (const QuadraticRow& row : rows) {
    for (const auto& [name, value] : numbers_of(row, rank.value))
      findings.push_back({name, row.point->where, value, "1"});
    const Estimate excess = row.mean([](const PointMinimum& one) { return one.fixed_excess; });
    findings.push_back({"fixed_direction_excess", row.point->where, excess, "1"});
    const Estimate trace = row.mean([](const PointMinimum& one) { return one.trace; });
    findings.push_back({"stiffness_sum", row.point->where, trace, "loss/θ²"});
  }
  findings.push_back({"rank", {}, rank, "1"});
  findings.push_back({"reached_loss", {}, analysis::combine(losses).estimate, "loss"});
  if (rows.size() < 2) return findings;
  std::map<std::string, std::vector<Estimate>> members;
  for (std::size_t m = 0; m < minima.size(); ++m) {
    std::vector<SweepPoint> points;
    const std::vector<QuadraticRow> own = alone(rows, m, points);
    if (own.size() < 2) continue;
    const auto own_rank = static_cast<double>(minima[m].modes.stiffness.size());
    std::map<std::string, std::vector<Estimate>> of_points;
    for (const QuadraticRow& row : own) {
      for (const auto& [name, value] : numbers_of(row, own_rank)) of_points[name].push_back(value);
    }
    for (const auto& [name, values] : of_points)
      members[name].push_back(analysis::combine(values).estimate);
    const double span = std::log(points.back().temperature / points.front().temperature);
    members["integrated_entropy_over_formula"].push_back(
        over(integrated_entropy(own).back(), 0.5 * own_rank * span));
    members["stiffness_exponent"].push_back(stiffness_exponent(own));
  }
  for (const auto& [name, values] : members)
    findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
  return findings;
}

}  // namespace thermoscape
