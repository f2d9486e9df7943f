#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/core/status.hpp"

namespace thermoscape::theory {

/// A number that a model takes or gives, as docs/notation.md has it.
struct Quantity {
  std::string name;    ///< "temperature"
  std::string symbol;  ///< "T"
  std::string unit;    ///< "[loss]"
  std::string meaning;
};

struct Input {
  Quantity quantity;
  Range range;
  std::vector<double> value;  ///< taken where none is given
  bool list = false;          ///< takes any number >= 1 of values
};

/// What the command line prints about a model.
struct Model {
  std::string name;  ///< "exponential-wall"
  std::string title;
  std::string equation;  ///< several lines
  std::string validity;
  std::string citation;  ///< key in references.bib
  std::vector<Input> inputs;
  std::vector<Quantity> outputs;
};

struct Output {
  std::string name;
  std::string symbol;
  std::string unit;
  double value = 0;  ///< not to be read where the status is undefined
  Status status = Status::undefined;
};

/// Values by name or by symbol; a list for those inputs that take one.
using Inputs = std::map<std::string, std::vector<double>>;

/// Every model, in the order in which they are listed.
[[nodiscard]] const std::vector<Model>& models();
/// The model called `name`; throws Error with the nearest name.
[[nodiscard]] const Model& model(std::string_view name);
/// Throws Error for an unknown model or input, an input given twice (by name and by symbol), a list
/// where one value is wanted, or a value out of range. Outputs come in the order of Model::outputs,
/// all of them.
[[nodiscard]] std::vector<Output> evaluate(std::string_view name, const Inputs& inputs);

}  // namespace thermoscape::theory
