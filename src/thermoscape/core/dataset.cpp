#include "thermoscape/core/dataset.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

Values::Values(std::vector<double> values) {
  auto owned = std::make_shared<const std::vector<double>>(std::move(values));
  view_ = *owned;
  owner_ = std::move(owned);
}

Values::Values(std::span<const double> view, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)), view_(view) {}

const Array* Dataset::find(std::string_view name) const {
  const auto it =
      std::find_if(arrays.begin(), arrays.end(), [&](const Array& a) { return a.name == name; });
  return it == arrays.end() ? nullptr : &*it;
}

const Array& Dataset::array(std::string_view name) const {
  if (const Array* found = find(name)) return *found;
  std::string there;
  for (const Array& one : arrays) there += (there.empty() ? "" : ", ") + one.name;
  reject({"array", std::string(name), "is not in this group", "there are: " + there});
}

namespace {
std::pair<std::string_view, std::string_view> first_step(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {path, {}};
  return {path.substr(0, slash), path.substr(slash + 1)};
}
}  // namespace

bool Dataset::has_group(std::string_view path) const {
  const auto [head, rest] = first_step(path);
  const auto it = groups.find(std::string(head));
  return it != groups.end() && (rest.empty() || it->second.has_group(rest));
}

const Dataset& Dataset::group(std::string_view path) const {
  const auto [head, rest] = first_step(path);
  const auto it = groups.find(std::string(head));
  if (it == groups.end()) {
    std::string there;
    for (const auto& [name, unused] : groups) there += (there.empty() ? "" : ", ") + name;
    reject({"group", std::string(path), "is not in this data set", "there are: " + there});
  }
  return rest.empty() ? it->second : it->second.group(rest);
}

Dataset& Dataset::make_group(std::string_view path) {
  const auto [head, rest] = first_step(path);
  Dataset& child = groups[std::string(head)];
  return rest.empty() ? child : child.make_group(rest);
}

void Dataset::put(Array array) {
  const std::size_t count =
      std::accumulate(array.shape.begin(), array.shape.end(), std::size_t{1}, std::multiplies<>());
  if (array.shape.size() != array.dimensions.size() || count != array.values.size()) {
    reject({"array " + array.name,
            fmt::format("{} axes, {} dimension names, {} values for {} places",
                        array.shape.size(),
                        array.dimensions.size(),
                        array.values.size(),
                        count),
            "shape, dimensions and values must agree",
            ""});
  }
  for (const Array& other : arrays) {
    if (other.name == array.name) continue;
    for (std::size_t i = 0; i < array.dimensions.size(); ++i) {
      for (std::size_t j = 0; j < other.dimensions.size(); ++j) {
        if (array.dimensions[i] == other.dimensions[j] && array.shape[i] != other.shape[j]) {
          reject(
              {"array " + array.name,
               fmt::format("dimension {} of length {}", array.dimensions[i], array.shape[i]),
               fmt::format(
                   "{} has length {} in array {}", other.dimensions[j], other.shape[j], other.name),
               ""});
        }
      }
    }
  }
  const auto it = std::find_if(
      arrays.begin(), arrays.end(), [&](const Array& a) { return a.name == array.name; });
  if (it == arrays.end()) {
    arrays.push_back(std::move(array));
  } else {
    *it = std::move(array);
  }
}

void Dataset::put_scalar(std::string name,
                         double value,
                         std::string unit,
                         std::string description) {
  put({std::move(name), {}, {}, Values({value}), std::move(unit), std::move(description), "", {}});
}

void Dataset::put_vector(std::string name,
                         std::string dimension,
                         std::vector<double> values,
                         std::string unit,
                         std::string description) {
  const std::size_t count = values.size();
  put({std::move(name),
       {std::move(dimension)},
       {count},
       Values(std::move(values)),
       std::move(unit),
       std::move(description),
       "",
       {}});
}

std::string text_attribute(const Attributes& attributes, std::string_view name) {
  const auto it = attributes.find(std::string(name));
  if (it == attributes.end()) return "";
  if (const auto* text = std::get_if<std::string>(&it->second)) return *text;
  if (const auto* number = std::get_if<double>(&it->second)) return fmt::format("{}", *number);
  if (const auto* count = std::get_if<std::int64_t>(&it->second)) return fmt::format("{}", *count);
  return fmt::format("{}", fmt::join(std::get<std::vector<double>>(it->second), " "));
}

}  // namespace thermoscape
