#include "thermoscape/analysis/ageing.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"

namespace thermoscape::analysis {

std::vector<AgeingPoint> ageing_curve(std::span<const double> losses,
                                      std::span<const double> times,
                                      double temperature,
                                      const AgeingOptions& options) {
  validate(options, "ageing_curve");
  check_range(temperature, kPositive, "[loss]", "ageing_curve.temperature");
  if (losses.size() != times.size()) {
    reject({"ageing_curve",
            fmt::format("{} losses, {} times", losses.size(), times.size()),
            "must have equal lengths",
            ""});
  }
  const double per_decade = static_cast<double>(options.bins_per_decade);
  std::vector<AgeingPoint> out;
  std::size_t i = 0;
  while (i < times.size() && !(times[i] > 0)) ++i;
  while (i < times.size()) {
    const double bin = std::floor(per_decade * std::log10(temperature * times[i]));
    AgeingPoint point;
    point.s_low = std::pow(10, bin / per_decade);
    point.s_high = std::pow(10, (bin + 1) / per_decade);
    point.s = std::pow(10, (bin + 0.5) / per_decade);
    const std::size_t begin = i;
    Blocker blocks;
    // A sample on an edge may round to either side of it: the first one of a bin always belongs to
    // it.
    while (i < times.size() && (i == begin || temperature * times[i] < point.s_high)) {
      if (i > 0 && times[i] < times[i - 1]) {
        reject({"ageing_curve.times", fmt::format("{}", times[i]), "must increase", ""});
      }
      blocks.push(losses[i] / temperature);
      ++i;
    }
    point.samples = static_cast<std::int64_t>(i - begin);
    if (point.samples < options.minimum_samples) continue;
    point.mean_over_temperature = blocks.result().mean;
    out.push_back(point);
  }
  return out;
}

std::vector<AgeingPoint> average(std::span<const std::vector<AgeingPoint>> curves) {
  std::map<std::int64_t, std::vector<const AgeingPoint*>>
      bins;  // keyed by ln s, edges shared to rounding
  for (const auto& curve : curves) {
    for (const AgeingPoint& point : curve)
      bins[std::llround(1e6 * std::log(point.s))].push_back(&point);
  }
  std::vector<AgeingPoint> out;
  for (const auto& [key, members] : bins) {
    if (members.size() != curves.size()) continue;
    AgeingPoint point = *members.front();
    point.samples = 0;
    std::vector<Estimate> values;
    for (const AgeingPoint* member : members) {
      values.push_back(member->mean_over_temperature);
      point.samples += member->samples;
    }
    point.mean_over_temperature = combine(values, CombineOptions{false}).estimate;
    out.push_back(point);
  }
  return out;
}

}  // namespace thermoscape::analysis
