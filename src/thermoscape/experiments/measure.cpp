#include "thermoscape/experiments/measure.hpp"

#include <algorithm>

#include <fmt/ranges.h>

namespace thermoscape {

std::pair<double, double> WindowSettings::resolve(double temperature, double duration) const {
  const int given = !temperature_time.empty() + !time.empty() + !fraction.empty();
  if (given == 0) return {0, duration};
  if (given > 1)
    reject({"window", std::to_string(given) + " windows", "must be given in one way", ""});
  std::vector<double> ends = !temperature_time.empty() ? temperature_time
                             : !time.empty()           ? time
                                                       : fraction;
  if (ends.size() != 2 || !(ends[0] < ends[1]))
    reject({"window",
            fmt::format("{} numbers", ends.size()),
            "must be [from, to] with from < to",
            ""});
  if (!temperature_time.empty()) {
    if (temperature <= 0)
      reject({"window.temperature_time", "", "needs a temperature above 0", "use window.time"});
    for (double& one : ends) one /= temperature;
  } else if (!fraction.empty()) {
    for (double& one : ends) one *= duration;
  }
  if (ends[1] > duration * (1 + 1e-9)) {
    reject({"window",
            fmt::format("ends at {:.6g}", ends[1]),
            fmt::format("must end within the phase, which lasts {:.6g}", duration),
            ""});
  }
  return {ends[0], ends[1]};
}

std::pair<std::size_t, std::size_t> window_of(const Recorded& recorded, double from, double to) {
  const auto first = std::lower_bound(recorded.time.begin(), recorded.time.end(), from);
  const auto last = std::lower_bound(first, recorded.time.end(), to);
  return {static_cast<std::size_t>(first - recorded.time.begin()),
          static_cast<std::size_t>(last - recorded.time.begin())};
}

const Measure& find_measure(const std::string& name, const std::string& where) {
  std::vector<std::string_view> names;
  for (const Measure& one : measures()) {
    if (one.name == name) return one;
    names.push_back(one.name);
  }
  reject({where + ", analysis",
          name,
          fmt::format("must be one of {}", fmt::join(names, ", ")),
          did_you_mean(name, names)});
}

}  // namespace thermoscape
