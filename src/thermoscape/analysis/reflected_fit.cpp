#include "thermoscape/analysis/reflected_fit.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {

ReflectedFit reflected_fit(std::span<const double> x,
                           std::span<const double> values,
                           double bottom) {
  if (x.size() != values.size()) {
    reject({"reflected_fit",
            std::to_string(x.size()) + " and " + std::to_string(values.size()) + " numbers",
            "must be equally many",
            ""});
  }
  std::vector<double> squares;
  std::vector<double> rises;
  std::vector<double> log_x;
  std::vector<double> log_rise;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double rise = values[i] - bottom;
    if (x[i] == 0 || !std::isfinite(rise)) continue;
    squares.push_back(x[i] * x[i] / 2);
    rises.push_back(rise);
    if (rise <= 0) continue;
    log_x.push_back(std::log(std::abs(x[i])));
    log_rise.push_back(std::log(rise));
  }
  ReflectedFit fit;
  if (squares.size() < 3) {
    fit.curvature.status = fit.order.status = Status::too_short;
    return fit;
  }
  if (log_x.empty()) return fit;
  fit.curvature = proportional_fit(squares, rises).factor;
  fit.order = linear_fit(log_x, log_rise).slope;
  return fit;
}

}  // namespace thermoscape::analysis
