#include "thermoscape/experiments/validate.hpp"

#include <algorithm>

namespace thermoscape {

namespace {

template <class Real>
void validate_typed(const Plan& plan, const Ground& ground, const Objective<Real>& objective) {
  for (const PhasePlan& phase : plan.phases) {
    for (const RecordSettings& one : phase.branches.front().record) {
      (void)make_probe<Real>(
          one, objective, Schedule({.every = 1}, 1, 1), ground.labels(), Noise(0));
    }
  }
}

}  // namespace

void validate_probes(const Prepared& prepared) {
  for (const Ground& ground : prepared.grounds) {
    std::visit([&](const auto& objective) { validate_typed(prepared.plan, ground, *objective); },
               ground.objective);
  }
}

void validate_measures(const Recipe& recipe) {
  int number = 0;
  for (const toml::table* table : recipe.measures) {
    TomlReader reader(
        *table,
        fmt::format("[[measure]] {} `{}`", ++number, (*table)["name"].value_or(std::string())));
    MeasureSettings settings;
    reader.read(settings);
    const Measure& measure = find_measure(settings.analysis, reader.where());
    (void)measure.compute(nullptr, settings, reader);
    std::vector<std::string> phases;
    for (const toml::table* phase : recipe.phases)
      phases.push_back((*phase)["name"].value_or(std::string()));
    if (std::find(phases.begin(), phases.end(), settings.phase) == phases.end()) {
      reject({reader.where() + ", phase",
              settings.phase,
              "must name a phase",
              did_you_mean(settings.phase, phases)});
    }
  }
}

void check_measures_against_plan(const Recipe& recipe, const Plan& plan) {
  int number = 0;
  for (const toml::table* table : recipe.measures) {
    TomlReader reader(
        *table,
        fmt::format("[[measure]] {} `{}`", ++number, (*table)["name"].value_or(std::string())));
    MeasureSettings settings;
    WindowSettings window;
    reader.read(settings);
    reader.read(window);
    const auto phase =
        std::find_if(plan.phases.begin(), plan.phases.end(), [&](const PhasePlan& one) {
          return one.name == settings.phase;
        });
    std::vector<std::string> needed;
    reader.read_key("probes", needed);
    for (const std::string_view one : find_measure(settings.analysis, reader.where()).needs)
      needed.emplace_back(one);
    for (const Branch& branch : phase->branches) {
      for (const std::string& probe : needed) {
        const auto same = [&](const RecordSettings& one) { return one.probe == probe; };
        if (std::any_of(branch.record.begin(), branch.record.end(), same)) continue;
        reject({reader.where(),
                probe,
                "is not recorded by phase `" + settings.phase + "`",
                "add it to `record`"});
      }
      const double duration = time_step(branch.rule) * static_cast<double>(branch.stop.steps);
      try {
        (void)window.resolve(rule_parameter(branch.rule, "temperature").value_or(0), duration);
      } catch (const Error& e) {
        throw Error(reader.where() + ", " + e.what());
      }
    }
  }
}

void validate_expectations(const Recipe& recipe) {
  std::vector<std::string> names;
  for (const toml::table* table : recipe.measures)
    names.push_back((*table)["name"].value_or(std::string()));
  for (const ExpectSettings& one : recipe.expectations) {
    const std::string measure = one.quantity.substr(0, one.quantity.find('.'));
    if (std::find(names.begin(), names.end(), measure) != names.end()) continue;
    reject({"[[expect]] quantity",
            one.quantity,
            "must be MEASURE.NAME of a [[measure]] of this recipe",
            did_you_mean(measure, names)});
  }
}

}  // namespace thermoscape
