#include "thermoscape/dynamics/dynamics.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace thermoscape {

std::vector<std::string_view> rule_names() {
  std::vector<std::string_view> names;
  for_each_rule([&names](const auto& rule) { names.push_back(rule.kName); });
  for (const RuleAlias& alias : kRuleAliases) names.push_back(alias.name);
  return names;
}

AnyRule make_rule(std::string_view name, std::string_view where) {
  std::string_view wanted = name;
  for (const RuleAlias& alias : kRuleAliases) {
    if (alias.name == name) wanted = alias.rule;
  }
  std::optional<AnyRule> found;
  for_each_rule([&](const auto& rule) {
    if (rule.kName == wanted) found = rule;
  });
  if (found) return *found;
  const std::vector<std::string_view> names = rule_names();
  reject({std::string(where),
          std::string(name),
          fmt::format("must be one of {}", fmt::join(names, ", ")),
          did_you_mean(name, names)});
}

std::string_view name(const AnyRule& rule) {
  return std::visit([](const auto& one) { return one.kName; }, rule);
}

}  // namespace thermoscape
