#include "thermoscape/experiments/validate.hpp"

#include <algorithm>
#include <memory>

#include "thermoscape/experiments/batched.hpp"

namespace thermoscape {

namespace {

void validate_phase(const Branch& branch, const Ground& ground, const Ground* test) {
  std::visit(
      [&]<class Real>(const std::shared_ptr<const Objective<Real>>& objective) {
        for (const RecordSettings& one : branch.record) {
          (void)make_probe<Real>(one,
                                 *objective,
                                 Schedule({.every = 1}, 1, 1),
                                 ground.labels(),
                                 Noise(0),
                                 test_part<Real>(test));
        }
      },
      ground.objective);
}

void check_phase(const Recipe& recipe, const std::string& where, const std::string& name) {
  std::vector<std::string> phases;
  for (const toml::table* phase : recipe.phases)
    phases.push_back((*phase)["name"].value_or(std::string()));
  if (std::find(phases.begin(), phases.end(), name) == phases.end())
    reject({where, name, "must name a phase", did_you_mean(name, phases)});
}

void check_beside(const Recipe& recipe, const std::string& where, const MeasureSettings& settings) {
  std::vector<std::string> earlier;
  for (const toml::table* one : recipe.measures) {
    const std::string name = (*one)["name"].value_or(std::string());
    if (name == settings.name) break;
    earlier.push_back(name);
  }
  if (std::find(earlier.begin(), earlier.end(), settings.beside) == earlier.end()) {
    reject({where + ", beside",
            settings.beside,
            "must name an earlier measure",
            did_you_mean(settings.beside, earlier)});
  }
}

/// The probes that some branch of the phase does not record are refused.
void check_records(const PhasePlan& phase,
                   const std::vector<std::string_view>& probes,
                   const std::string& where) {
  for (const Branch& branch : phase.branches) {
    for (const std::string_view probe : probes) {
      const auto same = [&](const RecordSettings& one) { return one.probe == probe; };
      if (std::any_of(branch.record.begin(), branch.record.end(), same)) continue;
      reject({where,
              std::string(probe),
              "is not recorded by phase `" + phase.name + "`",
              "add it to `record`"});
    }
  }
}

/// The probes that the values of the measure's options call for.
std::vector<std::string_view> needed_with(const Measure& measure, TomlReader& reader) {
  std::vector<std::string_view> needed;
  for (const ValueNeeds& one : measure.needs_with) {
    std::string value;
    if (reader.read_key(one.key, value) && value == one.value)
      needed.insert(needed.end(), one.needs.begin(), one.needs.end());
  }
  return needed;
}

const PhasePlan& phase_called(const Plan& plan, const std::string& name) {
  return *std::find_if(plan.phases.begin(), plan.phases.end(), [&](const PhasePlan& one) {
    return one.name == name;
  });
}

bool needs_trajectory(const std::vector<std::string_view>& probes) {
  return std::find(probes.begin(), probes.end(), "trajectory") != probes.end();
}

const RecordSettings* trajectory_of(const Measure& measure, const Branch& branch) {
  if (!needs_trajectory(measure.needs)) return nullptr;
  return &*std::find_if(branch.record.begin(), branch.record.end(), [](const RecordSettings& one) {
    return one.probe == "trajectory";
  });
}

void validate_trajectory(const Measure& measure,
                         const PhasePlan& phase,
                         const Ground& ground,
                         const std::string& text,
                         const std::string& where) {
  for (const Branch& branch : phase.branches) {
    const Ground& own = ground.at(branch.place);
    const RecordSettings* const recorded = trajectory_of(measure, branch);
    if (recorded != nullptr && recorded->schedule.every < 1) {
      reject({where + ", phase",
              phase.name,
              "must record its trajectory with `every`: looks at equal distances",
              "every = 1 is each step"});
    }
    if (text.empty()) continue;
    const ParameterSubset named = named_parameters(text, own, where + ", parameters");
    if (recorded == nullptr ||
        named_parameters(recorded->parameters, own, "record.parameters").contains(named))
      continue;
    reject({where + ", parameters",
            text,
            "must be among what phase `" + phase.name + "` records",
            "see `parameters` of its trajectory"});
  }
}

}  // namespace

void validate_trajectories(const Prepared& prepared) {
  int number = 0;
  for (const toml::table* table : prepared.recipe.measures) {
    TomlReader reader(
        *table,
        fmt::format("[[measure]] {} `{}`", ++number, (*table)["name"].value_or(std::string())));
    MeasureSettings settings;
    reader.read(settings);
    const Measure& measure = find_measure(settings.analysis, reader.where());
    if (measure.standalone) continue;
    std::string text;
    reader.read_key("parameters", text);
    std::vector<std::string> phases{settings.phase};
    for (const PhaseOption& option : measure.reads_also) {
      std::string other;
      const bool trajectory = needs_trajectory(option.needs);
      if (trajectory && reader.read_key(option.key, other) && !other.empty())
        phases.push_back(other);
    }
    for (const std::string& name : phases) {
      for (const Ground& ground : prepared.grounds)
        validate_trajectory(
            measure, phase_called(prepared.plan, name), ground, text, reader.where());
    }
  }
}

void validate_probes(const Prepared& prepared) {
  for (const Ground& ground : prepared.grounds) {
    for (std::size_t p = 0; p < prepared.plan.phases.size(); ++p) {
      const PhasePlan& phase = prepared.plan.phases[p];
      if (is_batched(prepared.recipe, p)) {
        for (const Branch& one : phase.branches)
          check_batched(one, ground.settings, fmt::format("[[phase]] {} `{}`", p + 1, phase.name));
      }
      const Branch& branch = phase.branches.front();
      const Ground* test = test_ground(prepared.recipe, ground, branch.place);
      validate_phase(branch, ground.at(branch.place), test);
    }
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
    if (measure.standalone) {
      if (settings.phase.empty()) continue;
      reject({reader.where() + ", phase", settings.phase, "is not read by this analysis", ""});
    }
    check_phase(recipe, reader.where() + ", phase", settings.phase);
    if (!settings.beside.empty()) check_beside(recipe, reader.where(), settings);
    for (const PhaseOption& option : measure.reads_also) {
      std::string phase;
      if (reader.read_key(option.key, phase) && !phase.empty())
        check_phase(recipe, fmt::format("{}, {}", reader.where(), option.key), phase);
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
    const Measure& measure = find_measure(settings.analysis, reader.where());
    if (measure.standalone) continue;
    const PhasePlan& phase = phase_called(plan, settings.phase);
    std::vector<std::string> probes;
    reader.read_key("probes", probes);
    std::vector<std::string_view> needed(probes.begin(), probes.end());
    needed.insert(needed.end(), measure.needs.begin(), measure.needs.end());
    const std::vector<std::string_view> also = needed_with(measure, reader);
    check_records(phase, needed, reader.where());
    check_records(phase, also, reader.where());
    for (const PhaseOption& option : measure.reads_also) {
      std::string other;
      if (!reader.read_key(option.key, other) || other.empty()) continue;
      check_records(phase_called(plan, other), option.needs, reader.where());
      check_records(phase_called(plan, other), also, reader.where());
    }
    for (const Branch& branch : phase.branches) {
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
