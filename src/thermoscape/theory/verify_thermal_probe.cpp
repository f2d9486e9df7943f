#include <cmath>

#include "thermoscape/theory/exponential_wall.hpp"
#include "thermoscape/theory/quadratic.hpp"
#include "thermoscape/theory/softplus_wall.hpp"
#include "thermoscape/theory/temperature_map.hpp"
#include "thermoscape/theory/verify_kinds.hpp"
#include "thermoscape/theory/wall_relaxation.hpp"

namespace thermoscape::theory {

namespace {

using Numbers = std::vector<double>;

Wall wall_from(const KindInputs& in) {
  return {
      in.number("a"), in.number("B"), in.number("thstar"), in.number("T"), in.number_or("th0", 1)};
}

Numbers toy_exact(const KindInputs& in) {
  const WallStatistics s = wall_statistics(wall_from(in));
  return {std::exp(s.log_partition), s.mean, s.second_moment, s.variance, s.curvature, s.entropy};
}

Numbers toy_asymptotic(const KindInputs& in) {
  const WallLimit s = wall_limit(wall_from(in));
  return {s.partition.value,
          s.mean.value,
          s.variance.value,
          s.second_moment.value,
          s.curvature.value,
          s.entropy.value,
          s.entropy_expanded.value};
}

Numbers toy_moment_n(const KindInputs& in) {
  return {wall_moment(wall_from(in), in.number("n"))};
}

Numbers toy_gamma_fit_moments(const KindInputs& in) {
  const WallStatistics s = wall_statistics(wall_from(in));
  return {s.shape, s.rate_times_temperature};
}

Numbers toy_many_walls_gamma(const KindInputs& in) {
  const ManyWalls s = many_walls(wall_from(in), in.number("n"), in.number("D"));
  return {s.mean, s.standard_deviation, s.effective_examples, s.shape};
}

Numbers softplus_exact(const KindInputs& in) {
  const SoftplusStatistics s = softplus_statistics({in.number("a"),
                                                    in.number("b"),
                                                    in.number("thstar"),
                                                    in.number("T"),
                                                    in.number_or("th0", 1)});
  return {std::exp(s.log_partition), s.mean, s.variance, s.curvature};
}

Numbers toy_tau_half(const KindInputs& in) {
  const Wall wall = wall_from(in);
  const WallRelaxation relaxation(wall);
  return {relaxation.scaled_half_time(),
          wall.steepness * relaxation.length(),
          relaxation.at_scaled(1),
          relaxation.at_scaled(10)};
}

Numbers quadratic_loss_stats(const KindInputs& in) {
  const double stiff = in.number("Nc");
  const double temperature = in.number("T");
  const QuadraticLoss s = quadratic_loss(stiff, temperature);
  return {s.mean,
          s.standard_deviation,
          s.heat_capacity,
          quadratic_loss_density(stiff, temperature, in.number("L"))};
}

Numbers em_quadratic(const KindInputs& in) {
  const EulerMaruyamaLoss s = euler_maruyama_loss(in.list("ks"), in.number("eta"), in.number("T"));
  return {s.mean.value, s.variance.value, s.shape.value, s.rate_times_temperature.value};
}

Numbers chi_quadratic(const KindInputs& in) {
  const Numbers stiffness = in.list("ks");
  const double time = in.number("t");
  return {quadratic_correlation(stiffness, time),
          quadratic_half_time(stiffness),
          euler_maruyama_correlation(stiffness, in.number("eta"), time).value};
}

Numbers entropy_of_quadratic(const KindInputs& in) {
  return {quadratic_entropy(in.list("ks"), in.number("T"), in.number_or("th0", 1))};
}

Numbers eq_s2_sigma(const KindInputs& in) {
  return {power_law_deviation(in.number("A"), in.number("alpha"), in.number("T"))};
}

Numbers fig4_pq(const KindInputs& in) {
  const QuadraticExpansion s = wall_quadratic_expansion(wall_from(in));
  return {s.mean, s.variance};
}

Numbers free_diffusion_msd(const KindInputs& in) {
  return {free_diffusion_square(in.number("N"), in.number("T"), in.number("t"))};
}

Numbers temperatures(const KindInputs& in) {
  const double momentum = in.number_or("beta", in.number_or("momentum", 0));
  const TemperatureMap s =
      temperature_map({in.number("a"), momentum, in.number("B"), in.number("D"), in.number("k")});
  return {s.probe_temperature, s.continuum_variance, s.discrete_variance.value};
}

}  // namespace

KindTable thermal_probe_kinds() {
  return {{"toy_exact", toy_exact},
          {"toy_asymptotic", toy_asymptotic},
          {"toy_moment_n", toy_moment_n},
          {"toy_gamma_fit_moments", toy_gamma_fit_moments},
          {"toy_many_walls_gamma", toy_many_walls_gamma},
          {"softplus_exact", softplus_exact},
          {"toy_tau_half", toy_tau_half},
          {"quadratic_loss_stats", quadratic_loss_stats},
          {"em_quadratic", em_quadratic},
          {"chi_L_quadratic", chi_quadratic},
          {"quadratic_entropy", entropy_of_quadratic},
          {"eq_S2_sigma", eq_s2_sigma},
          {"fig4_pQ", fig4_pq},
          {"free_diffusion_msd", free_diffusion_msd},
          {"temperature_map", temperatures}};
}

}  // namespace thermoscape::theory
