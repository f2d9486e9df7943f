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
Measured measure_random_spectrum(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader);
Measured measure_random_sweep(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader);
Measured measure_logit_geometry(const RunView* view,
                                const MeasureSettings& settings,
                                TomlReader& reader);
Measured measure_training_curvature(const RunView* view,
                                    const MeasureSettings& settings,
                                    TomlReader& reader);
Measured measure_goldilocks(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader);
Measured measure_random_simplex(const RunView* view,
                                const MeasureSettings& settings,
                                TomlReader& reader);
Measured measure_steady_state(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader);
Measured measure_spectrum(const RunView* view, const MeasureSettings& settings, TomlReader& reader);
Measured measure_traces(const RunView* view, const MeasureSettings& settings, TomlReader& reader);
Measured measure_test_loss_terms(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader);
Measured measure_sgd_stationarity(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader);
Measured measure_temperature_collapse(const RunView* view,
                                      const MeasureSettings& settings,
                                      TomlReader& reader);
Measured measure_force_curl(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader);
Measured measure_diffusion_limit(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader);
Measured measure_overparametrised_state(const RunView* view,
                                        const MeasureSettings& settings,
                                        TomlReader& reader);
Measured measure_reparametrisation(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader);
Measured measure_end_values(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader);
Measured measure_gradient_span(const RunView* view,
                               const MeasureSettings& settings,
                               TomlReader& reader);
Measured measure_minima_pair(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader);
Measured measure_trajectory_pca(const RunView* view,
                                const MeasureSettings& settings,
                                TomlReader& reader);
Measured measure_variance_flatness(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader);
Measured measure_random_landscape(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader);
Measured measure_regression_modes(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader);
Measured measure_regression_planes(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader);
Measured measure_eigenplanes(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader);
Measured measure_speed_sweep(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader);
Measured measure_displacement(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader);
Measured measure_ou_plane(const RunView* view, const MeasureSettings& settings, TomlReader& reader);
Measured measure_responseless(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader);
Measured measure_mini_loss(const RunView* view,
                           const MeasureSettings& settings,
                           TomlReader& reader);
Measured measure_active_temperature(const RunView* view,
                                    const MeasureSettings& settings,
                                    TomlReader& reader);
Measured measure_first_mode(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader);
Measured measure_two_phases(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader);
Measured measure_continual_learning(const RunView* view,
                                    const MeasureSettings& settings,
                                    TomlReader& reader);
void validate_continual_learning(const Prepared& prepared);

}  // namespace thermoscape
