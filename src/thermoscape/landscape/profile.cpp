#include "thermoscape/landscape/profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/Dense>

#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

namespace {

constexpr int kRounds = 6;
constexpr int kOctaves = 3;  // a round looks at guess · 2^-3 ... 2^3

struct Reach {
  double delta = 0;
  bool found = false;
};

/// Where a side first rises by `rise`, interpolated in ln δ and ln of the rise, which a parabola
/// makes straight.
Reach reach_of(const std::vector<double>& delta, const std::vector<double>& rise, double wanted) {
  for (std::size_t i = 0; i < delta.size(); ++i) {
    if (!(rise[i] >= wanted)) continue;
    if (i == 0) return {delta[0], false};  // it lies further in
    const double below = std::max(rise[i - 1], 1e-3 * wanted);
    if (rise[i] <= below) return {delta[i], true};
    const double part = std::log(wanted / below) / std::log(rise[i] / below);
    return {delta[i - 1] * std::pow(delta[i] / delta[i - 1], part), true};
  }
  return {delta.back(), false};
}

/// The distance on the side `sign` at which ln(L/L0) = rise.
template <class Real>
Reach search(LossLine<Real>& line,
             std::span<const Real> direction,
             double sign,
             double log_zero,
             double rise,
             double guess) {
  double centre = guess;
  Reach last;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> delta;
    std::vector<double> at;
    for (int k = -kOctaves; k <= kOctaves; ++k) {
      delta.push_back(centre * std::exp2(k));
      at.push_back(sign * delta.back());
    }
    std::vector<double> log_rise = line.losses(direction, at);
    // A loss beyond the largest number has surely risen.
    for (double& one : log_rise) one = std::isfinite(one) ? std::log(one) - log_zero : kInfinity;
    last = reach_of(delta, log_rise, rise);
    if (last.found) return last;
    centre *= last.delta == delta.front() ? std::exp2(-2 * kOctaves) : std::exp2(2 * kOctaves);
  }
  return last;
}

}  // namespace

ParabolaFit fit_parabola(std::span<const double> delta,
                         std::span<const double> log_rise,
                         double highest) {
  std::vector<std::size_t> inside;
  double scale = 0;
  for (std::size_t i = 0; i < delta.size(); ++i) {
    if (!(log_rise[i] <= highest)) continue;
    inside.push_back(i);
    scale = std::max(scale, std::abs(delta[i]));
  }
  ParabolaFit fit;
  fit.slope.status = fit.curvature.status = Status::too_short;
  const auto n = static_cast<Eigen::Index>(inside.size());
  if (n < 4 || scale == 0) return fit;
  Matrix design(n, 2);
  Vector target(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double d = delta[inside[static_cast<std::size_t>(i)]] / scale;
    design.row(i) << d, 0.5 * d * d;
    target(i) = log_rise[inside[static_cast<std::size_t>(i)]];
  }
  const Vector solution = design.colPivHouseholderQr().solve(target);
  const double residual = (target - design * solution).squaredNorm();
  const Matrix covariance =
      (design.transpose() * design).inverse() * (residual / static_cast<double>(n - 2));
  fit.slope = {solution(0) / scale, std::sqrt(covariance(0, 0)) / scale, Status::ok};
  fit.curvature = {
      solution(1) / scale / scale, std::sqrt(covariance(1, 1)) / scale / scale, Status::ok};
  const double total = target.squaredNorm();
  fit.r_squared = total > 0 ? 1 - residual / total : 1;
  return fit;
}

template <class Real>
Profile loss_profile(LossLine<Real>& line,
                     std::span<const Real> direction,
                     const ProfileOptions& options) {
  validate(options, "profile");
  const std::array<double, 1> origin{0.0};
  Profile out;
  out.loss_at_zero = line.losses(direction, origin).front();
  if (!(out.loss_at_zero > 0) || !std::isfinite(out.loss_at_zero)) {
    reject({"profile.loss",
            fmt::format("{}", out.loss_at_zero),
            "must be positive at the centre: the profile is one of ln L",
            ""});
  }
  const double log_zero = std::log(out.loss_at_zero);
  const Reach right = search(line, direction, 1, log_zero, options.rise, options.guess);
  const Reach left = search(
      line, direction, -1, log_zero, options.rise, right.found ? right.delta : options.guess);
  out.status = right.found && left.found ? Status::ok : Status::not_converged;
  const std::int64_t half = options.points / 2;
  for (std::int64_t i = half; i >= 1; --i)
    out.delta.push_back(-1.05 * left.delta * static_cast<double>(i) / static_cast<double>(half));
  out.delta.push_back(0);
  for (std::int64_t i = 1; i <= half; ++i)
    out.delta.push_back(1.05 * right.delta * static_cast<double>(i) / static_cast<double>(half));
  out.loss = line.losses(direction, out.delta);
  std::vector<double> log_rise;
  for (const double one : out.loss) log_rise.push_back(std::log(one) - log_zero);
  const ParabolaFit fit = fit_parabola(out.delta, log_rise, options.rise);
  out.slope = fit.slope;
  out.curvature = fit.curvature;
  out.r_squared = fit.r_squared;
  const bool positive =
      std::all_of(out.loss.begin(), out.loss.end(), [](double x) { return x > 0; });
  const bool finite =
      std::all_of(out.loss.begin(), out.loss.end(), [](double x) { return std::isfinite(x); });
  if (positive && finite)
    out.flatness.width = analysis::profile_flatness(out.delta, out.loss).width;
  if (fit.curvature.ok() && fit.curvature.value > 0) {
    const double f = std::sqrt(8 / fit.curvature.value);
    out.flatness.from_curvature = {
        f, 0.5 * f * fit.curvature.standard_error / fit.curvature.value, Status::ok};
  }
  return out;
}

template Profile loss_profile(LossLine<float>&, std::span<const float>, const ProfileOptions&);
template Profile loss_profile(LossLine<double>&, std::span<const double>, const ProfileOptions&);

}  // namespace thermoscape
