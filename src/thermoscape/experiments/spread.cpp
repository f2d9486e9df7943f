#include "thermoscape/experiments/spread.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/power_law.hpp"

namespace thermoscape {

Estimate mean_of(std::span<const double> members) {
  Estimate mean;
  if (members.empty()) return mean;
  const auto count = static_cast<double>(members.size());
  double sum = 0;
  for (const double one : members) sum += one;
  mean.value = sum / count;
  if (members.size() == 1) return {mean.value, 0, Status::too_short};
  double squares = 0;
  for (const double one : members) squares += (one - mean.value) * (one - mean.value);
  mean.standard_error = std::sqrt(squares / (count - 1) / count);
  mean.status = std::isfinite(mean.value) ? Status::ok : Status::undefined;
  return mean;
}

void SweptMembers::add(double at, double value) {
  std::size_t place = 0;
  while (place < x.size() && x[place] < at && std::abs(x[place] - at) > 1e-9 * std::abs(at))
    ++place;
  if (place == x.size() || std::abs(x[place] - at) > 1e-9 * std::abs(at)) {
    x.insert(x.begin() + static_cast<std::ptrdiff_t>(place), at);
    members.insert(members.begin() + static_cast<std::ptrdiff_t>(place), std::vector<double>());
  }
  members[place].push_back(value);
}

std::vector<Estimate> SweptMembers::means() const {
  std::vector<Estimate> means;
  for (const std::vector<double>& one : members) means.push_back(mean_of(one));
  return means;
}

Estimate exponent_of(const std::vector<double>& x, const std::vector<Estimate>& y) {
  if (x.size() < 2) return {};
  std::vector<double> values;
  bool all_errors = true;
  for (const Estimate& one : y) {
    values.push_back(one.value);
    all_errors = all_errors && one.ok() && one.standard_error > 0;
  }
  return (all_errors ? analysis::power_law(x, y) : analysis::power_law(x, values)).exponent;
}

Series points_of(const std::string& label,
                 const std::vector<double>& x,
                 const std::vector<Estimate>& y,
                 const std::string& style) {
  Series series{label, {}, {}, {}, style, label};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(y[i].value)) continue;
    series.x.push_back(x[i]);
    series.y.push_back(y[i].value);
    series.y_error.push_back(std::isfinite(y[i].standard_error) ? y[i].standard_error : 0.0);
  }
  return series;
}

}  // namespace thermoscape
