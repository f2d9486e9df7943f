#pragma once
#include <string>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/local_geometry/training_moments.hpp"
#include "thermoscape/landscape/logit_geometry.hpp"

namespace thermoscape {

/// Logit geometry at the moments of every run of a phase.
struct GeometryStudy {
  std::vector<TrainingRun> runs;
  std::vector<std::vector<LogitGeometry>> geometry;  ///< [run][moment]

  [[nodiscard]] double weight_norm(std::size_t run, std::size_t moment) const;
};
[[nodiscard]] GeometryStudy study_geometry(const RunView& view,
                                           const std::string& phase,
                                           std::int64_t moments,
                                           std::int64_t examples);

/// Fig. 1: the three cosines at the stages. Fig. 4: logit variance, gradient length, weight norm
/// against the step. Fig. 3: entropies at the stages of the first run, and the simplex where C = 3.
[[nodiscard]] std::vector<Figure> logit_geometry_figures(const RunView& view,
                                                         const GeometryStudy& study);

}  // namespace thermoscape
