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

/// The first of the records that takes this probe, or nullptr.
const toml::table* taking(const toml::array& records, const char* probe) {
  for (const toml::node& node : records) {
    const toml::table* one = node.as_table();
    if (one != nullptr && text_of(*one, "probe") == probe) return one;
  }
  return nullptr;
}

/// Adds both probes of the relation to the `record` of the phase, at the looks of one that is
/// there: they are compared look by look. False if `record` is no list.
bool record_relation(toml::table& phase) {
  constexpr const char* kVirial = "virial";
  constexpr const char* kSquare = "gradient_norm_squared";
  if (!phase.contains("record")) phase.insert("record", toml::array{});
  toml::array* records = phase["record"].as_array();
  if (records == nullptr) return false;
  toml::table both{{"count", kLooks}};
  if (const toml::table* there = taking(*records, kVirial)) both = *there;
  if (const toml::table* there = taking(*records, kSquare)) both = *there;
  for (const char* probe : {kVirial, kSquare}) {
    if (taking(*records, probe) != nullptr) continue;
    both.insert_or_assign("probe", probe);
    records->push_back(both);
  }
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
    if (!record_relation(*phase)) continue;
    measures->push_back(toml::table{
        {"name", own}, {"analysis", kAnalysis}, {"phase", name}, {"label", "phase " + name}});
  }
  if (none && measures->empty()) recipe.erase("measure");
}

}  // namespace thermoscape
