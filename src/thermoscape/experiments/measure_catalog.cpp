#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

const std::vector<Measure>& measures() {
  static const std::vector<Measure> all{
      {"loss-statistics",
       "mean, deviation, Gamma law, N_c, φ and τ½ of the loss in a window, at every point of the "
       "sweep",
       {"loss"},
       &measure_loss_statistics},
      {"ageing",
       "the statistics against s = T t, and the plateau found by rule",
       {"loss"},
       &measure_ageing},
      {"wall-density",
       "θ of simulated exponential walls against p(θ), its quadratic approximation and the exact "
       "averages",
       {"theta"},
       &measure_wall_density},
      {"correlation",
       "autocorrelation of the loss raw and against 2TΔt, how well it collapses, and the law of "
       "its tail",
       {"loss"},
       &measure_correlation},
      {"hessian-spectrum",
       "exact Hessian spectra in a window: distributions in λ and λ/T, exponents rank by rank, "
       "outliers",
       {"loss", "theta"},
       &measure_hessian_spectrum},
      {"length-scales",
       "L = √(T τ½) beside the wall length of the examples at the boundary and the distance of "
       "changed predictions",
       {"loss", "theta"},
       &measure_length_scales},
      {"distance",
       "loss against distance from the minimum, under Langevin dynamics and under pure diffusion",
       {"loss", "theta"},
       &measure_distance},
      {"quadratic-minimum",
       "a minimum of squared errors against the exact theory of a quadratic loss: N_c, τ½, "
       "stiffness, entropy",
       {"loss", "theta"},
       &measure_quadratic_minimum},
      {"spikes",
       "excursions of the loss counted and located, drift, at every point of the sweep",
       {"loss"},
       &measure_spikes},
      {"slice",
       "a stretch of a run that is not stationary: power law, response relation, drift",
       {"loss"},
       &measure_slice},
      {"many-walls",
       "n walls that reproduce mean and φ, and what they predict for the rest",
       {"loss", "effective_examples"},
       &measure_many_walls},
      {"traces", "what the probes of a phase recorded, against time", {}, &measure_traces}};
  return all;
}

}  // namespace thermoscape
