// Free diffusion from the installed library's noise: <x^2> = 2 T t, over 4096 walkers and 100
// steps. The mean square of n walkers has the relative standard error sqrt(2/n) = 2.2 %; five of
// those are allowed.
#include <cmath>
#include <cstdio>
#include <vector>

#include "thermoscape/core/noise.hpp"

int main() {
  const thermoscape::Noise noise(1);
  const double temperature = 1e-3, time_step = 1e-2;
  std::vector<double> walkers(4096), kick(walkers.size());
  for (std::uint64_t step = 0; step < 100; ++step) {
    noise.normal<double>("outside.kick", step, kick);
    for (std::size_t i = 0; i < walkers.size(); ++i)
      walkers[i] += std::sqrt(2 * temperature * time_step) * kick[i];
  }
  double mean_square = 0;
  for (const double x : walkers) mean_square += x * x / static_cast<double>(walkers.size());
  const double ratio = mean_square / (2 * temperature * 100 * time_step);
  std::printf("<x^2> / 2Tt = %.4f\n", ratio);
  return std::abs(ratio - 1) < 5 * std::sqrt(2.0 / 4096) ? 0 : 1;
}
