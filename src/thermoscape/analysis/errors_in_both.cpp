#include "thermoscape/analysis/errors_in_both.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/gamma.hpp>

namespace thermoscape::analysis {

namespace {

void check(std::span<const double> x,
           std::span<const double> y,
           std::span<const double> x_error,
           std::span<const double> y_error) {
  if (x.size() != y.size() || x.size() != x_error.size() || x.size() != y_error.size()) {
    reject({"errors_in_both_fit",
            fmt::format(
                "{}, {}, {} and {} numbers", x.size(), y.size(), x_error.size(), y_error.size()),
            "must have equal lengths",
            ""});
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    check_range(x[i], kAny, "", "errors_in_both_fit.x");
    check_range(y[i], kAny, "", "errors_in_both_fit.y");
    check_range(x_error[i], kPositive, "", "errors_in_both_fit.x_error");
    check_range(y_error[i], kPositive, "", "errors_in_both_fit.y_error");
  }
}

struct Sums {
  double xx = 0, xy = 0, yy = 0;
};

Sums central_sums(std::span<const double> x, std::span<const double> y) {
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  Sums sums;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sums.xx += (x[i] - mean_x) * (x[i] - mean_x);
    sums.xy += (x[i] - mean_x) * (y[i] - mean_y);
    sums.yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  return sums;
}

/// One turn of York's iteration at slope b.
struct Turn {
  double slope = 0;
  double intercept = 0;
  double slope_variance = 0;
  double intercept_variance = 0;
};

Turn turn(std::span<const double> x,
          std::span<const double> y,
          std::span<const double> x_error,
          std::span<const double> y_error,
          double b) {
  double total = 0, mean_x = 0, mean_y = 0;
  std::vector<double> weight(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    weight[i] = 1 / (y_error[i] * y_error[i] + b * b * x_error[i] * x_error[i]);
    total += weight[i];
    mean_x += weight[i] * x[i];
    mean_y += weight[i] * y[i];
  }
  mean_x /= total;
  mean_y /= total;
  std::vector<double> beta(x.size());
  double above = 0, below = 0, mean_beta = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double u = x[i] - mean_x, v = y[i] - mean_y;
    beta[i] = weight[i] * (u * y_error[i] * y_error[i] + b * v * x_error[i] * x_error[i]);
    above += weight[i] * beta[i] * v;
    below += weight[i] * beta[i] * u;
    mean_beta += weight[i] * beta[i] / total;
  }
  Turn out;
  out.slope = above / below;
  out.intercept = mean_y - out.slope * mean_x;
  double spread = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    spread += weight[i] * (beta[i] - mean_beta) * (beta[i] - mean_beta);
  const double adjusted = mean_x + mean_beta;
  out.slope_variance = 1 / spread;
  out.intercept_variance = 1 / total + adjusted * adjusted * out.slope_variance;
  return out;
}

}  // namespace

ErrorsInBothFit errors_in_both_fit(std::span<const double> x,
                                   std::span<const double> y,
                                   std::span<const double> x_error,
                                   std::span<const double> y_error) {
  check(x, y, x_error, y_error);
  ErrorsInBothFit fit;
  const std::size_t n = x.size();
  fit.quality.points = static_cast<std::int64_t>(n);
  if (n < 3) {
    fit.slope.status = fit.intercept.status = Status::too_short;
    return fit;
  }
  fit.quality.x_low = *std::min_element(x.begin(), x.end());
  fit.quality.x_high = *std::max_element(x.begin(), x.end());
  const Sums sums = central_sums(x, y);
  if (sums.xx == 0 || sums.xy == 0) return fit;
  fit.slope_y_on_x = sums.xy / sums.xx;
  fit.slope_x_on_y = sums.yy / sums.xy;
  constexpr int kTurns = 500;
  Turn last;
  last.slope = fit.slope_y_on_x;
  bool settled = false;
  for (int i = 0; i < kTurns && !settled; ++i) {
    const Turn next = turn(x, y, x_error, y_error, last.slope);
    settled = std::abs(next.slope - last.slope) <= 1e-12 * std::abs(next.slope);
    last = next;
    if (!std::isfinite(next.slope)) return fit;
  }
  if (!settled) return fit;
  for (std::size_t i = 0; i < n; ++i) {
    const double residual = y[i] - last.intercept - last.slope * x[i];
    fit.quality.chi_squared +=
        residual * residual /
        (y_error[i] * y_error[i] + last.slope * last.slope * x_error[i] * x_error[i]);
  }
  fit.quality.degrees_of_freedom = static_cast<std::int64_t>(n) - 2;
  const auto dof = static_cast<double>(fit.quality.degrees_of_freedom);
  fit.quality.r_squared = sums.xy * sums.xy / (sums.xx * sums.yy);
  fit.quality.p_value = boost::math::gamma_q(0.5 * dof, 0.5 * fit.quality.chi_squared);
  const double grow = std::sqrt(std::max(1.0, fit.quality.chi_squared / dof));
  fit.slope = {last.slope, grow * std::sqrt(last.slope_variance), Status::ok};
  fit.intercept = {last.intercept, grow * std::sqrt(last.intercept_variance), Status::ok};
  return fit;
}

std::vector<double> local_scatter(std::span<const double> y, std::size_t reach) {
  if (reach < 2 || y.size() < 5) {
    reject({"local_scatter",
            fmt::format("{} points, reach {}", y.size(), reach),
            "needs at least five points and a reach of at least two",
            ""});
  }
  std::vector<double> out(y.size());
  const std::size_t width = std::min(y.size(), 2 * reach + 1);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t begin = std::min(i - std::min(i, reach), y.size() - width);
    std::vector<double> place(width);
    for (std::size_t k = 0; k < width; ++k) place[k] = static_cast<double>(k);
    const LinearFit fit = linear_fit(place, y.subspan(begin, width));
    double squares = 0;
    for (std::size_t k = 0; k < width; ++k) {
      const double residual =
          y[begin + k] - fit.intercept.value - fit.slope.value * static_cast<double>(k);
      squares += residual * residual;
    }
    out[i] = std::sqrt(squares / static_cast<double>(width - 2));
  }
  return out;
}

}  // namespace thermoscape::analysis
