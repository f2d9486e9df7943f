#include "thermoscape/analysis/linear_fit.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/gamma.hpp>

namespace thermoscape::analysis {
namespace {

void check_points(std::span<const double> x,
                  std::span<const double> y,
                  std::span<const double> y_error,
                  const std::string& where) {
  if (x.size() != y.size() || (!y_error.empty() && y_error.size() != y.size())) {
    reject({where,
            fmt::format("{} x, {} y, {} errors", x.size(), y.size(), y_error.size()),
            "must have equal lengths",
            ""});
  }
  for (const double e : y_error) check_range(e, kPositive, "", where + ".y_error");
}

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

double weight(std::span<const double> y_error, std::size_t i) {
  return y_error.empty() ? 1 : 1 / (y_error[i] * y_error[i]);
}

/// Fills range, points, χ², R² and p of `quality`; returns the factor on standard errors and their
/// status.
struct ErrorScale {
  double factor = 1;
  Status status = Status::ok;
};

ErrorScale judge_fit(FitQuality& quality,
                     std::span<const double> x,
                     bool has_errors,
                     std::int64_t parameters,
                     double residual,
                     double total) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  quality.x_low = *low;
  quality.x_high = *high;
  quality.points = static_cast<std::int64_t>(x.size());
  quality.degrees_of_freedom = quality.points - parameters;
  quality.chi_squared = residual;
  quality.r_squared = total > 0 ? 1 - residual / total : 1;
  if (quality.degrees_of_freedom < 1) {
    if (has_errors) return {};
    return {std::numeric_limits<double>::quiet_NaN(), Status::too_short};
  }
  const double dof = static_cast<double>(quality.degrees_of_freedom);
  if (!has_errors) return {std::sqrt(residual / dof), Status::ok};
  quality.p_value = boost::math::gamma_q(dof / 2, residual / 2);
  return {std::max(1.0, std::sqrt(residual / dof)), Status::ok};
}

}  // namespace

LinearFit linear_fit(std::span<const double> x,
                     std::span<const double> y,
                     std::span<const double> y_error) {
  check_points(x, y, y_error, "linear_fit");
  LinearFit out;
  if (x.size() < 2 || !all_finite(x) || !all_finite(y)) return out;
  double sw = 0, sx = 0, sy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = weight(y_error, i);
    sw += w;
    sx += w * x[i];
    sy += w * y[i];
  }
  const double xbar = sx / sw, ybar = sy / sw;
  double sxx = 0, sxy = 0, syy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = weight(y_error, i);
    sxx += w * (x[i] - xbar) * (x[i] - xbar);
    sxy += w * (x[i] - xbar) * (y[i] - ybar);
    syy += w * (y[i] - ybar) * (y[i] - ybar);
  }
  if (!(sxx > 1e-28 * sw * xbar * xbar)) return out;
  const double slope = sxy / sxx;
  double residual = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double r = y[i] - ybar - slope * (x[i] - xbar);
    residual += weight(y_error, i) * r * r;
  }
  const ErrorScale scale = judge_fit(out.quality, x, !y_error.empty(), 2, residual, syy);
  out.slope = {slope, scale.factor / std::sqrt(sxx), scale.status};
  out.intercept = {
      ybar - slope * xbar, scale.factor * std::sqrt(1 / sw + xbar * xbar / sxx), scale.status};
  return out;
}

ProportionalFit proportional_fit(std::span<const double> x,
                                 std::span<const double> y,
                                 std::span<const double> y_error) {
  check_points(x, y, y_error, "proportional_fit");
  ProportionalFit out;
  if (x.empty() || !all_finite(x) || !all_finite(y)) return out;
  double sxx = 0, sxy = 0, syy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double w = weight(y_error, i);
    sxx += w * x[i] * x[i];
    sxy += w * x[i] * y[i];
    syy += w * y[i] * y[i];
  }
  if (!(sxx > 0)) return out;
  const double factor = sxy / sxx;
  double residual = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double r = y[i] - factor * x[i];
    residual += weight(y_error, i) * r * r;
  }
  const ErrorScale scale = judge_fit(out.quality, x, !y_error.empty(), 1, residual, syy);
  out.factor = {factor, scale.factor / std::sqrt(sxx), scale.status};
  return out;
}

}  // namespace thermoscape::analysis
