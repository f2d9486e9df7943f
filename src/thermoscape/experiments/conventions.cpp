#include "thermoscape/experiments/conventions.hpp"

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

constexpr const char* kSuffix = "_at_fixed_time";

bool has_both_windows(const toml::table& measure) {
  const toml::table* window = measure["window"].as_table();
  return window != nullptr && window->contains("temperature_time") && window->contains("time");
}

/// The measure as the corrected reading takes it.
void fix_s(toml::table& measure) {
  measure["window"].as_table()->erase("time");
  measure.insert_or_assign("label", "fixed s = T t");
}

/// The measure as the paper takes it: it asks for 100 correlation times and looks at nothing else.
void fix_time(toml::table& measure) {
  measure["window"].as_table()->erase("temperature_time");
  measure.insert_or_assign("label", "fixed physical time");
  constexpr double kAny = 1e9;
  measure.insert_or_assign("health",
                           toml::table{{"minimum_half_times", 100.0},
                                       {"drift_tolerance", kAny},
                                       {"identity_tolerance", kAny},
                                       {"spike_factor", kAny},
                                       {"maximum_r_hat", kAny}});
}

/// Adds a copy of every expectation of measure `from` for measure `to`, behind the original.
void judge_also(toml::array& expectations, const std::string& from, const std::string& to) {
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const toml::table* one = expectations.get(i)->as_table();
    if (one == nullptr) continue;
    const std::string quantity = (*one)["quantity"].value_or(std::string());
    if (!quantity.starts_with(from + ".")) continue;
    toml::table copy = *one;
    copy.insert_or_assign("quantity", to + quantity.substr(from.size()));
    const std::string claim = copy["claim"].value_or(quantity);
    copy.insert_or_assign("claim", claim + " (at fixed physical time)");
    expectations.insert(expectations.cbegin() + static_cast<std::ptrdiff_t>(++i), std::move(copy));
  }
}

}  // namespace

void apply_conventions(toml::table& recipe,
                       const std::string& conventions,
                       const std::string& name) {
  if (conventions != "corrected" && conventions != "paper" && conventions != "both") {
    reject({name + ", conventions", conventions, "must be one of corrected, paper, both", ""});
  }
  toml::array* measures = recipe["measure"].as_array();
  if (measures == nullptr) return;
  for (std::size_t i = 0; i < measures->size(); ++i) {
    toml::table* measure = measures->get(i)->as_table();
    if (measure == nullptr || !has_both_windows(*measure)) continue;
    if (conventions == "paper") fix_time(*measure);
    if (conventions == "corrected") fix_s(*measure);
    if (conventions != "both") continue;
    toml::table second = *measure;
    const std::string own = second["name"].value_or(std::string());
    fix_s(*measure);
    fix_time(second);
    second.insert_or_assign("name", own + kSuffix);
    second.insert_or_assign("beside", own);
    measures->insert(measures->cbegin() + static_cast<std::ptrdiff_t>(++i), std::move(second));
    if (toml::array* expectations = recipe["expect"].as_array())
      judge_also(*expectations, own, own + kSuffix);
  }
}

}  // namespace thermoscape
