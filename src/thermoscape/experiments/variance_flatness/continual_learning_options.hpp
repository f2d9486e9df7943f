#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "thermoscape/experiments/task.hpp"

namespace thermoscape {

/// Options of the measure `continual-learning`.
struct ContinualOptions {
  std::int64_t classes_each = 2;
  std::string parameters = "layer2.weight";
  double learning_rate = 0.1;
  std::int64_t batch = 50;
  std::int64_t first_steps = 5000;
  std::int64_t second_steps = 3000;
  std::int64_t window = 2600;
  std::int64_t constrained = 200;
  double psi = 4;
  std::vector<double> strengths = {0.01, 0.1, 1, 10, 100};
  std::vector<double> random_strengths;
  std::vector<double> elastic_strengths = {1e3, 1e4, 1e5, 1e6, 1e7};
  std::vector<std::int64_t> counts = {10, 30, 100, 200, 400};
  std::int64_t sequence = 5;
  double kept_error = 0.1;

  static constexpr auto fields() {
    using O = ContinualOptions;
    return std::tuple{
        field("classes_each", &O::classes_each, "1", "classes of a task", Range{1, 1000}),
        field("parameters",
              &O::parameters,
              "",
              "what is trained: all, layers (layer2.weight), globs or first:end"),
        field("learning_rate", &O::learning_rate, "[time]", "α", kPositive),
        field("batch", &O::batch, "examples", "batch size", kAtLeastOne),
        field("first_steps", &O::first_steps, "steps", "on the first task", kAtLeastOne),
        field("second_steps", &O::second_steps, "steps", "on each later task", kAtLeastOne),
        field("window",
              &O::window,
              "steps",
              "at the end of a task whose trajectory gives the components",
              Range{10, 1e6}),
        field("constrained", &O::constrained, "1", "N_c, components constrained", kAtLeastOne),
        field("psi", &O::psi, "1", "ψ by which the variance stands for flatness", kPositive),
        field("strengths",
              &O::strengths,
              "[loss]",
              "λ of the landscape constraints; of a list the one of least ε1 + ε2 on every other "
              "test example, errors quoted on the rest",
              kNonNegative),
        field("random_strengths",
              &O::random_strengths,
              "[loss]",
              "λ along random directions; empty: strengths",
              kNonNegative),
        field("elastic_strengths", &O::elastic_strengths, "1", "λ of EWC", kNonNegative),
        field("counts", &O::counts, "1", "N_c of the sweep, each at its own λ", kAtLeastOne),
        field("sequence", &O::sequence, "1", "tasks learned one after the other", Range{2, 1e3}),
        field("kept_error",
              &O::kept_error,
              "1",
              "mean error up to which a sequence of tasks counts as kept",
              kUnitInterval)};
  }
};

/// Throws Error "WHERE, key = value ..." if the examples do not make two tasks with a batch each
/// and two test examples each. `test` is the test part, null if it is not loaded.
void check_continual_learning(const ContinualOptions& options,
                              const Ground& ground,
                              const Ground* test,
                              const std::string& where);

}  // namespace thermoscape
