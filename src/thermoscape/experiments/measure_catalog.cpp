#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

const std::vector<Measure>& measures() {
  static const std::vector<Measure> all{
      {"loss-statistics",
       "mean, deviation, Gamma law, N_c, φ and τ½ of the loss in a window, at every point of the sweep",
       {"loss"},
       &measure_loss_statistics},
      {"ageing", "the statistics against s = T t, and the plateau found by rule", {"loss"}, &measure_ageing},
      {"wall-density",
       "θ of simulated exponential walls against p(θ), its quadratic approximation and the exact averages",
       {"theta"},
       &measure_wall_density},
      {"traces", "what the probes of a phase recorded, against time", {}, &measure_traces}};
  return all;
}

}  // namespace thermoscape
