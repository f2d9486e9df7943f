#pragma once
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "thermoscape/theory/catalog.hpp"
#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The symbol of a quantity; throws Error if notation.cpp has none.
[[nodiscard]] std::string symbol_of(std::string_view name);

/// A model and how to evaluate it. `compute` takes the values of all inputs in order.
struct CatalogEntry {
  Model model;
  std::function<std::vector<Value>(const std::vector<std::vector<double>>& values)> compute;
};

/// Which version of a quantity a result struct holds: the prefix of its names and the mark of its
/// symbols.
struct Version {
  std::string_view prefix;
  std::string_view mark;
};
inline constexpr Version kPlain{"", ""};
inline constexpr Version kLimit{"limit_", " (limit)"};

namespace detail {

template <class In>
void describe_inputs(Model& model) {
  const In defaults;
  for_each_field<In>([&](const auto& one) {
    const auto& value = defaults.*(one.member);
    Input input;
    input.quantity = {std::string(one.name),
                      symbol_of(one.name),
                      std::string(one.unit),
                      std::string(one.meaning)};
    input.range = one.range;
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, double>) {
      input.value = {value};
    } else {
      input.value = value;
      input.list = true;
    }
    model.inputs.push_back(std::move(input));
  });
}

template <class In>
In inputs_from(const std::vector<std::vector<double>>& values) {
  In in;
  std::size_t index = 0;
  for_each_field<In>([&](const auto& one) {
    auto& member = in.*(one.member);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, double>) {
      member = values[index].front();
    } else {
      member = values[index];
    }
    ++index;
  });
  return in;
}

template <class Result>
void describe_outputs(Model& model, const Version& version) {
  for_each_field<Result>([&](const auto& one) {
    model.outputs.push_back({std::string(version.prefix) + std::string(one.name),
                             symbol_of(one.name) + std::string(version.mark),
                             std::string(one.unit),
                             std::string(one.meaning)});
  });
}

template <class Result>
void append_values(std::vector<Value>& values, const Result& result) {
  for_each_field<Result>([&](const auto& one) {
    const auto& member = result.*(one.member);
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, double>) {
      values.push_back(value_within(member, true));
    } else {
      values.push_back(member);
    }
  });
}

}  // namespace detail

/// An entry from a function of a settings struct to one or more result structs, all with fields().
template <class In, class... Results>
[[nodiscard]] CatalogEntry catalog_entry(Model model,
                                         const std::array<Version, sizeof...(Results)>& versions,
                                         std::tuple<Results...> (*function)(const In&)) {
  detail::describe_inputs<In>(model);
  std::size_t index = 0;
  (detail::describe_outputs<Results>(model, versions[index++]), ...);
  const std::string name = model.name;
  return {std::move(model), [function, name](const std::vector<std::vector<double>>& values) {
            const In in = detail::inputs_from<In>(values);
            validate(in, name);
            std::vector<Value> out;
            std::apply([&out](const auto&... one) { (detail::append_values(out, one), ...); },
                       function(in));
            return out;
          }};
}

/// The entries of each source file, in the order of the catalogue.
[[nodiscard]] std::vector<CatalogEntry> thermal_probe_entries();
[[nodiscard]] std::vector<CatalogEntry> variance_flatness_entries();
[[nodiscard]] std::vector<CatalogEntry> shift_curvature_entries();
[[nodiscard]] std::vector<CatalogEntry> limiting_dynamics_entries();
[[nodiscard]] std::vector<CatalogEntry> linear_process_entries();
[[nodiscard]] std::vector<CatalogEntry> local_geometry_entries();

}  // namespace thermoscape::theory
