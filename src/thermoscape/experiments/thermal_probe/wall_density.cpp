#include "thermoscape/experiments/thermal_probe/wall_density.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/jackknife.hpp"

namespace thermoscape {

namespace {

/// ½Σ|share - ∫q| of the bins and of what q has outside them, for a density q.
template <class Density>
double total_variation(const WallPoint& point, const WallSums& sums, Density&& q) {
  double distance = 0;
  double inside = 0;
  for (std::size_t b = 0; b < sums.bins.size(); ++b) {
    const double left = -point.law.cutoff + point.bin_width * static_cast<double>(b);
    const double expected =
        point.bin_width *
        (q(left + 1e-12) + 4 * q(left + 0.5 * point.bin_width) + q(left + point.bin_width)) / 6;
    inside += expected;
    distance += std::abs(sums.bins[b] / sums.count - expected);
  }
  return 0.5 * (distance + std::max(0.0, 1 - inside));
}
/// Adds the looks of one task to the groups: wall i of a replica belongs to group i mod g, so
/// groups are independent.
void add_task(const RunView& view,
              std::size_t index,
              const ExponentialWallSettings& wall,
              const WallDensityOptions& options,
              WallPoint& point) {
  const Branch& branch = view.branch(index);
  const double temperature = *rule_parameter(branch.rule, "temperature");
  const double duration = time_step(branch.rule) * static_cast<double>(branch.stop.steps);
  const auto [from, to] = options.window.resolve(temperature, duration);
  const Recorded theta = view.recorded(index, "theta");
  const auto [first, last] = window_of(theta, from, to);
  const auto walls = static_cast<std::size_t>(wall.walls);
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t i = 0; i < walls; ++i) {
      const double x = wall.unfolded(theta.values[row * theta.width + i]);
      const LocalLoss at = wall.at(0, x);
      WallSums& sums = point.groups[i % point.groups.size()];
      sums.count += 1;
      sums.loss += at.loss;
      sums.square += at.loss * at.loss;
      sums.curvature += at.curvature;
      const auto bin = static_cast<std::size_t>((x + wall.cutoff) / point.bin_width);
      sums.bins[std::min(bin, sums.bins.size() - 1)] += 1;
    }
  }
}

}  // namespace

double mean_of(const WallPoint&, const WallSums& sums) {
  return sums.loss / sums.count;
}
double curvature_of(const WallPoint&, const WallSums& sums) {
  return sums.curvature / sums.count;
}
double variance_of(const WallPoint& point, const WallSums& sums) {
  const double mean = mean_of(point, sums);
  return sums.square / sums.count - mean * mean;
}
double entropy_of(const WallPoint& point, const WallSums& sums) {
  double entropy = 0;
  for (const double count : sums.bins) {
    const double share = count / sums.count;
    if (share > 0) entropy -= share * std::log(share / point.bin_width);
  }
  return entropy;
}
double distance_to_exact(const WallPoint& point, const WallSums& sums) {
  return total_variation(point, sums, point.law.density);
}
double distance_to_quadratic(const WallPoint& point, const WallSums& sums) {
  return total_variation(
      point, sums, [&](double theta) { return point.law.quadratic_density(theta); });
}

Estimate estimate(const WallPoint& point, WallStatistic statistic) {
  std::vector<double> without;
  for (const WallSums& group : point.groups) {
    WallSums rest = point.all;
    rest.add(group, -1);
    without.push_back(statistic(point, rest));
  }
  return analysis::jackknife(statistic(point, point.all), without);
}

std::vector<WallPoint> wall_points(const RunView& view,
                                   const std::string& phase,
                                   const WallDensityOptions& options) {
  const auto* wall = std::get_if<ExponentialWallSettings>(&view.recipe().objective);
  if (wall == nullptr)
    reject({"analysis wall-density", "", "needs the objective exponential-wall", ""});
  if (wall->walls < options.groups) {
    reject({"groups",
            fmt::format("{}", options.groups),
            fmt::format("must be at most the {} walls", wall->walls),
            ""});
  }
  std::vector<WallPoint> points;
  for (const std::size_t index : view.tasks_of(phase)) {
    const Coordinates& where = view.task(index).where;
    auto it = std::find_if(
        points.begin(), points.end(), [&](const WallPoint& one) { return one.where == where; });
    if (it == points.end()) {
      const double temperature = rule_parameter(view.branch(index).rule, "temperature").value_or(0);
      WallPoint point;
      point.where = where;
      point.law = wall_law(*wall, temperature * static_cast<double>(wall->walls));
      point.bin_width = (point.law.top + wall->cutoff) / static_cast<double>(options.bins);
      const WallSums empty{0, 0, 0, 0, std::vector<double>(static_cast<std::size_t>(options.bins))};
      point.groups.assign(static_cast<std::size_t>(options.groups), empty);
      point.all = empty;
      it = points.insert(points.end(), std::move(point));
    }
    if (view.end(index).status == Status::ok) add_task(view, index, *wall, options, *it);
  }
  for (WallPoint& point : points) {
    for (const WallSums& group : point.groups) point.all.add(group, 1);
    if (!(point.all.count > 0))
      reject({"analysis wall-density", "", "has no look in its window", "record theta more often"});
  }
  return points;
}

}  // namespace thermoscape
