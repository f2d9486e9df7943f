#include "thermoscape/theory/steady_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/tools/toms748_solve.hpp>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

using Rule = boost::math::quadrature::gauss<double, 20>;
constexpr int kDepth = 48;
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

double positive_noise(const Landscape& landscape, double theta) {
  const double noise = landscape.noise(theta);
  if (noise > 0 && std::isfinite(noise)) return noise;
  reject({fmt::format("noise at theta = {}", theta), fmt::format("{}", noise), "must be > 0", ""});
}

/// U'/D.
double drift_at(const Landscape& landscape, double theta) {
  const double drift = landscape.slope(theta) / positive_noise(landscape, theta);
  if (std::isfinite(drift)) return drift;
  reject({fmt::format("slope at theta = {}", theta),
          fmt::format("{}", landscape.slope(theta)),
          "must be a finite number",
          ""});
}

struct Extrema {
  std::vector<double> minima;
  std::vector<double> maxima;
};

/// Where `slope` changes sign between neighbours among `points`. Points on which it is zero are
/// left out: the change is then found between the two beside them.
Extrema extrema_of(const Landscape::Function& slope, const std::vector<double>& points) {
  Extrema extrema;
  double before = 0;
  double value_before = 0;
  for (const double point : points) {
    const double value = slope(point);
    if (value == 0) continue;
    if (value_before * value < 0 || (value_before != 0 && (value_before < 0) != (value < 0))) {
      std::uintmax_t iterations = 200;
      const std::pair<double, double> root =
          boost::math::tools::toms748_solve(slope,
                                            before,
                                            point,
                                            value_before,
                                            value,
                                            boost::math::tools::eps_tolerance<double>(52),
                                            iterations);
      (value > 0 ? extrema.minima : extrema.maxima).push_back((root.first + root.second) / 2);
    }
    before = point;
    value_before = value;
  }
  return extrema;
}

/// Cuts left..right into `out` until the rule for U'/D agrees with that of the halves.
void cut(const Landscape& landscape,
         double tolerance,
         double left,
         double right,
         int depth,
         std::vector<double>& out) {
  const auto drift = [&landscape](double theta) { return drift_at(landscape, theta); };
  const double middle = std::midpoint(left, right);
  double size = 0;
  const double whole = Rule::integrate(drift, left, right, &size);
  const double halves =
      Rule::integrate(drift, left, middle) + Rule::integrate(drift, middle, right);
  if (depth == 0 || std::abs(halves - whole) <= std::max(tolerance, 1e-13 * size)) {
    out.push_back(middle);
    out.push_back(right);
    return;
  }
  cut(landscape, tolerance, left, middle, depth - 1, out);
  cut(landscape, tolerance, middle, right, depth - 1, out);
}

}  // namespace

Landscape constant_noise(Landscape::Function loss,
                         Landscape::Function slope,
                         Landscape::Function curvature,
                         double noise) {
  require_positive(noise, "noise");
  Landscape landscape;
  landscape.drift_integral = [loss, noise](double theta) { return loss(theta) / noise; };
  landscape.loss = std::move(loss);
  landscape.slope = std::move(slope);
  landscape.curvature = std::move(curvature);
  landscape.noise = [noise](double) { return noise; };
  return landscape;
}

SteadyState::SteadyState(Landscape landscape, double temperature, std::vector<double> breaks)
    : landscape_(std::move(landscape)), temperature_(temperature) {
  require_positive(temperature, "temperature");
  check_range(breaks, kAny, "", "breaks");
  if (breaks.size() < 2 || !std::is_sorted(breaks.begin(), breaks.end(), std::less_equal<>())) {
    reject({"breaks",
            fmt::format("{}", fmt::join(breaks, ", ")),
            "must be two or more increasing numbers",
            ""});
  }
  std::vector<double> ends{breaks.front()};
  for (std::size_t i = 0; i + 1 < breaks.size(); ++i) {
    cut(landscape_, 1e-14 * temperature, breaks[i], breaks[i + 1], kDepth, ends);
  }
  double drift = 0;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    panels_.push_back({ends[i], ends[i + 1], drift});
    drift = drift_to(panels_.back(), ends[i + 1]);
  }
  find_extrema();

  lowest_ = std::numeric_limits<double>::infinity();
  std::vector<double> levels;
  for (const Panel& panel : panels_) {
    levels.push_back(exponent(panel, panel.left));
    lowest_ = std::min(lowest_, levels.back());
  }
  levels.push_back(exponent(panels_.back(), panels_.back().right));
  lowest_ = std::min(lowest_, levels.back());

  // The bottom of the basin that each panel belongs to: v falls towards it all the way.
  const std::size_t count = panels_.size();
  std::vector<double> bottoms(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (levels[i] > levels[i + 1]) continue;
    bottoms[i] = i > 0 && levels[i - 1] <= levels[i] ? bottoms[i - 1] : levels[i];
  }
  for (std::size_t i = count; i-- > 0;) {
    if (levels[i] <= levels[i + 1]) continue;
    bottoms[i] = i + 1 < count && levels[i + 1] > levels[i + 2] ? bottoms[i + 1] : levels[i + 1];
  }
  std::vector<Panel> fine;
  for (std::size_t i = 0; i < panels_.size(); ++i) refine(panels_[i], bottoms[i], kDepth, 1, fine);
  panels_ = std::move(fine);
  normalisation_ = 0;
  for (const Panel& panel : panels_) {
    normalisation_ += weigh(panel, nullptr, panel.left, panel.right);
  }
}

SteadyState SteadyState::on_line(Landscape landscape,
                                 double temperature,
                                 double centre,
                                 double scale) {
  require_positive(temperature, "temperature");
  require_positive(scale, "scale");
  check_range(centre, kAny, "", "centre");
  const auto drift = [&landscape](double theta) { return drift_at(landscape, theta); };
  const auto level = [&](double drift_sum, double theta) {
    return 2 * drift_sum / temperature + std::log(positive_noise(landscape, theta));
  };
  // Excess of 2v/T over the Jacobian of power n of the distance, at both ends.
  struct Side {
    double end = 0;
    double sum = 0;
    double level = 0;
    double distance = 0;
  };
  std::vector<double> breaks{centre};
  double lowest = level(0, centre);
  Side sides[2] = {{centre, 0, lowest, 0}, {centre, 0, lowest, 0}};
  const auto excess = [&](const Side& side, double power) {
    return side.level - lowest - power * std::log(side.distance);
  };
  for (int s = 0; s < 2; ++s) {
    Side& side = sides[s];
    const double sign = s == 0 ? -1 : 1;
    // Quarters of the scale first, then half octaves.
    for (int step = 1; step <= 200; ++step) {
      side.distance = step <= 4 ? 0.25 * step : std::exp2(0.5 * (step - 4));
      const double next = centre + sign * scale * side.distance;
      side.sum += Rule::integrate(drift, side.end, next);
      side.end = next;
      side.level = level(side.sum, next);
      lowest = std::min(lowest, side.level);
      breaks.push_back(next);
      if (step > 4 && sign * drift(next) > 0 && excess(side, 3) > 80) break;
    }
  }
  double confined[3] = {};
  for (int n = 0; n < 3; ++n) {
    confined[n] = std::min(excess(sides[0], n + 1), excess(sides[1], n + 1));
  }
  if (!(confined[0] > 20)) {
    reject({"landscape",
            fmt::format("exponent 2v/T = {:.3g} above its least value at theta = {:.3g}",
                        std::min(sides[0].level, sides[1].level) - lowest,
                        sides[0].level < sides[1].level ? sides[0].end : sides[1].end),
            "must confine: no steady state can be normalised on the line",
            "give reflecting ends"});
  }
  std::sort(breaks.begin(), breaks.end());
  SteadyState state(std::move(landscape), temperature, std::move(breaks));
  state.mean_converged_ = confined[1] > 30;
  state.variance_converged_ = confined[2] > 30;
  return state;
}

double SteadyState::drift_to(const Panel& panel, double theta) const {
  if (landscape_.drift_integral) return landscape_.drift_integral(theta);
  if (theta == panel.left) return panel.drift;
  return panel.drift +
         Rule::integrate([this](double x) { return drift_at(landscape_, x); }, panel.left, theta);
}

double SteadyState::exponent(const Panel& panel, double theta) const {
  return 2 * drift_to(panel, theta) / temperature_ + std::log(positive_noise(landscape_, theta));
}

const SteadyState::Panel& SteadyState::panel_of(double theta) const {
  const auto after =
      std::upper_bound(panels_.begin() + 1, panels_.end(), theta, [](double x, const Panel& panel) {
        return x < panel.left;
      });
  return *(after - 1);
}

/// Sets the extrema of v and the minima of U, and cuts the panels at the former.
void SteadyState::find_extrema() {
  std::vector<double> points{panels_.front().left};
  for (const Panel& panel : panels_) {
    for (int i = 1; i <= 32; ++i) {
      points.push_back(i == 32 ? panel.right : std::lerp(panel.left, panel.right, i / 32.0));
    }
  }
  Extrema extrema = extrema_of(
      [this](double theta) {
        return landscape_.slope(theta) + temperature_ / 2 * landscape_.noise_slope(theta);
      },
      points);
  minima_ = std::move(extrema.minima);
  maxima_ = std::move(extrema.maxima);
  loss_minima_ = extrema_of(landscape_.slope, points).minima;

  std::vector<double> cuts = minima_;
  cuts.insert(cuts.end(), maxima_.begin(), maxima_.end());
  std::sort(cuts.begin(), cuts.end());
  std::vector<Panel> parts;
  auto next = cuts.begin();
  for (Panel panel : panels_) {
    const Panel whole = panel;
    for (; next != cuts.end() && *next < whole.right; ++next) {
      if (*next <= panel.left) continue;
      parts.push_back({panel.left, *next, panel.drift});
      panel = {*next, whole.right, drift_to(whole, *next)};
    }
    parts.push_back(panel);
  }
  panels_ = std::move(parts);
}

/// Halves a panel until ∫ e^{-2v/T} over it agrees with the halves. `bottom` is 2v/T at the bottom
/// of its basin: what lies 80 above counts for nothing.
void SteadyState::refine(
    const Panel& panel, double bottom, int depth, double before, std::vector<Panel>& out) const {
  double apart = 1;
  const double left = exponent(panel, panel.left);
  const double right = exponent(panel, panel.right);
  const double middle = std::midpoint(panel.left, panel.right);
  if (depth == 0 || std::min(left, right) > bottom + 80 || middle <= panel.left ||
      middle >= panel.right) {
    out.push_back(panel);
    return;
  }
  const Panel first{panel.left, middle, panel.drift};
  const Panel second{middle, panel.right, drift_to(panel, middle)};
  if (std::abs(right - left) < 40) {
    // Relative to the panel itself, so that basins below the smallest double are cut as well.
    const double base = std::min(left, right);
    const auto boltzmann = [&](double theta) { return std::exp(base - exponent(panel, theta)); };
    const double whole = Rule::integrate(boltzmann, panel.left, panel.right);
    const double halves = Rule::integrate(boltzmann, panel.left, middle) +
                          Rule::integrate(boltzmann, middle, panel.right);
    const double rounding = 16 * kEpsilon * std::max(std::abs(left), std::abs(right));
    apart = std::abs(whole - halves) / halves;
    // Halves of a smooth panel agree better by orders of magnitude: where they do not, what is left
    // is the rounding of U itself, which no panel is small enough for.
    const bool noise = apart < 1e-6 && apart > before / 4;
    if (apart <= 1e-12 + rounding || noise) {
      out.push_back(first);
      out.push_back(second);
      return;
    }
  }
  refine(first, bottom, depth - 1, apart, out);
  refine(second, bottom, depth - 1, apart, out);
}

/// ∫ f e^{lowest - 2v/T} over left..right inside a panel; f = 1 if null.
double SteadyState::weigh(const Panel& panel,
                          const Landscape::Function* f,
                          double left,
                          double right) const {
  return Rule::integrate(
      [&](double theta) {
        const double weight = std::exp(lowest_ - exponent(panel, theta));
        return f == nullptr ? weight : weight == 0 ? 0 : weight * (*f)(theta);
      },
      left,
      right);
}

double SteadyState::effective_potential(double theta) const {
  if (!(theta >= low() && theta <= high())) {
    reject(
        {"theta", fmt::format("{}", theta), fmt::format("must be in [{}, {}]", low(), high()), ""});
  }
  return (exponent(panel_of(theta), theta) - lowest_) * temperature_ / 2;
}

double SteadyState::density(double theta) const {
  if (!(theta >= low() && theta <= high())) return 0;
  return std::exp(lowest_ - exponent(panel_of(theta), theta)) / normalisation_;
}

double SteadyState::integral(const Landscape::Function& f, double left, double right) const {
  double sum = 0;
  for (const Panel& panel : panels_) {
    const double from = std::max(left, panel.left);
    const double to = std::min(right, panel.right);
    if (from < to) sum += weigh(panel, f ? &f : nullptr, from, to);
  }
  return sum / normalisation_;
}

double SteadyState::average(const Landscape::Function& f) const {
  return integral(f, low(), high());
}

double SteadyState::probability(double left, double right) const {
  return integral(nullptr, left, right);
}

Value SteadyState::mean() const {
  // About a point of the state, so that a narrow one far from 0 keeps its digits.
  const double origin = minima_.empty() ? low() : minima_.front();
  const double mean = origin + average([origin](double theta) { return theta - origin; });
  return {mean, mean_converged_ ? Status::ok : Status::not_converged};
}

Value SteadyState::variance() const {
  const double centre = mean().value;
  const double variance =
      average([centre](double theta) { return (theta - centre) * (theta - centre); });
  return {variance, variance_converged_ ? Status::ok : Status::not_converged};
}

std::vector<double> SteadyState::basin_bounds() const {
  std::vector<double> bounds{low()};
  bounds.insert(bounds.end(), maxima_.begin(), maxima_.end());
  bounds.push_back(high());
  return bounds;
}

}  // namespace thermoscape::theory
