#include "thermoscape/theory/catalog.hpp"

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/catalog_entry.hpp"

namespace thermoscape::theory {

namespace {

const std::vector<CatalogEntry>& entries() {
  static const std::vector<CatalogEntry> all = [] {
    std::vector<CatalogEntry> list;
    for (const auto& source : {thermal_probe_entries(),
                               variance_flatness_entries(),
                               shift_curvature_entries(),
                               limiting_dynamics_entries(),
                               linear_process_entries(),
                               local_geometry_entries()}) {
      list.insert(list.end(), source.begin(), source.end());
    }
    return list;
  }();
  return all;
}

const CatalogEntry& entry(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CatalogEntry& one : entries()) {
    if (one.model.name == name) return one;
    names.push_back(one.model.name);
  }
  std::string hint = did_you_mean(name, names);
  if (hint.empty()) hint = fmt::format("models: {}", fmt::join(names, ", "));
  reject({"model", std::string(name), "must be a model of the theory catalogue", hint});
}

/// The position of the input called `key` by name or symbol.
std::size_t input_index(const Model& model, const std::string& key) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    const Quantity& quantity = model.inputs[i].quantity;
    if (key == quantity.name || key == quantity.symbol) return i;
    names.push_back(quantity.name);
  }
  std::string hint = did_you_mean(key, names);
  if (hint.empty()) hint = fmt::format("inputs: {}", fmt::join(names, ", "));
  reject({model.name, key, "must be an input of the model", hint});
}

}  // namespace

const std::vector<Model>& models() {
  static const std::vector<Model> all = [] {
    std::vector<Model> list;
    for (const CatalogEntry& one : entries()) list.push_back(one.model);
    return list;
  }();
  return all;
}

const Model& model(std::string_view name) {
  return entry(name).model;
}

std::vector<Output> evaluate(std::string_view name, const Inputs& inputs) {
  const CatalogEntry& chosen = entry(name);
  const Model& description = chosen.model;
  std::vector<std::vector<double>> values;
  for (const Input& input : description.inputs) values.push_back(input.value);
  std::vector<bool> given(values.size(), false);
  for (const auto& [key, value] : inputs) {
    const std::size_t index = input_index(description, key);
    const Input& input = description.inputs[index];
    const std::string where = fmt::format("{}.{}", description.name, input.quantity.name);
    if (given[index]) reject({where, "two values", "must be given once, by name or by symbol", ""});
    given[index] = true;
    if (value.empty() || (!input.list && value.size() != 1)) {
      reject({where,
              fmt::format("{} values", value.size()),
              input.list ? "must be a list of at least one value" : "must be one value",
              ""});
    }
    check_range(value, input.range, input.quantity.unit, where);
    values[index] = value;
  }
  const std::vector<Value> results = chosen.compute(values);
  std::vector<Output> outputs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Quantity& quantity = description.outputs[i];
    outputs.push_back(
        {quantity.name, quantity.symbol, quantity.unit, results[i].value, results[i].status});
  }
  return outputs;
}

}  // namespace thermoscape::theory
