#pragma once
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/limiting_dynamics/eigenplane_study.hpp"

namespace thermoscape {

/// How one task moved along its eigenvectors: losses and paths in the plane of the first and the
/// last, phase space along both, variances, frequencies and gradient noise over the spectrum.
[[nodiscard]] std::vector<Figure> eigenplane_figures(const TaskEigenplanes& t);

}  // namespace thermoscape
