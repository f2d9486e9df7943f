#pragma once
#include <map>
#include <string>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning_options.hpp"

namespace thermoscape {

/// Errors of both tasks after the second, on the test examples that are quoted.
struct TwoErrors {
  TaskError first, second;
  double validation = 0;  ///< ε1 + ε2 over all classes on the other test examples
  [[nodiscard]] double total() const { return first.over_all + second.over_all; }
  [[nodiscard]] double total_within() const { return first.within + second.within; }
};
using Swept = std::map<double, TwoErrors>;  // over λ

/// The λ of least `validation`, the smallest of equals, and what became of it.
struct Chosen {
  double strength = 0;
  TwoErrors errors;
  bool lowest = false, highest = false;  ///< at an end of a list of several
};
[[nodiscard]] Chosen choose(const Swept& swept);

/// How a method learned the second task: errors at every look, and q_i at the end.
struct Course {
  std::vector<double> step;
  std::vector<TwoErrors> errors;
  Vector displacement;
};

/// One of the repeats: another initialisation, the same budget for every method.
struct Repeat {
  std::map<std::string, Swept> trade_off;                      // of each method
  std::map<std::string, std::map<double, Chosen>> over_count;  // over N_c, each at its own λ
  std::map<std::string, std::vector<TaskError>> in_sequence;   // means after each task
  std::map<std::string, Course> course;                        // of each method at its best λ
  Vector threshold;                                            // ξ_i = 0.008 F_i
};
/// All methods from one initialisation of what is trained, beside the other layers of the end of a
/// task of the run. Throws Error if the recipe's options do not fit its data.
[[nodiscard]] Repeat study_continual_learning(const RunView& view,
                                              std::size_t index,
                                              const ContinualOptions& options);

/// Trade-off, numbers of constraints, sequences, courses and displacements.
[[nodiscard]] std::vector<Figure> continual_learning_figures(const std::vector<Finding>& findings,
                                                             const std::vector<Repeat>& repeats);
/// A row a method (and place of a sweep), each at its best λ, with the errors of the repeats.
[[nodiscard]] Table continual_learning_table(const std::vector<Finding>& findings);

}  // namespace thermoscape
