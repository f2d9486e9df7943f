#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/ageing.hpp"
#include "thermoscape/analysis/linear_fit.hpp"

namespace thermoscape::analysis {
namespace {

/// The usable points of a curve.
struct Points {
  std::vector<double> log_s, value, error;
  std::vector<std::size_t> index;  ///< in the curve given
};

struct Window {
  LinearFit line;
  double mean = 0;
  double mean_error = 0;
  bool still = false;
};

/// Fits points begin ... end-1 and says whether they stand still.
Window examine(const Points& p, std::size_t begin, std::size_t end, const PlateauOptions& options) {
  Window out;
  const std::size_t count = end - begin;
  double weights = 0, sum = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double w = 1 / (p.error[i] * p.error[i]);
    weights += w;
    sum += w * p.value[i];
  }
  out.mean = sum / weights;
  const double allowed = options.tolerance * std::abs(out.mean);
  double chi_squared = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double off = std::abs(p.value[i] - out.mean);
    if (off > allowed + options.significance * p.error[i]) return out;
    chi_squared += off * off / (p.error[i] * p.error[i]);
  }
  out.mean_error = std::sqrt(std::max(1.0, chi_squared / static_cast<double>(count - 1)) / weights);
  out.line = linear_fit(std::span(p.log_s).subspan(begin, count),
                        std::span(p.value).subspan(begin, count),
                        std::span(p.error).subspan(begin, count));
  const double width = p.log_s[end - 1] - p.log_s[begin];
  const Estimate& slope = out.line.slope;
  out.still = std::abs(slope.value) * width <=
              allowed + options.significance * slope.standard_error * width;
  return out;
}

}  // namespace

Plateau plateau(std::span<const double> s,
                std::span<const Estimate> values,
                const PlateauOptions& options) {
  validate(options, "plateau");
  if (s.size() != values.size()) {
    reject({"plateau",
            fmt::format("{} s, {} values", s.size(), values.size()),
            "must have equal lengths",
            ""});
  }
  Points p;
  for (std::size_t i = 0; i < s.size(); ++i) {
    check_range(s[i], kPositive, "loss·time", "plateau.s");
    if (i > 0 && !(s[i] > s[i - 1])) {
      reject({"plateau.s", fmt::format("{}", s[i]), "must increase", ""});
    }
    if (s[i] < options.s_low || s[i] > options.s_high) continue;
    if (!std::isfinite(values[i].value) || !(values[i].standard_error > 0)) continue;
    if (!std::isfinite(values[i].standard_error)) continue;
    p.log_s.push_back(std::log(s[i]));
    p.value.push_back(values[i].value);
    p.error.push_back(values[i].standard_error);
    p.index.push_back(i);
  }
  Plateau out;
  const std::size_t n = p.value.size();
  const std::size_t fewest = static_cast<std::size_t>(options.minimum_points);
  if (n < fewest || p.log_s.back() - p.log_s.front() < options.minimum_width) {
    out.status = Status::too_short;
    return out;
  }
  double best_width = 0, best_slope = kInfinity;
  for (std::size_t begin = 0; begin + fewest <= n; ++begin) {
    for (std::size_t end = begin + fewest; end <= n; ++end) {
      const double width = p.log_s[end - 1] - p.log_s[begin];
      // Equal widths on a regular grid differ by rounding only.
      if (width < options.minimum_width || width < best_width * (1 - 1e-9)) continue;
      const Window window = examine(p, begin, end, options);
      if (!window.still) continue;
      const double slope = std::abs(window.line.slope.value);
      if (width <= best_width * (1 + 1e-9) && slope >= best_slope) continue;
      best_width = width;
      best_slope = slope;
      out.s_low = s[p.index[begin]];
      out.s_high = s[p.index[end - 1]];
      out.level = {window.mean, window.mean_error, Status::ok};
      out.slope = window.line.slope;
      out.points = static_cast<std::int64_t>(end - begin);
      out.status = Status::ok;
    }
  }
  if (out.status == Status::ok) return out;
  out.slope = linear_fit(p.log_s, p.value, p.error).slope;
  out.status = out.slope.value > 0 ? Status::relaxing : Status::ageing;
  out.level.status = out.status;
  return out;
}

Plateau plateau(std::span<const AgeingPoint> curve, const PlateauOptions& options) {
  std::vector<double> s;
  std::vector<Estimate> values;
  for (const AgeingPoint& point : curve) {
    s.push_back(point.s);
    values.push_back(point.mean_over_temperature);
  }
  Plateau out = plateau(s, values, options);
  if (out.status != Status::ok) return out;
  for (const AgeingPoint& point : curve) {
    if (point.s == out.s_low) out.s_low = point.s_low;
    if (point.s == out.s_high) out.s_high = point.s_high;
  }
  return out;
}

}  // namespace thermoscape::analysis
