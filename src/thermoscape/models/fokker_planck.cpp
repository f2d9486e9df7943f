#include "thermoscape/models/fokker_planck.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/format.h>
#include <boost/math/quadrature/gauss.hpp>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

constexpr double kGamma = 2 - std::numbers::sqrt2;  // both stages share I - (γ/2) Δt A

void check(const FokkerPlanckSettings& settings) {
  const auto require = [](bool fine, const char* what, double value, const char* rule) {
    if (!fine) reject({what, fmt::format("{}", value), rule, ""});
  };
  require(settings.temperature > 0 && std::isfinite(settings.temperature),
          "temperature",
          settings.temperature,
          "must be a finite number > 0");
  require(settings.time_step > 0 && std::isfinite(settings.time_step),
          "time_step",
          settings.time_step,
          "must be a finite number > 0");
  require(
      std::isfinite(settings.low) && std::isfinite(settings.high) && settings.low < settings.high,
      "low",
      settings.low,
      "must be finite and < high");
  require(settings.cells >= 2, "cells", static_cast<double>(settings.cells), "must be >= 2");
}

/// x/(e^x - 1).
double bernoulli(double x) {
  if (std::abs(x) < 1e-12) return 1 - x / 2;
  return x > 700 ? 0 : x / std::expm1(x);
}

double finite(double value, const char* what, double theta) {
  if (std::isfinite(value)) return value;
  reject({fmt::format("{} at theta = {}", what, theta),
          fmt::format("{}", value),
          "must be a finite number",
          ""});
}

}  // namespace

FokkerPlanck::FokkerPlanck(const theory::Landscape& landscape,
                           const FokkerPlanckSettings& settings,
                           const std::function<double(double)>& density)
    : settings_(settings) {
  check(settings_);
  const auto cells = static_cast<std::size_t>(settings_.cells);
  width_ = (settings_.high - settings_.low) / static_cast<double>(cells);
  for (auto* values :
       {&density_, &stage_, &below_, &leave_, &above_, &multiplier_, &pivot_inverse_})
    values->assign(cells, 0.0);

  std::vector<double> noise(cells);
  for (std::size_t i = 0; i < cells; ++i) {
    noise[i] = landscape.noise(centre(i));
    if (!(noise[i] > 0) || !std::isfinite(noise[i]))
      reject({fmt::format("noise at theta = {}", centre(i)),
              fmt::format("{}", noise[i]),
              "must be > 0",
              "a diffusion that touches zero parts the line: solve each side alone"});
    density_[i] = finite(density(centre(i)), "density", centre(i));
    if (density_[i] < 0)
      reject({fmt::format("density at theta = {}", centre(i)),
              fmt::format("{}", density_[i]),
              "must be >= 0",
              ""});
  }
  const double mass = std::accumulate(density_.begin(), density_.end(), 0.0) * width_;
  if (!(mass > 0)) reject({"density", "0 in every cell", "must be > 0 somewhere", ""});
  for (double& one : density_) one /= mass;

  const double rate = settings_.temperature / (2 * width_ * width_);
  const auto drift = [&landscape](double theta) {
    return landscape.slope(theta) / landscape.noise(theta);
  };
  for (std::size_t i = 0; i + 1 < cells; ++i) {
    const double step =
        landscape.drift_integral
            ? landscape.drift_integral(centre(i + 1)) - landscape.drift_integral(centre(i))
            : boost::math::quadrature::gauss<double, 7>::integrate(drift, centre(i), centre(i + 1));
    const double delta = 2 / settings_.temperature * finite(step, "∫U'/D", centre(i));
    const double right = rate * bernoulli(delta) * noise[i];      // of ρ_i, a unit of time
    const double left = rate * bernoulli(-delta) * noise[i + 1];  // of ρ_{i+1}
    leave_[i] += right;
    leave_[i + 1] += left;
    below_[i + 1] = right;
    above_[i] = left;
  }
  const double a = kGamma / 2 * settings_.time_step;
  double pivot = 1 + a * leave_[0];
  pivot_inverse_[0] = 1 / pivot;
  for (std::size_t i = 1; i < cells; ++i) {
    multiplier_[i] = a * below_[i] * pivot_inverse_[i - 1];
    pivot = 1 + a * leave_[i] - multiplier_[i] * a * above_[i - 1];
    pivot_inverse_[i] = 1 / pivot;
  }
}

double FokkerPlanck::rate(std::size_t i) const {
  double rate = -leave_[i] * density_[i];
  if (i > 0) rate += below_[i] * density_[i - 1];
  if (i + 1 < density_.size()) rate += above_[i] * density_[i + 1];
  return rate;
}

void FokkerPlanck::solve(std::vector<double>& values) const {
  const double a = kGamma / 2 * settings_.time_step;
  for (std::size_t i = 1; i < values.size(); ++i) values[i] += multiplier_[i] * values[i - 1];
  values.back() *= pivot_inverse_.back();
  for (std::size_t i = values.size() - 1; i-- > 0;)
    values[i] = (values[i] + a * above_[i] * values[i + 1]) * pivot_inverse_[i];
}

void FokkerPlanck::advance(std::int64_t steps) {
  if (steps < 0) reject({"steps", fmt::format("{}", steps), "must be >= 0", ""});
  const double a = kGamma / 2 * settings_.time_step;
  constexpr double kLater = 1 / (kGamma * (2 - kGamma));
  constexpr double kEarlier = (1 - kGamma) * (1 - kGamma) * kLater;
  for (std::int64_t s = 0; s < steps; ++s) {
    for (std::size_t i = 0; i < stage_.size(); ++i) stage_[i] = density_[i] + a * rate(i);
    solve(stage_);
    for (std::size_t i = 0; i < stage_.size(); ++i)
      density_[i] = kLater * stage_[i] - kEarlier * density_[i];
    solve(density_);
  }
  step_ += steps;
}

double FokkerPlanck::average(const std::function<double(double)>& f) const {
  double sum = 0;
  for (std::size_t i = 0; i < density_.size(); ++i) sum += density_[i] * f(centre(i));
  return sum * width_;
}

double FokkerPlanck::probability(double left, double right) const {
  double sum = 0;
  for (std::size_t i = 0; i < density_.size(); ++i) {
    const double from = std::max(left, centre(i) - width_ / 2);
    const double to = std::min(right, centre(i) + width_ / 2);
    if (to > from) sum += density_[i] * (to - from);
  }
  return sum;
}

double FokkerPlanck::rate_of_change() const {
  double sum = 0;
  for (std::size_t i = 0; i < density_.size(); ++i) sum += std::abs(rate(i));
  return sum * width_;
}

}  // namespace thermoscape
