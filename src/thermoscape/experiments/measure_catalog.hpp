#pragma once
#include "thermoscape/experiments/measure.hpp"

namespace thermoscape {

/// Each analysis of the catalogue; `view` is null when only the options are to be checked.
Measured measure_loss_statistics(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader);
Measured measure_ageing(const RunView* view, const MeasureSettings& settings, TomlReader& reader);
Measured measure_wall_density(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader);
Measured measure_quadratic_minimum(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader);
Measured measure_spikes(const RunView* view, const MeasureSettings& settings, TomlReader& reader);
Measured measure_slice(const RunView* view, const MeasureSettings& settings, TomlReader& reader);
Measured measure_many_walls(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader);
Measured measure_hessian_spectrum(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader);
Measured measure_distance(const RunView* view, const MeasureSettings& settings, TomlReader& reader);
Measured measure_length_scales(const RunView* view,
                               const MeasureSettings& settings,
                               TomlReader& reader);
Measured measure_correlation(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader);
Measured measure_traces(const RunView* view, const MeasureSettings& settings, TomlReader& reader);

}  // namespace thermoscape
