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
/// How a method learned the second task: errors on both at every look, and q_i at the end.
struct Course {
  std::vector<double> step, first, second;
  Vector displacement;
};

/// One of the repeats: another initialisation, the same budget for every method.
struct Repeat {
  std::map<std::string, Swept> trade_off;  // of each method, over λ
  std::map<std::string, Swept> over_count;
  std::map<std::string, std::vector<double>> in_sequence;  // mean error after each task
  std::map<std::string, Course> course;                    // of each method at its best λ
  Vector threshold;                                        // ξ_i = 0.008 F_i
};

/// Trade-off, numbers of constraints, sequences, courses and displacements.
[[nodiscard]] std::vector<Figure> continual_learning_figures(const std::vector<Finding>& findings,
                                                             const std::vector<Repeat>& repeats);
/// A row a method (and place of a sweep), each at its best λ, with the errors of the repeats.
[[nodiscard]] Table continual_learning_table(const std::vector<Finding>& findings);

}  // namespace thermoscape
