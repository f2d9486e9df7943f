#pragma once
#include <string>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

/// Class probabilities at one moment, [C, N], a column an example.
struct ClassCloud {
  std::string label;
  Matrix probabilities;
};

/// -Σ_k p_k log2 p_k of each example [N] [bit]; 0 log 0 = 0.
[[nodiscard]] std::vector<double> class_entropies(const Matrix& probabilities);

/// The points of three classes in the triangle whose corners are the classes, at most `points` of
/// each cloud, the first ones. Throws Error unless C = 3.
[[nodiscard]] Figure simplex_figure(const std::vector<ClassCloud>& clouds,
                                    const std::string& caption,
                                    std::size_t points = 400);

/// Histograms of the entropies from 0 to log2 C.
[[nodiscard]] Figure entropy_figure(const std::vector<ClassCloud>& clouds,
                                    const std::string& caption);

}  // namespace thermoscape
