#include "thermoscape/experiments/shift_curvature/steady_state_study.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/models/fokker_planck.hpp"
#include "thermoscape/models/sde_ensemble.hpp"
#include "thermoscape/theory/shift_curvature.hpp"

namespace thermoscape {

namespace {

using Function = theory::Landscape::Function;
constexpr std::size_t kBins = 120;

Estimate exactly(double value) {
  return {value, 0, Status::ok};
}

Estimate mean_of(std::span<const double> theta, const Function& f) {
  const auto n = static_cast<double>(theta.size());
  double sum = 0;
  double square = 0;
  for (const double one : theta) {
    const double value = f(one);
    sum += value;
    square += value * value;
  }
  const double mean = sum / n;
  const double error = std::sqrt(std::max(0.0, square / n - mean * mean) / (n - 1));
  return {mean, error, std::isfinite(mean) ? Status::ok : Status::diverged};
}

Function inside(double left, double right) {
  return [=](double theta) { return theta >= left && theta < right ? 1.0 : 0.0; };
}

/// `count` draws from the exact density, by its integral over small cells.
std::vector<double> draw(const theory::SteadyState& state, std::size_t count, const Noise& noise) {
  const double width = (state.high() - state.low()) / kSteadyCells;
  std::vector<double> sums(kSteadyCells + 1, 0.0);
  for (std::size_t i = 0; i < kSteadyCells; ++i)
    sums[i + 1] = sums[i] + state.density(state.low() + width * (static_cast<double>(i) + 0.5));
  std::vector<double> places(count);
  noise.uniform<double>("steady-state.start", 0, places);
  for (double& one : places) {
    const double target = one * sums.back();
    const auto after = std::upper_bound(sums.begin() + 1, sums.end() - 1, target);
    const auto cell = static_cast<std::size_t>(after - sums.begin()) - 1;
    one =
        state.low() + width * (static_cast<double>(cell) +
                               std::clamp((target - sums[cell]) / (*after - sums[cell]), 0.0, 1.0));
  }
  return places;
}

/// Follows the equation from a flat density and from one that lies in the first basin, with steps
/// that grow tenfold, until both give the same basins: a rate of change alone cannot tell a steady
/// state from one that waits before a barrier.
SteadyAverages relax(const SteadyGround& ground,
                     const SteadyStateOptions& options,
                     const theory::SteadyState& exact,
                     const Function& test,
                     double& time) {
  const std::vector<double> bounds = exact.basin_bounds();
  std::array<Function, 2> starts = {[](double) { return 1.0; }, inside(bounds[0], bounds[1])};
  std::array<std::vector<double>, 2> last;
  FokkerPlanckSettings settings{
      exact.temperature(), exact.low(), exact.high(), options.cells, options.time_step};
  SteadyAverages averages;
  Status status = Status::not_converged;
  // Beyond 1e7 unit steps the factors of the scheme keep too few digits to conserve probability.
  for (time = 0; settings.time_step < 2e7 && status != Status::ok; settings.time_step *= 10) {
    std::array<std::vector<double>, 2> shares;
    for (const std::size_t k : {1u, 0u}) {  // the flat one last: its averages are kept
      FokkerPlanck density(ground.landscape, settings, starts[k]);
      density.advance(60);
      last[k].assign(density.density().begin(), density.density().end());
      starts[k] = [&cells = last[k], low = settings.low, width = density.width()](double theta) {
        const auto cell = static_cast<std::size_t>(std::max(0.0, (theta - low) / width));
        return std::max(0.0, cells[std::min(cell, cells.size() - 1)]);
      };
      for (std::size_t b = 0; b + 1 < bounds.size(); ++b)
        shares[k].push_back(density.probability(bounds[b], bounds[b + 1]));
      averages.train_loss.value = density.average(ground.landscape.loss);
      averages.test_loss.value = density.average(test);
    }
    time += 60 * settings.time_step;
    double apart = 0;
    for (std::size_t b = 0; b < shares[0].size(); ++b)
      apart = std::max(apart, std::abs(shares[0][b] - shares[1][b]));
    // One basin: the shares say nothing, and ten relaxation times of any width have passed.
    const bool alone = shares[0].size() == 1 && time > 1e3;
    if (alone || (shares[0].size() > 1 && apart < 1e-6)) status = Status::ok;
    averages.probabilities.clear();
    for (const double share : shares[0]) averages.probabilities.push_back({share, 0, status});
  }
  averages.train_loss = {averages.train_loss.value, 0, status};
  averages.test_loss = {averages.test_loss.value, 0, status};
  return averages;
}

/// The paths at the end of their time, started from the exact state.
std::vector<double> simulate(const SteadyGround& ground,
                             const SteadyStateOptions& options,
                             double temperature,
                             double duration,
                             std::vector<double> start,
                             const Noise& noise) {
  SdeEnsemble ensemble(block_diffusion(ground.landscape, ground.constant_noise),
                       {temperature, options.time_step, options.low, options.high},
                       noise,
                       std::move(start));
  ensemble.advance(static_cast<std::int64_t>(std::ceil(duration / options.time_step)));
  return {ensemble.positions().begin(), ensemble.positions().end()};
}

void mark_out_of_range(SteadyPoint& point) {
  for (SteadyAverages* one : {&point.exact, &point.mixture, &point.density, &point.paths}) {
    for (Estimate& share : one->probabilities) share.status = Status::out_of_range;
    for (Estimate* mean : {&one->train_loss, &one->test_loss})
      if (mean->status != Status::undefined) mean->status = Status::out_of_range;
  }
}

void fill_mixture(const SteadyGround& ground, SteadyPoint& point) {
  std::vector<theory::TestBasin> tests;
  Estimate train{0, 0, Status::ok};
  for (const theory::Basin& basin : point.basins) {
    if (basin.weight.status != Status::ok || basin.minimum.status != Status::ok) {
      point.mixture.test_loss.status = Status::undefined;
      return;
    }
    point.mixture.probabilities.push_back(exactly(basin.weight.value));
    const double minimum = basin.minimum.value;
    const double stiffness = ground.landscape.curvature(minimum);
    const auto one = [](double x) { return Eigen::VectorXd::Constant(1, x); };
    const double depth = ground.landscape.loss(minimum);
    tests.push_back({basin.weight.value,
                     depth,
                     one(stiffness),
                     one(-ground.shift),
                     one(basin.bias.value),
                     one(basin.variance.value)});
    train.value +=
        basin.weight.value *
        (depth + stiffness / 2 * (basin.variance.value + basin.bias.value * basin.bias.value));
  }
  if (tests.empty()) return;
  const theory::TestLoss total = theory::expected_test_loss(tests);
  point.mixture.train_loss = train;
  point.mixture.test_loss = exactly(total.total);
  point.depth_and_shift = exactly(total.depth + total.shift);
}

void fill_histogram(const theory::SteadyState& exact,
                    const std::vector<double>& paths,
                    SteadyPoint& point) {
  // The bins cover the paths alone: nothing is seen of a tail on a wide axis.
  const auto [least, most] = std::minmax_element(paths.begin(), paths.end());
  const double left = *least;
  const double width = (*most - *least) / kBins * (1 + 1e-12);
  if (!(width > 0)) return;
  std::vector<double> counts(kBins, 0.0);
  for (const double theta : paths)
    counts[std::min(kBins - 1, static_cast<std::size_t>((theta - left) / width))] += 1;
  const auto n = static_cast<double>(paths.size());
  for (std::size_t b = 0; b < kBins; ++b) {
    const double from = left + width * static_cast<double>(b);
    const double p = exact.probability(from, from + width);
    const double centre = from + width / 2;
    point.centres.push_back(centre);
    point.histogram.push_back(counts[b] / n / width);
    point.histogram_error.push_back(std::sqrt(p * (1 - p) / n) / width);
    point.exact_density.push_back(p / width);
    double mixture = 0;
    for (const theory::Basin& basin : point.basins) {
      if (basin.weight.status != Status::ok) continue;
      const double away = centre - basin.centre;
      mixture += basin.weight.value * std::exp(-away * away / (2 * basin.variance.value)) /
                 std::sqrt(2 * M_PI * basin.variance.value);
    }
    point.mixture_density.push_back(mixture);
  }
}

}  // namespace

SteadyPoint steady_point(const SteadyGround& ground,
                         const SteadyStateOptions& options,
                         double temperature,
                         const Noise& noise) {
  const theory::SteadyState exact(ground.landscape, temperature, ground.breaks);
  const Function& train = ground.landscape.loss;
  const double shift = ground.shift;
  const Function test = [&train, shift](double theta) { return train(theta + shift); };
  SteadyPoint point;
  point.temperature = temperature;
  point.bounds = exact.basin_bounds();
  for (std::size_t k = 0; k + 1 < point.bounds.size(); ++k)
    point.exact.probabilities.push_back(
        exactly(exact.probability(point.bounds[k], point.bounds[k + 1])));
  point.exact.train_loss = exactly(exact.average(train));
  point.exact.test_loss = exactly(exact.average(test));
  const double end =
      std::min(exact.effective_potential(exact.low()), exact.effective_potential(exact.high()));
  point.end_density = std::exp(-2 * end / temperature);
  point.basins = theory::laplace_basins(exact);
  fill_mixture(ground, point);
  point.density = relax(ground, options, exact, test, point.relaxation);
  const std::vector<double> paths =
      simulate(ground,
               options,
               temperature,
               options.duration,
               draw(exact, static_cast<std::size_t>(options.paths), noise),
               noise);
  for (std::size_t k = 0; k + 1 < point.bounds.size(); ++k)
    point.paths.probabilities.push_back(
        mean_of(paths, inside(point.bounds[k], point.bounds[k + 1])));
  point.paths.train_loss = mean_of(paths, train);
  point.paths.test_loss = mean_of(paths, test);
  fill_histogram(exact, paths, point);
  // At an end the discrete paths are not those of the equation, and nothing there is a basin.
  if (point.end_density > 0.5) mark_out_of_range(point);
  return point;
}

EscapeCurve escape_curve(const SteadyGround& ground,
                         const SteadyStateOptions& options,
                         const Noise& noise) {
  const double temperature = options.escape_temperature;
  const theory::SteadyState exact(ground.landscape, temperature, ground.breaks);
  EscapeCurve curve;
  const std::vector<double>& tops = exact.maxima();
  const auto nearest = std::min_element(tops.begin(), tops.end(), [&](double a, double b) {
    return std::abs(a - options.escape_from) < std::abs(b - options.escape_from);
  });
  if (nearest == tops.end())
    reject({"escape_from",
            fmt::format("{}", options.escape_from),
            "needs a barrier of v beside it",
            ""});
  curve.barrier = *nearest;
  const bool left = options.escape_from < curve.barrier;
  const double width = 0.02 * (options.high - options.low);

  constexpr std::int64_t kLooks = 40;
  constexpr std::int64_t kStepsPerLook = 50;
  FokkerPlanck density(ground.landscape,
                       {temperature,
                        options.low,
                        options.high,
                        options.cells,
                        options.escape_time / static_cast<double>(kLooks * kStepsPerLook)},
                       [&](double theta) {
                         const double x = (theta - options.escape_from) / width;
                         return std::exp(-x * x / 2);
                       });
  std::vector<double> start(static_cast<std::size_t>(options.paths));
  noise.normal<double>("steady-state.escape", 0, start);
  for (double& one : start)
    one = std::clamp(options.escape_from + width * one, options.low, options.high);
  SdeEnsemble ensemble(block_diffusion(ground.landscape, ground.constant_noise),
                       {temperature, options.time_step, options.low, options.high},
                       noise.fork("escape", 0),
                       std::move(start));
  const auto look = [&] {
    curve.time.push_back(density.time());
    const double from = left ? options.low : curve.barrier;
    const double to = left ? curve.barrier : options.high;
    const double p = density.probability(from, to);
    curve.density.push_back(p);
    Estimate share = mean_of(ensemble.positions(), inside(from, to));
    share.standard_error =
        std::sqrt(std::max(p * (1 - p), 0.0) / static_cast<double>(options.paths));
    curve.paths.push_back(share);
  };
  look();
  for (std::int64_t i = 1; i <= kLooks; ++i) {
    density.advance(kStepsPerLook);
    const auto target = static_cast<std::int64_t>(std::llround(density.time() / options.time_step));
    ensemble.advance(target - ensemble.step());
    look();
  }
  return curve;
}

}  // namespace thermoscape
