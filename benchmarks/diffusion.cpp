#include "benchmarks/diffusion.hpp"

#include <algorithm>
#include <vector>

#include "benchmarks/clock.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/models/fokker_planck.hpp"
#include "thermoscape/models/sde_ensemble.hpp"

namespace thermoscape::bench {

namespace {

constexpr double kTemperature = 0.2;

/// Median processor time of a step, over chunks of `chunk` steps for at least `seconds`.
template <class Advance>
double median_step(Advance&& advance, std::int64_t chunk, double seconds) {
  advance(chunk);
  std::vector<double> times;
  for (double spent = 0; spent < seconds || times.size() < 5;) {
    const double start = thread_seconds();
    advance(chunk);
    const double taken = thread_seconds() - start;
    spent += taken;
    times.push_back(taken / static_cast<double>(chunk));
  }
  std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

}  // namespace

Json sde_ensemble(const Json& request) {
  const BlockDiffusion well = {[](std::span<const double> theta, std::span<double> slope) {
                                 for (std::size_t i = 0; i < theta.size(); ++i)
                                   slope[i] = theta[i] * (theta[i] * theta[i] - 1);
                               },
                               {}};
  const std::size_t paths = request.at("paths");
  SdeEnsemble ensemble(well, {kTemperature, 1e-2}, Noise(1), std::vector<double>(paths, 1.0));
  const double seconds =
      median_step([&](std::int64_t steps) { ensemble.advance(steps); }, 200, request.at("seconds"));
  return {{"seconds_per_step", seconds}, {"paths", paths}};
}

Json fokker_planck(const Json& request) {
  const std::int64_t cells = request.at("cells");
  const theory::Landscape well =
      theory::constant_noise([](double x) { return (x * x - 1) * (x * x - 1) / 4; },
                             [](double x) { return x * (x * x - 1); },
                             [](double x) { return 3 * x * x - 1; });
  FokkerPlanck density(well, {kTemperature, -3, 3, cells, 1e-2}, [](double) { return 1.0; });
  const std::int64_t chunk = std::max<std::int64_t>(1, 2'000'000 / cells);
  const double seconds = median_step(
      [&](std::int64_t steps) { density.advance(steps); }, chunk, request.at("seconds"));
  return {{"seconds_per_step", seconds}, {"cells", cells}};
}

}  // namespace thermoscape::bench
