#include "thermoscape/experiments/conventions.hpp"

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

constexpr const char* kSuffix = "_at_fixed_time";
constexpr const char* kPaperSuffix = "_of_paper";

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

/// Measures with a definition of their own for each convention: those of the limiting dynamics.
bool has_definitions(const toml::table& measure) {
  const std::string analysis = measure["analysis"].value_or(std::string());
  const bool has =
      analysis == "eigenplanes" || analysis == "displacement" || analysis == "speed-sweep";
  return has && !measure.contains("definitions");
}

void define(toml::table& measure, const char* definitions, const char* label) {
  measure.insert_or_assign("definitions", definitions);
  if (!measure.contains("label")) measure.insert_or_assign("label", label);
}

/// Adds a copy of every expectation of measure `from` for measure `to`, behind the original.
void judge_also(toml::array& expectations,
                const std::string& from,
                const std::string& to,
                const char* remark) {
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const toml::table* one = expectations.get(i)->as_table();
    if (one == nullptr) continue;
    const std::string quantity = (*one)["quantity"].value_or(std::string());
    if (!quantity.starts_with(from + ".")) continue;
    toml::table copy = *one;
    copy.insert_or_assign("quantity", to + quantity.substr(from.size()));
    const std::string claim = copy["claim"].value_or(quantity);
    copy.insert_or_assign("claim", claim + remark);
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
    if (measure == nullptr) continue;
    const bool windows = has_both_windows(*measure);
    if (!windows && !has_definitions(*measure)) continue;
    const auto correct = [&](toml::table& one) {
      if (windows) fix_s(one);
      if (!windows && conventions != "corrected") define(one, "corrected", "corrected");
    };
    const auto as_printed = [&](toml::table& one) {
      if (windows) fix_time(one);
      if (!windows) define(one, "paper", "as the paper's code");
    };
    if (conventions == "paper") as_printed(*measure);
    if (conventions == "corrected") correct(*measure);
    if (conventions != "both") continue;
    toml::table second = *measure;
    const std::string own = second["name"].value_or(std::string());
    const std::string other = own + (windows ? kSuffix : kPaperSuffix);
    correct(*measure);
    as_printed(second);
    second.insert_or_assign("name", other);
    second.insert_or_assign("beside", own);
    measures->insert(measures->cbegin() + static_cast<std::ptrdiff_t>(++i), std::move(second));
    if (toml::array* expectations = recipe["expect"].as_array()) {
      judge_also(*expectations,
                 own,
                 other,
                 windows ? " (at fixed physical time)" : " (as the paper's code)");
    }
  }
}

}  // namespace thermoscape
