#pragma once
#include <string>

#include "thermoscape/core/figure.hpp"

namespace thermoscape::app {

/// Writes the figure as SVG, whole or not at all; does nothing for an empty path. Throws
/// MachineError in one line when the file cannot be written.
void write_svg(const Figure& figure, const std::string& path);

}  // namespace thermoscape::app
