#include "thermoscape/theory/displacement_curve.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/theory/displacement_kernels.hpp"
#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape::theory {

namespace {

constexpr const char* kWhere = "displacement-curve";
/// e^{-y}(1 + y) is below the last place of 1.
constexpr double kRelaxed = 44;

void check(std::span<const double> curvatures,
           std::span<const double> gradient_variances,
           std::span<const double> times) {
  if (curvatures.empty() || curvatures.size() != gradient_variances.size()) {
    reject({fmt::format("{}.gradient_variances", kWhere),
            fmt::format("{} values", gradient_variances.size()),
            fmt::format("must be as many as curvatures, {}, and at least one", curvatures.size()),
            ""});
  }
  double last = 0;
  for (const double t : times) {
    require_non_negative(t, "displacement-curve.times");
    if (t < last) reject({"displacement-curve.times", fmt::format("{}", t), "must ascend", ""});
    last = t;
  }
}

SgdNoise mode_of(const SgdNoise& sgd, double curvature, double variance) {
  SgdNoise mode = sgd;
  mode.curvature = curvature;
  mode.gradient_variance = variance;
  return mode;
}

RelaxingMode relaxing_mode(const SgdNoise& noise) {
  const UnderdampedMode u = underdamped_mode(noise);
  RelaxingMode mode;
  mode.weight = 2 * underdamped_stationary(noise).position;
  mode.splitting = u.splitting;
  mode.frequency_squared = u.frequency * u.frequency;
  mode.oscillates = u.frequency >= u.friction;
  mode.rate = mode.oscillates ? u.friction : u.frequency / (u.friction + u.splitting) * u.frequency;
  return mode;
}

}  // namespace

DisplacementCurve displacement_curve(const SgdNoise& sgd,
                                     std::span<const double> curvatures,
                                     std::span<const double> gradient_variances,
                                     std::span<const double> times) {
  check(curvatures, gradient_variances, times);
  const DisplacementKernels& kernels = displacement_kernels(instruction_set());
  const std::size_t blocks = (times.size() + kTimeBlock - 1) / kTimeBlock;
  std::vector<double> padded(times.begin(), times.end());
  padded.resize(blocks * kTimeBlock, times.empty() ? 0 : times.back());
  std::vector<double> decay(padded.size());
  std::vector<double> rest_of_both(padded.size());
  SharedTimes shared{0, padded.data(), decay.data(), rest_of_both.data(), padded.size()};
  shared.friction = underdamped_mode(mode_of(sgd, curvatures[0], gradient_variances[0])).friction;
  kernels.prepare(shared);
  std::vector<double> sum(padded.size());
  std::vector<double> slope(padded.size());
  std::vector<double> relaxed(blocks + 1);  // weight of the modes that are at rest from a block on
  for (std::size_t l = 0; l < curvatures.size(); ++l) {
    const RelaxingMode mode = relaxing_mode(mode_of(sgd, curvatures[l], gradient_variances[l]));
    const auto end = std::lower_bound(padded.begin(), padded.end(), kRelaxed / mode.rate);
    const auto moving = static_cast<std::size_t>(end - padded.begin());
    const std::size_t block = (moving + kTimeBlock - 1) / kTimeBlock;
    kernels.add(mode, shared, block * kTimeBlock, sum.data(), slope.data());
    relaxed[block] += mode.weight;
  }
  DisplacementCurve curve;
  double rest = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (i % kTimeBlock == 0) rest += relaxed[i / kTimeBlock];
    const double displacement = sum[i] + rest;
    curve.displacement.push_back(displacement);
    curve.exponent.push_back(displacement > 0 ? times[i] * slope[i] / displacement : 2);
  }
  return curve;
}

DisplacementCurve discrete_displacement_curve(const SgdNoise& sgd,
                                              std::span<const double> curvatures,
                                              std::span<const double> gradient_variances,
                                              std::span<const double> steps) {
  check(curvatures, gradient_variances, steps);
  DisplacementCurve curve{std::vector<double>(steps.size()), std::vector<double>(steps.size())};
  for (std::size_t l = 0; l < curvatures.size(); ++l) {
    const SgdNoise mode = mode_of(sgd, curvatures[l], gradient_variances[l]);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      curve.displacement[i] += discrete_displacement(mode, steps[i]);
      curve.exponent[i] += discrete_displacement_growth(mode, steps[i]);
    }
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const double displacement = curve.displacement[i];
    curve.exponent[i] = displacement > 0 ? steps[i] * curve.exponent[i] / displacement : 2;
  }
  return curve;
}

}  // namespace thermoscape::theory
