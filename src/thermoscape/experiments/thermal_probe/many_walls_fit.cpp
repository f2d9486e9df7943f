#include "thermoscape/experiments/thermal_probe/many_walls_fit.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/constants/constants.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/tools/minima.hpp>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/exponential_wall.hpp"
#include "thermoscape/theory/wall_effective_examples.hpp"
#include "thermoscape/theory/wall_relaxation.hpp"

namespace thermoscape {

namespace {

constexpr double kEuler = boost::math::constants::euler<double>();

/// The wall with this u in units of T and 1/a.
theory::Wall wall_of(double log_boltzmann) {
  // u = (B/T) e^{-aθ*}: a short cut-off where u is large keeps it positive.
  const double cutoff = std::max(1.0, -log_boltzmann);
  return {1, std::exp(log_boltzmann + cutoff), cutoff, 1, 1};
}

double log_boltzmann_at(double width, double temperature, double reference) {
  return -width - kEuler - std::log(temperature / reference);
}

double square(double x) {
  return x * x;
}

double chi_squared(std::span<const WallsPoint> points, double walls, double width) {
  double sum = 0;
  for (const WallsPoint& one : points) {
    const double log_u = log_boltzmann_at(width, one.temperature, points.front().temperature);
    const double mean = walls * theory::wall_statistics(wall_of(log_u)).mean;
    sum += square((one.mean.value - mean) / one.mean.standard_error) +
           square((one.effective_examples.value - theory::wall_effective_examples(walls, log_u)) /
                  one.effective_examples.standard_error);
  }
  return sum;
}

/// The n of smallest χ² at a given Λ, sought around the one that gives the mean.
WallsCandidate best_walls(std::span<const WallsPoint> points, double width) {
  double mean = 0;
  double one_wall = 0;
  for (const WallsPoint& one : points) {
    mean += one.mean.value;
    one_wall += theory::wall_statistics(
                    wall_of(log_boltzmann_at(width, one.temperature, points.front().temperature)))
                    .mean;
  }
  const double centre = std::log(std::max(2.0, mean / one_wall));
  const auto of_log = [&](double log_walls) {
    return chi_squared(points, std::exp(log_walls), width);
  };
  const auto [log_walls, value] = boost::math::tools::brent_find_minima(
      of_log, std::max(std::log(2.0), centre - 1), centre + 1, 20);
  constexpr double kStep = 0.02;
  const double curvature =
      (of_log(log_walls + kStep) - 2 * value + of_log(std::max(std::log(2.0), log_walls - kStep))) /
      (kStep * kStep);
  const double error = curvature > 0 ? std::sqrt(2 / curvature) : 0;
  return {width, log_boltzmann_at(width, 1, 1), std::exp(log_walls), value, error};
}

}  // namespace

WallsPrediction walls_prediction(double walls, double log_boltzmann, bool with_half_time) {
  const theory::Wall wall = wall_of(log_boltzmann);
  const theory::WallStatistics one = theory::wall_statistics(wall);
  WallsPrediction result;
  result.mean = walls * one.mean;
  result.effective_examples = theory::wall_effective_examples(walls, log_boltzmann);
  result.deviation = std::sqrt(walls * one.variance);
  result.shape = walls * one.shape;
  result.rate = one.rate_times_temperature;
  result.slope = one.variance / one.mean;
  if (with_half_time) result.half_time = theory::WallRelaxation(wall).scaled_half_time();
  return result;
}

std::vector<WallsCandidate> WallsFit::allowed() const {
  std::vector<WallsCandidate> list;
  for (const WallsCandidate& one : profile) {
    if (one.chi_squared <= profile[best].chi_squared + 1) list.push_back(one);
  }
  return list;
}

WallsFit fit_walls(std::span<const WallsPoint> points) {
  std::vector<WallsPoint> used;
  for (const WallsPoint& one : points) {
    if (!(one.temperature > 0))
      reject({"temperature", fmt::format("{}", one.temperature), "must be > 0", ""});
    if (!one.usable()) continue;
    used.push_back(one);
  }
  WallsFit fit;
  if (used.empty()) return fit;
  constexpr int kWidths = 120;
  constexpr double kLow = 0.05;
  constexpr double kHigh = 1000;
  for (int i = 0; i < kWidths; ++i) {
    const double width = kLow * std::pow(kHigh / kLow, static_cast<double>(i) / (kWidths - 1));
    fit.profile.push_back(best_walls(used, width));
    if (fit.profile.back().chi_squared < fit.profile[fit.best].chi_squared)
      fit.best = fit.profile.size() - 1;
  }
  if (fit.best > 0 && fit.best + 1 < fit.profile.size()) {
    // The grid is coarser than good data: a minimum between its points is sought there.
    const auto of_log = [&](double log_width) {
      return best_walls(used, std::exp(log_width)).chi_squared;
    };
    const double low = std::log(fit.profile[fit.best - 1].width);
    const double high = std::log(fit.profile[fit.best + 1].width);
    const double refined = boost::math::tools::brent_find_minima(of_log, low, high, 20).first;
    if (const WallsCandidate found = best_walls(used, std::exp(refined));
        found.chi_squared < fit.profile[fit.best].chi_squared) {
      fit.best += found.width > fit.profile[fit.best].width ? 1 : 0;
      fit.profile.insert(fit.profile.begin() + static_cast<std::ptrdiff_t>(fit.best), found);
    }
  }
  const std::vector<WallsCandidate> near = fit.allowed();
  fit.bounded = near.back().width < fit.profile.back().width;
  const WallsCandidate& best = fit.profile[fit.best];
  double least = best.walls;
  double most = best.walls;
  for (const WallsCandidate& one : near) {
    least = std::min(least, one.walls);
    most = std::max(most, one.walls);
  }
  const double spacing = best.width * (std::pow(kHigh / kLow, 1.0 / (kWidths - 1)) - 1);
  const Status status = fit.bounded ? Status::ok : Status::out_of_range;
  fit.width = {best.width, std::max(spacing, (near.back().width - near.front().width) / 2), status};
  fit.walls = {best.walls, std::max(best.walls * spacing / best.width, (most - least) / 2), status};
  fit.degrees_of_freedom = 2 * static_cast<double>(used.size()) - 2;
  if (fit.degrees_of_freedom > 0) {
    fit.inflation = std::sqrt(std::max(1.0, best.chi_squared / fit.degrees_of_freedom));
    const boost::math::chi_squared law(fit.degrees_of_freedom);
    fit.p_value = boost::math::cdf(boost::math::complement(law, best.chi_squared));
  }
  return fit;
}

}  // namespace thermoscape
