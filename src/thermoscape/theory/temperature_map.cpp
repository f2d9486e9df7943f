#include "thermoscape/theory/temperature_map.hpp"

namespace thermoscape::theory {

TemperatureMap temperature_map(const SgdNoise& noise) {
  validate(noise, "temperature-map");
  const double beta = noise.momentum;
  const double effective_rate = noise.learning_rate / (1 - beta);
  TemperatureMap map;
  map.noise_scale = effective_rate / noise.batch_size;
  map.probe_temperature = map.noise_scale * noise.gradient_variance / 2;
  map.active_temperature = effective_rate / 2 * (noise.gradient_variance / noise.batch_size);
  map.inverse_kappa = 1 / (noise.batch_size * (1 - beta * beta));
  map.continuum_variance = map.probe_temperature / noise.curvature;
  map.continuum_velocity_variance = map.inverse_kappa * noise.gradient_variance;
  const double reduction = noise.learning_rate * noise.curvature / (2 * (1 + beta));
  if (reduction >= 1) return map;  // unstable: no stationary state in discrete time
  const double factor = 1 / (1 - reduction);
  const double rate = noise.learning_rate;
  map.discrete_factor = value_within(factor, true);
  map.discrete_variance = value_within(map.continuum_variance * factor, true);
  map.discrete_velocity_variance = value_within(map.continuum_velocity_variance * factor, true);
  map.step_square = value_within(rate * rate * map.continuum_velocity_variance * factor, true);
  return map;
}

}  // namespace thermoscape::theory
