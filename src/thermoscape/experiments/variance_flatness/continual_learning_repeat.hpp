#pragma once
#include <map>
#include <string>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning.hpp"

namespace thermoscape {

/// Errors of both tasks after the second.
struct TwoErrors {
  TaskError first, second;
};
using Swept = std::map<double, TwoErrors>;  // over λ or N_c

/// One of the repeats: another initialisation, the same budget for every method.
struct Repeat {
  std::map<std::string, Swept> trade_off;  // of each method, over λ
  std::map<std::string, Swept> over_count;
  std::map<std::string, std::vector<double>> in_sequence;  // mean error after each task
  std::map<std::string, Series> course;                    // ε1 and ε2 over the second task
  std::map<std::string, Vector> displacement;              // q_i after it
  Vector threshold;                                        // ξ_i = 0.008 F_i
};

/// Trade-off, numbers of constraints, sequences, courses and displacements.
[[nodiscard]] std::vector<Figure> continual_learning_figures(const std::vector<Finding>& findings,
                                                             const Repeat& first);

}  // namespace thermoscape
