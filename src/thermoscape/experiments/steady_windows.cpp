#include "thermoscape/experiments/steady_windows.hpp"

#include <algorithm>
#include <cmath>

namespace thermoscape {

LossStatisticsOptions read_window_options(TomlReader& reader) {
  LossStatisticsOptions options;
  reader.read(options);
  reader.read(options.window);
  reader.read(options.health, "health.");
  return options;
}

std::vector<SweepPoint> steady_windows(const RunView& view,
                                       const std::string& phase,
                                       const LossStatisticsOptions& options) {
  std::vector<SweepPoint> points = loss_statistics(view, phase, options);
  const auto lower = [](const SweepPoint& a, const SweepPoint& b) {
    return a.temperature < b.temperature;
  };
  std::sort(points.begin(), points.end(), lower);
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i].temperature > points[i - 1].temperature) continue;
    reject({"phase " + phase,
            fmt::format("temperature {:.6g} twice", points[i].temperature),
            "must sweep the temperature and nothing else for this measure",
            "measure one branch of the other keys at a time"});
  }
  return points;
}

Estimate pooled(const SweepPoint& point, const Members& members) {
  const bool any_healthy = point.status() == Status::ok;
  Members used;
  for (std::size_t m = 0; m < members.size(); ++m) {
    if (any_healthy && point.health[m].status != Status::ok) continue;
    std::vector<Estimate>& row = used.emplace_back(members[m]);
    // Too few looks for an error bar of its own: the spread of the others carries the error.
    for (Estimate& one : row) {
      if (one.status != Status::too_short) continue;
      one.status = Status::ok;
      if (!std::isfinite(one.standard_error)) one.standard_error = 0;
    }
  }
  const analysis::Nested nested = analysis::combine_minima(used, {.exclude_not_ok = any_healthy});
  Estimate estimate = nested.estimate;
  // One value without an error of its own has none to quote: zero would feign certainty.
  if (nested.used == 1 && estimate.ok() && estimate.standard_error == 0) {
    estimate.status = Status::too_short;
  }
  if (!any_healthy) estimate.status = analysis::worse(estimate.status, point.status());
  return estimate;
}

Estimate over_minima(
    const std::vector<SweepPoint>& points,
    std::size_t least,
    const std::function<Estimate(std::size_t, const std::vector<std::size_t>&)>& of) {
  std::vector<Estimate> members;
  const std::size_t minima = points.empty() ? 0 : points.front().minima.size();
  for (std::size_t m = 0; m < minima; ++m) {
    std::vector<std::size_t> healthy;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points[i].health[m].status == Status::ok) healthy.push_back(i);
    }
    if (healthy.size() >= least) members.push_back(of(m, healthy));
  }
  Estimate estimate = analysis::combine(members).estimate;
  if (members.size() == 1 && estimate.ok() && estimate.standard_error == 0) {
    estimate.status = Status::too_short;
  }
  return estimate;
}

Estimate pooled(const std::vector<SweepPoint>& points, const std::vector<Members>& members) {
  return over_minima(points, 1, [&](std::size_t m, const std::vector<std::size_t>& healthy) {
    std::vector<Estimate> means;
    for (const std::size_t i : healthy)
      means.push_back(pooled(points[i].alone(m), {members[i][m]}));
    // A window without an error of its own still counts: the spread over windows carries the error.
    for (Estimate& one : means) {
      if (one.status != Status::too_short) continue;
      one.status = Status::ok;
      if (!std::isfinite(one.standard_error)) one.standard_error = 0;
    }
    return analysis::combine(means).estimate;
  });
}

std::string temperature_label(double temperature) {
  return fmt::format("T = {:.3g}", temperature);
}

Series vertical_mark(const std::string& label, double x, double low, double high) {
  return {label, {x, x}, {low, high}, {}, "dashed", label};
}

Series series_of(const std::string& label,
                 const std::vector<double>& x,
                 const std::vector<Estimate>& values,
                 const std::string& style) {
  Series series{label, {}, {}, {}, style, label};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(values[i].value)) continue;
    series.x.push_back(x[i]);
    series.y.push_back(values[i].value);
    const double error = values[i].standard_error;
    series.y_error.push_back(std::isfinite(error) ? error : 0);
  }
  return series;
}

}  // namespace thermoscape
