#pragma once
#include <cstdint>
#include <string_view>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {

/// What stands beside a trajectory to tell what its principal components owe to dynamics and what
/// to being those of a finite random walk.
enum class Control {
  shuffled,       ///< its own increments in random order: no memory, the same law of single steps
  random_signs,   ///< its own increments with random signs: no memory, no drift
  isotropic_walk  ///< normal increments as large as its own on average, the same in all directions
};
[[nodiscard]] std::string_view name(Control control);

/// The control of a trajectory [n, d] as rows, made on the way: nothing is kept but the present
/// point. Passes must begin at row 0 and go on in order. Streams "controls.order" (shuffled),
/// "controls.signs" and "controls.walk". `trajectory` must outlive it.
[[nodiscard]] analysis::Rows control_rows(const analysis::Rows& trajectory,
                                          Control control,
                                          const Noise& noise);

}  // namespace thermoscape
