#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "thermoscape/core/json.hpp"
#include "thermoscape/data/labelled.hpp"
#include "thermoscape/objective/objective.hpp"
#include "thermoscape/objective/script_model.hpp"

namespace thermoscape::app {

/// What the verbs on a model ask for: `VERB model.pt --data mnist --examples 2000 ...`.
struct ModelArguments {
  TorchScriptSettings script;  ///< file and --loss --params --shape --normalize ...
  std::string shape;
  std::string normalize;
  std::string data;
  std::string split = "train";
  std::string inputs;
  std::string labels;
  std::int64_t examples = 0;
  std::int64_t seed = 1;
  std::string precision = "float64";
};

/// Adds the model's file and options to a verb. `given` must outlive the program.
void add_model_options(CLI::App& verb, ModelArguments& given);

/// A model with its data, ready to measure.
struct LoadedModel {
  std::unique_ptr<Objective<double>> objective;  ///< computes in the precision asked for
  std::vector<double> theta;                     ///< as the file has it
  std::shared_ptr<const data::Labelled> data;
  double loss = 0;
  double accuracy = -1;  ///< part of the examples with the largest logit at their label; -1
                         ///< without logits
  std::vector<std::string> notes;  ///< warnings and what was chosen, a sentence each
  Json record;  ///< which Hessian this is: file, digest of the data, loss, parameters, batch
                ///< statistics, precision
};

/// Reads data and model (load_script_model, with its tests) and evaluates them once. Throws Error
/// in one line.
[[nodiscard]] LoadedModel load_model(const ModelArguments& given);

/// The first line of every verb on a model, loss and accuracy, then its notes; on standard error
/// when standard output is to hold one JSON object.
void print_model(const LoadedModel& model, bool json);

}  // namespace thermoscape::app
