#include "thermoscape/analysis/flatness.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <optional>
#include <vector>

#include <Eigen/Dense>

#include "thermoscape/analysis/linear_fit.hpp"

namespace thermoscape::analysis {
namespace {

/// The first δ > 0 with slope·δ + ½Mδ² + qδ⁴ = 1. In v = scale/δ this is the monic v⁴ - a v³ - m v²
/// - q = 0 with coefficients of size <= 1, so the companion matrix is well conditioned; the largest
/// positive real v is wanted.
std::optional<double> first_rise(double slope, double curvature, double quartic) {
  const double half = 0.5 * curvature;
  const double inverse_scale = std::max(
      {std::abs(slope), std::sqrt(std::abs(half)), std::sqrt(std::sqrt(std::abs(quartic)))});
  if (inverse_scale == 0) return std::nullopt;
  const double a = slope / inverse_scale;
  const double m = half / inverse_scale / inverse_scale;
  const double q = quartic / std::pow(inverse_scale, 4);
  Eigen::Matrix4d companion = Eigen::Matrix4d::Zero();
  companion.row(0) << a, m, 0, q;
  companion.diagonal(-1).setOnes();
  const Eigen::Vector4cd roots = companion.eigenvalues();
  double best = 0;
  for (const std::complex<double>& root : roots) {
    if (root.real() > 1e-9 && std::abs(root.imag()) < 1e-7 * root.real())
      best = std::max(best, root.real());
  }
  if (best == 0) return std::nullopt;
  for (int i = 0; i < 3; ++i) {  // Newton removes what the eigenvalue solver left
    const double value = ((best - a) * best - m) * best * best - q;
    const double slope_of_value = ((4 * best - 3 * a) * best - 2 * m) * best;
    if (slope_of_value > 0) best -= value / slope_of_value;
  }
  return 1 / (best * inverse_scale);
}

Estimate exact(std::optional<double> value) {
  return value ? Estimate{*value, 0, Status::ok} : Estimate{};
}

}  // namespace

Flatness polynomial_flatness(double curvature, double slope, double quartic) {
  check_range(curvature, kAny, "", "polynomial_flatness.curvature");
  check_range(slope, kAny, "", "polynomial_flatness.slope");
  check_range(quartic, kAny, "", "polynomial_flatness.quartic");
  Flatness out;
  if (curvature > 0) out.from_curvature = exact(std::sqrt(8 / curvature));
  const std::optional<double> right = first_rise(slope, curvature, quartic);
  const std::optional<double> left = first_rise(-slope, curvature, quartic);
  if (right && left) out.width = exact(*left + *right);
  return out;
}

Flatness profile_flatness(std::span<const double> delta, std::span<const double> loss) {
  if (delta.size() != loss.size()) {
    reject({"profile_flatness",
            fmt::format("{} positions, {} losses", delta.size(), loss.size()),
            "must have equal lengths",
            ""});
  }
  const std::size_t n = delta.size();
  for (std::size_t i = 0; i < n; ++i) check_range(loss[i], kPositive, "", "profile_flatness.loss");
  for (std::size_t i = 1; i < n; ++i) {
    if (delta[i] > delta[i - 1]) continue;
    reject({"profile_flatness.delta", fmt::format("{}", delta[i]), "must increase", ""});
  }
  if (n < 2 || delta[0] > 0 || delta[n - 1] < 0) {
    reject({"profile_flatness.delta", fmt::format("{} values", n), "must span 0", ""});
  }
  const std::size_t after = static_cast<std::size_t>(
      std::lower_bound(delta.begin() + 1, delta.end(), 0.0) - delta.begin());
  const double part = -delta[after - 1] / (delta[after] - delta[after - 1]);
  const double log_zero = (1 - part) * std::log(loss[after - 1]) + part * std::log(loss[after]);
  std::vector<double> rise(n);
  for (std::size_t i = 0; i < n; ++i) rise[i] = std::log(loss[i]) - log_zero;
  const auto crossing = [&](std::size_t inside, std::size_t outside) {
    const double fraction = (1 - rise[inside]) / (rise[outside] - rise[inside]);
    return delta[inside] + fraction * (delta[outside] - delta[inside]);
  };
  Flatness out;
  std::size_t right = after, left = after - 1;
  while (right < n && rise[right] <= 1) ++right;
  while (rise[left] <= 1 && left > 0) --left;
  const bool left_rises = rise[left] > 1;
  if (right < n && left_rises) {
    // The neighbours of 0 stand in for it where the profile leaves the level within one spacing.
    const auto edge = [&](std::size_t inside, std::size_t outside) {
      if (inside == outside || rise[inside] > 1) return delta[outside] / rise[outside];
      return crossing(inside, outside);
    };
    out.width = exact(edge(right - 1, right) - edge(left + 1, left));
  }
  const std::size_t begin = left_rises ? left + 1 : 0;
  if (right < begin + 4) {
    out.from_curvature.status = Status::too_short;
    return out;
  }
  const Eigen::Index points = static_cast<Eigen::Index>(right - begin);
  Eigen::MatrixXd design(points, 2);
  Eigen::VectorXd target(points);
  for (Eigen::Index i = 0; i < points; ++i) {
    const double d = delta[begin + static_cast<std::size_t>(i)];
    design(i, 0) = d;
    design(i, 1) = 0.5 * d * d;
    target(i) = rise[begin + static_cast<std::size_t>(i)];
  }
  const Eigen::Matrix2d normal = design.transpose() * design;
  const Eigen::Vector2d fit = design.colPivHouseholderQr().solve(target);
  const double curvature = fit(1);
  if (!(curvature > 0)) return out;
  const double residual = (target - design * fit).squaredNorm() / static_cast<double>(points - 2);
  const double curvature_error = std::sqrt(residual * normal.inverse()(1, 1));
  const double value = std::sqrt(8 / curvature);
  out.from_curvature = {value, 0.5 * value * curvature_error / curvature, Status::ok};
  return out;
}

Estimate reflected_curvature(std::span<const double> x,
                             std::span<const double> potential,
                             double potential_at_minimum) {
  if (x.size() != potential.size()) {
    reject({"reflected_curvature",
            fmt::format("{} x, {} values", x.size(), potential.size()),
            "must have equal lengths",
            ""});
  }
  std::vector<double> half_square, rise;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == 0) continue;  // carries no weight, and no degree of freedom
    half_square.push_back(0.5 * x[i] * x[i]);
    rise.push_back(potential[i] - potential_at_minimum);
  }
  return proportional_fit(half_square, rise).factor;
}

}  // namespace thermoscape::analysis
