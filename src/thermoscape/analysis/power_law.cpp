#include "thermoscape/analysis/power_law.hpp"

#include <cmath>
#include <vector>

namespace thermoscape::analysis {

PowerLaw power_law(std::span<const double> x,
                   std::span<const double> y,
                   std::span<const double> y_error,
                   const PowerLawOptions& options) {
  if (x.size() != y.size() || (!y_error.empty() && y_error.size() != y.size())) {
    reject({"power_law",
            fmt::format("{} x, {} y, {} errors", x.size(), y.size(), y_error.size()),
            "must have equal lengths",
            ""});
  }
  if (!(options.x_low < options.x_high)) {
    reject({"power_law.x_low", fmt::format("{}", options.x_low), "must be below x_high", ""});
  }
  std::vector<double> log_x, log_y, error;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!(x[i] > 0) || !(y[i] > 0) || x[i] < options.x_low || x[i] > options.x_high) continue;
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
    log_x.push_back(std::log(x[i]));
    log_y.push_back(std::log(y[i]));
    if (!y_error.empty()) error.push_back(y_error[i] / y[i]);
  }
  PowerLaw out;
  const LinearFit line = linear_fit(log_x, log_y, error);
  out.quality = line.quality;
  out.quality.excluded = static_cast<std::int64_t>(x.size() - log_x.size());
  if (line.slope.status == Status::undefined) return out;
  out.quality.x_low = std::exp(line.quality.x_low);
  out.quality.x_high = std::exp(line.quality.x_high);
  out.exponent = line.slope;
  const double prefactor = std::exp(line.intercept.value);
  out.prefactor = {prefactor, prefactor * line.intercept.standard_error, line.intercept.status};
  return out;
}

PowerLaw power_law(std::span<const double> x,
                   std::span<const Estimate> y,
                   const PowerLawOptions& options) {
  if (x.size() != y.size()) {
    reject({"power_law",
            fmt::format("{} x, {} y", x.size(), y.size()),
            "must have equal lengths",
            ""});
  }
  std::vector<double> good_x, good_y, error;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!y[i].ok() || !(y[i].standard_error > 0) || !std::isfinite(y[i].standard_error)) continue;
    good_x.push_back(x[i]);
    good_y.push_back(y[i].value);
    error.push_back(y[i].standard_error);
  }
  PowerLaw out = power_law(good_x, good_y, error, options);
  out.quality.excluded += static_cast<std::int64_t>(x.size() - good_x.size());
  return out;
}

}  // namespace thermoscape::analysis
