#include "thermoscape/experiments/sgd_lights.hpp"

#include <algorithm>
#include <string>

namespace thermoscape {

namespace {

constexpr const char* kAnalysis = "sgd-stationarity";
/// θ·g is mostly noise: its mean over the late half of so many looks is seen where it can be.
constexpr std::int64_t kLooks = 10000;

std::string text_of(const toml::table& table, const char* key) {
  return table[key].value_or(std::string());
}

/// Whether some table of the list says that key `key` is `value`, and `also` of it holds.
template <class Also>
bool any(const toml::array& tables, const char* key, const std::string& value, Also&& also) {
  return std::any_of(tables.begin(), tables.end(), [&](const toml::node& node) {
    const toml::table* one = node.as_table();
    return one != nullptr && text_of(*one, key) == value && also(*one);
  });
}

bool draws_batches(const toml::table& phase) {
  const toml::table* batch = phase["batch"].as_table();
  return batch != nullptr && batch->contains("size");
}

/// Adds the probe to the `record` of the phase; false if that is no list.
bool record(toml::table& phase, const char* probe) {
  if (!phase.contains("record")) phase.insert("record", toml::array{});
  toml::array* records = phase["record"].as_array();
  if (records == nullptr) return false;
  if (!any(*records, "probe", probe, [](const toml::table&) { return true; }))
    records->push_back(toml::table{{"probe", probe}, {"count", kLooks}});
  return true;
}

}  // namespace

void add_sgd_lights(toml::table& recipe) {
  toml::array* phases = recipe["phase"].as_array();
  if (phases == nullptr) return;
  const bool none = !recipe.contains("measure");
  if (none) recipe.insert("measure", toml::array{});
  toml::array* measures = recipe["measure"].as_array();
  if (measures == nullptr) return;
  for (toml::node& node : *phases) {
    toml::table* phase = node.as_table();
    if (phase == nullptr || text_of(*phase, "rule") != "sgd" || !draws_batches(*phase)) continue;
    const std::string name = text_of(*phase, "name");
    const std::string own = name + "-light";
    const auto here = [&](const toml::table& one) { return text_of(one, "phase") == name; };
    const auto all = [](const toml::table&) { return true; };
    if (name.empty() || any(*measures, "analysis", kAnalysis, here) ||
        any(*measures, "name", own, all) || any(*phases, "name", own, all))
      continue;
    if (!record(*phase, "virial") || !record(*phase, "gradient_norm_squared")) continue;
    measures->push_back(toml::table{
        {"name", own}, {"analysis", kAnalysis}, {"phase", name}, {"label", "phase " + name}});
  }
  if (none && measures->empty()) recipe.erase("measure");
}

}  // namespace thermoscape
