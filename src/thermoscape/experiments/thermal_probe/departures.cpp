#include "thermoscape/experiments/thermal_probe/departures.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/experiments/thermal_probe/loss_statistics_summary.hpp"

namespace thermoscape {

namespace {

Estimate root(const Estimate& squared) {
  if (!(squared.value > 0)) return {std::nan(""), std::nan(""), Status::undefined};
  const double length = std::sqrt(squared.value);
  return {length, squared.standard_error / (2 * length), squared.status};
}

Estimate squared_length(const SweepPoint& window) {
  Estimate half_time = window.pooled(&ReplicaStatistics::half_time);
  half_time.value *= window.temperature;
  half_time.standard_error *= window.temperature;
  return half_time;
}

bool lineage_ok(const RunView& view, std::size_t index) {
  if (view.end(index).status != Status::ok) return false;
  for (auto parent = view.task(index).parent; parent; parent = view.task(*parent).parent) {
    if (view.end(*parent).status != Status::ok) return false;
  }
  return true;
}

}  // namespace

std::vector<Departure> departures(const RunView& view, const std::string& phase) {
  std::vector<Departure> all;
  for (const std::size_t index : view.tasks_of(phase)) {
    const auto temperature = rule_parameter(view.branch(index).rule, "temperature");
    if (!temperature || *temperature <= 0) {
      reject({"phase " + phase, "", "needs a rule with a temperature above 0", ""});
    }
    if (!lineage_ok(view, index)) continue;
    Departure one;
    one.task = index;
    one.minimum = view.task(index).minimum;
    one.temperature = *temperature;
    all.push_back(std::move(one));
  }
  view.in_parallel(all.size(), [&](std::size_t i) {
    Departure& own = all[i];
    const Recorded theta = view.recorded(own.task, "theta");
    const std::unique_ptr<Objective<double>> objective = view.objective(own.task);
    own.time = theta.time;
    const std::span<const double> values = theta.values.span();
    for (std::size_t row = 0; row < theta.rows; ++row) {
      const auto at = values.subspan(row * theta.width, theta.width);
      double squares = 0;
      for (std::size_t p = 0; p < theta.width; ++p)
        squares += (at[p] - values[p]) * (at[p] - values[p]);
      own.distance.push_back(std::sqrt(squares));
      own.loss.push_back(objective->loss(at, Batch{}));
    }
  });
  return all;
}

Estimate value_at(const std::vector<double>& x, const std::vector<double>& y, double at) {
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (!(x[i - 1] > 0) || !(x[i - 1] <= at && at <= x[i]) || x[i] == x[i - 1]) continue;
    const double part = std::log(at / x[i - 1]) / std::log(x[i] / x[i - 1]);
    return {(1 - part) * y[i - 1] + part * y[i], 0, Status::ok};
  }
  return {std::nan(""), std::nan(""), Status::out_of_range};
}

Estimate first_reach(const std::vector<double>& x, const std::vector<double>& y, double level) {
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (!(x[i] > 0) || !(y[i] >= level)) continue;
    if (!(x[i - 1] > 0) || !(y[i - 1] < level)) return {x[i], 0, Status::ok};
    const double part = (level - y[i - 1]) / (y[i] - y[i - 1]);
    return {x[i - 1] * std::pow(x[i] / x[i - 1], part), 0, Status::ok};
  }
  return {std::nan(""), std::nan(""), Status::not_converged};
}

Binned binned(const std::vector<double>& x,
              const std::vector<double>& y,
              std::int64_t bins_per_decade,
              std::size_t least) {
  std::map<std::int64_t, std::vector<double>> bins;
  const auto width = static_cast<double>(bins_per_decade);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] > 0)
      bins[static_cast<std::int64_t>(std::floor(std::log10(x[i]) * width))].push_back(y[i]);
  }
  Binned out;
  for (auto& [bin, values] : bins) {
    if (values.size() < least) continue;
    std::sort(values.begin(), values.end());
    const auto quantile = [&own = values](double q) {
      return own[static_cast<std::size_t>(std::lround(q * static_cast<double>(own.size() - 1)))];
    };
    out.x.push_back(std::pow(10.0, (static_cast<double>(bin) + 0.5) / width));
    out.low.push_back(quantile(0.1));
    out.median.push_back(quantile(0.5));
    out.high.push_back(quantile(0.9));
  }
  return out;
}

Estimate over_departures(const std::vector<Departure>& departures,
                         const std::vector<Estimate>& numbers) {
  std::map<std::int64_t, std::vector<Estimate>> minima;
  for (std::size_t i = 0; i < departures.size(); ++i)
    minima[departures[i].minimum].push_back(numbers[i]);
  Members members;
  for (auto& [minimum, row] : minima) members.push_back(std::move(row));
  return analysis::combine_minima(members).estimate;
}

Estimate diffusion_length(const SweepPoint& window) {
  return root(squared_length(window));
}

Estimate diffusion_length(const std::vector<SweepPoint>& windows) {
  return root(family_mean({{}, windows}, squared_length));
}

}  // namespace thermoscape
