#include "thermoscape/models/sde_ensemble.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

/// Paths of a block: positions, slopes and normals are 24 kB together.
constexpr std::size_t kBlock = 1024;

void check(const SdeSettings& settings, const std::vector<double>& start) {
  const auto require = [](bool fine, const char* what, double value, const char* rule) {
    if (!fine) reject({what, fmt::format("{}", value), rule, ""});
  };
  require(settings.temperature >= 0 && std::isfinite(settings.temperature),
          "temperature",
          settings.temperature,
          "must be a finite number >= 0");
  require(settings.time_step > 0 && std::isfinite(settings.time_step),
          "time_step",
          settings.time_step,
          "must be a finite number > 0");
  require(settings.low < settings.high, "low", settings.low, "must be < high");
  if (start.empty()) reject({"start", "no path", "must hold one or more positions", ""});
  for (const double theta : start) {
    require(std::isfinite(theta) && theta >= settings.low && theta <= settings.high,
            "start",
            theta,
            "must be finite and between the ends");
  }
}

/// Reflects at the ends as often as it takes.
double fold(double theta, double low, double high) {
  while (theta < low || theta > high) {
    theta = theta < low ? 2 * low - theta : 2 * high - theta;
    if (!std::isfinite(theta)) return theta;
  }
  return theta;
}

}  // namespace

BlockDiffusion block_diffusion(const theory::Landscape& landscape, bool constant) {
  const auto over = [](theory::Landscape::Function f) {
    return [f = std::move(f)](std::span<const double> theta, std::span<double> values) {
      std::transform(theta.begin(), theta.end(), values.begin(), f);
    };
  };
  BlockDiffusion diffusion;
  diffusion.slope = over(landscape.slope);
  if (!constant) diffusion.noise = over(landscape.noise);
  return diffusion;
}

SdeEnsemble::SdeEnsemble(BlockDiffusion diffusion,
                         const SdeSettings& settings,
                         const Noise& noise,
                         std::vector<double> start)
    : diffusion_(std::move(diffusion)),
      settings_(settings),
      noise_(noise),
      theta_(std::move(start)) {
  check(settings_, theta_);
}

void SdeEnsemble::advance_block(std::size_t first,
                                std::span<double> theta,
                                std::int64_t steps) const {
  double slope_buffer[kBlock];
  double noise_buffer[kBlock];
  double normal_buffer[kBlock];
  const std::span<double> slope(slope_buffer, theta.size());
  const std::span<double> noise(noise_buffer, theta.size());
  const std::span<double> normal(normal_buffer, theta.size());
  const double dt = settings_.time_step;
  const double amplitude = std::sqrt(settings_.temperature * dt);
  const bool ends = std::isfinite(settings_.low) || std::isfinite(settings_.high);
  for (std::int64_t s = 0; s < steps; ++s) {
    const auto step = static_cast<std::uint64_t>(step_ + s);
    diffusion_.slope(theta, slope);
    if (!diffusion_.noise) {
      noise_.kick<double>("sde-ensemble.kick", step, amplitude, dt, slope, theta, first);
    } else {
      diffusion_.noise(theta, noise);
      noise_.normal<double>("sde-ensemble.kick", step, normal, first);
      // √ of a negative D is NaN: the path is then lost, and the status says so.
      for (std::size_t i = 0; i < theta.size(); ++i)
        theta[i] += amplitude * std::sqrt(noise[i]) * normal[i] - dt * slope[i];
    }
    if (ends)
      for (double& one : theta) one = fold(one, settings_.low, settings_.high);
  }
}

void SdeEnsemble::advance(std::int64_t steps, int threads) {
  if (steps < 0) reject({"steps", fmt::format("{}", steps), "must be >= 0", ""});
  const std::size_t blocks = (theta_.size() + kBlock - 1) / kBlock;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t b = next++; b < blocks; b = next++) {
        const std::size_t first = b * kBlock;
        const std::size_t count = std::min(kBlock, theta_.size() - first);
        advance_block(first, std::span<double>(theta_).subspan(first, count), steps);
      }
    } catch (...) {
      const std::scoped_lock lock(mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::jthread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back(work);
  work();
  helpers.clear();
  if (failure) std::rethrow_exception(failure);
  step_ += steps;
  const bool finite =
      std::all_of(theta_.begin(), theta_.end(), [](double theta) { return std::isfinite(theta); });
  if (!finite) status_ = Status::diverged;
}

}  // namespace thermoscape
