#include "thermoscape/experiments/plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

#include "thermoscape/experiments/batched.hpp"
#include "thermoscape/experiments/places.hpp"
#include "thermoscape/experiments/toml_reader.hpp"

namespace thermoscape {

std::optional<double> rule_parameter(const AnyRule& rule, std::string_view name) {
  std::optional<double> found;
  std::visit(
      [&](const auto& one) {
        using R = std::remove_cvref_t<decltype(one)>;
        for_each_field<R>([&](const auto& entry) {
          using V = std::remove_cvref_t<decltype(one.*(entry.member))>;
          if constexpr (std::is_same_v<V, double>) {
            if (entry.name == name) found = one.*(entry.member);
          }
        });
      },
      rule);
  return found;
}

std::string unit_of(const AnyRule& rule, std::string_view key) {
  std::string unit;
  const auto seek = [&]<class T>(std::type_identity<T>, const std::string& prefix) {
    for_each_field<T>([&](const auto& entry) {
      if (prefix + std::string(entry.name) == key) unit = entry.unit;
    });
  };
  seek(std::type_identity<PhaseSettings>(), "");
  seek(std::type_identity<SamplerSettings>(), "batch.");
  std::visit(
      [&](const auto& one) { seek(std::type_identity<std::remove_cvref_t<decltype(one)>>(), ""); },
      rule);
  std::erase_if(unit, [](char c) { return c == '[' || c == ']'; });
  return unit.empty() ? "1" : unit;
}

double time_step(const AnyRule& rule) {
  return std::visit([](const auto& one) { return one.time_step_size(); }, rule);
}

std::int64_t Plan::steps() const {
  std::int64_t sum = 0;
  for (const Task& task : tasks) sum += branch(task).stop.steps;
  return sum;
}

namespace {

constexpr double kMostSteps = 1e13;
constexpr double kMostTasks = 1e6;

Stop stop_of(const PhaseSettings& settings,
             const AnyRule& rule,
             const SamplerSettings& batch,
             std::int64_t examples,
             const std::string& where) {
  const bool longer_of_two = settings.duration_time > 0 && settings.duration_temperature_time > 0;
  const int given = (settings.stop_steps > 0) + (settings.duration_steps > 0) +
                    (settings.duration_time > 0) + (settings.duration_epochs > 0) +
                    (settings.duration_temperature_time > 0) - (longer_of_two ? 1 : 0);
  if (given != 1) {
    reject({where,
            std::to_string(given) + " lengths",
            "needs exactly one of stop.steps, duration.steps, duration.time, duration.epochs, "
            "duration.temperature_time (time and temperature_time together: the longer)",
            ""});
  }
  double steps = static_cast<double>(settings.stop_steps + settings.duration_steps);
  if (settings.duration_time > 0) steps = settings.duration_time / time_step(rule);
  if (settings.duration_epochs > 0) {
    const Sampler sampler(batch, examples, Noise(0));
    steps = settings.duration_epochs * static_cast<double>(sampler.steps_per_epoch());
  }
  if (settings.duration_temperature_time > 0) {
    const std::optional<double> temperature = rule_parameter(rule, "temperature");
    if (!temperature || *temperature <= 0) {
      reject({where + ", duration.temperature_time",
              std::to_string(settings.duration_temperature_time),
              "needs a rule with a temperature above 0",
              "use duration.time or duration.steps"});
    }
    steps = std::max(steps, settings.duration_temperature_time / (*temperature * time_step(rule)));
  }
  // A length that is whole up to rounding is that many steps.
  steps = std::ceil(steps * (1 - 1e-12));
  if (!(steps >= 1) || steps > kMostSteps) {
    reject({where, fmt::format("{:.3g} steps", steps), "must last between 1 and 1e13 steps", ""});
  }
  return {static_cast<std::int64_t>(steps),
          settings.stop_loss,
          settings.stop_gradient_norm,
          {settings.stop_slope, settings.stop_slope_epochs}};
}

std::vector<RecordSettings> record_of(const toml::table& table, TomlReader& reader) {
  std::vector<RecordSettings> list;
  reader.skip("record");
  const toml::node* node = table.get("record");
  if (node == nullptr) return list;
  const std::string where = reader.locate("record", *node);
  const toml::array* array = node->as_array();
  if (array == nullptr)
    reject(
        {where, as_text(*node), "must be a list such as [{ probe = \"loss\", every = 10 }]", ""});
  for (const toml::node& element : *array) {
    if (!element.is_table())
      reject({where,
              as_text(element),
              "must be a table such as { probe = \"loss\", every = 10 }",
              ""});
    TomlReader one(*element.as_table(), where);
    RecordSettings settings;
    one.require("probe", settings.probe);
    one.read(settings.schedule);
    if (settings.probe == "projections" || settings.probe == "trajectory" ||
        settings.probe == "eigenplanes")
      one.read(settings);
    one.finish();
    const auto names = probe_names();
    if (std::find(names.begin(), names.end(), settings.probe) == names.end()) {
      std::string valid;
      for (const auto& name : names) valid += (valid.empty() ? "" : ", ") + name;
      reject({where + ", probe",
              settings.probe,
              "must be one of " + valid,
              did_you_mean(settings.probe, names)});
    }
    for (const RecordSettings& other : list) {
      if (other.probe == settings.probe)
        reject({where + ", probe", settings.probe, "is recorded twice", ""});
    }
    list.push_back(settings);
  }
  return list;
}

Branch read_branch(const toml::table& table,
                   const std::string& where,
                   TomlReader::Overlay overlay,
                   const Coordinates& coordinates,
                   const Recipe& recipe,
                   const GroundFacts& ground) {
  TomlReader reader(table, where, std::move(overlay));
  Branch branch;
  branch.where = coordinates;
  reader.read(branch.settings);
  std::string rule;
  reader.require("rule", rule);
  branch.rule = make_rule(rule, where + ", rule");
  std::visit([&reader](auto& one) { reader.read(one); }, branch.rule);
  reader.read(branch.batch, "batch.");
  branch.record = record_of(table, reader);
  BatchedSettings batched;  // is_batched() reads it again
  reader.read(batched);
  reader.finish();
  branch.place = place_of(recipe, branch.settings);
  const std::int64_t examples =
      branch.place.empty() ? ground.examples : ground.examples_at.at(branch.place);
  branch.stop = stop_of(branch.settings, branch.rule, branch.batch, examples, where);
  try {
    const Sampler sampler(branch.batch, examples, Noise(0));
    for (const RecordSettings& one : branch.record) {
      (void)Schedule(one.schedule, branch.stop.steps, sampler.steps_per_epoch());
    }
  } catch (const Error& e) {
    throw Error(where + ", " + e.what());
  }
  return branch;
}

void check_count(double tasks, const std::string& where) {
  if (tasks <= kMostTasks) return;
  reject({where,
          fmt::format("{:.3g} tasks", tasks),
          "must be at most a million (branches, replicas and minima multiply)",
          ""});
}

/// The swept lists of a phase: key and its elements.
using Swept = std::vector<std::pair<std::string, const toml::array*>>;

Swept swept_lists(const toml::table& table, const std::string& where) {
  TomlReader reader(table, where);
  PhaseSettings settings;
  reader.read_key("sweep", settings.sweep);
  Swept lists;
  for (const std::string& key : settings.sweep) {
    if (key == "replicas")
      reject({where + ", sweep", key, "cannot be swept", "replicas differ in their noise alone"});
    if (std::count(settings.sweep.begin(), settings.sweep.end(), key) > 1)
      reject({where + ", sweep", key, "is swept twice", ""});
    const auto node = table.at_path(key);
    const toml::array* list = node.as_array();
    if (list == nullptr || list->empty()) {
      reject({where + ", sweep", key, "must name a key of this phase whose value is a list", ""});
    }
    for (const toml::node& element : *list) {
      if (!element.is_number())
        reject({fmt::format("{}, {}", where, key),
                as_text(element),
                "must be a list of numbers to be swept",
                ""});
    }
    lists.emplace_back(key, list);
  }
  return lists;
}

std::vector<Branch> read_branches(const toml::table& table,
                                  const std::string& where,
                                  const Recipe& recipe,
                                  const GroundFacts& ground) {
  const Swept lists = swept_lists(table, where);
  TomlReader reader(table, where);
  bool zip = false;
  reader.read_key("zip", zip);
  std::size_t count = 1;
  for (const auto& [key, list] : lists) {
    if (zip && list->size() != lists.front().second->size()) {
      reject({fmt::format("{}, {}", where, key),
              std::to_string(list->size()) + " values",
              "zipped lists must be equally long",
              ""});
    }
    count = zip ? list->size() : count * list->size();
    check_count(static_cast<double>(count), where);  // before the product of many lists overflows
  }
  std::vector<Branch> branches;
  for (std::size_t b = 0; b < count; ++b) {
    TomlReader::Overlay overlay;
    Coordinates coordinates;
    std::size_t rest = b;
    for (auto it = lists.rbegin(); it != lists.rend(); ++it) {  // the last key varies fastest
      const std::size_t index = zip ? b : rest % it->second->size();
      rest = zip ? rest : rest / it->second->size();
      const toml::node& value = *it->second->get(index);
      overlay[it->first] = &value;
      coordinates.insert(coordinates.begin(), {it->first, *value.value<double>()});
    }
    branches.push_back(read_branch(table, where, std::move(overlay), coordinates, recipe, ground));
  }
  return branches;
}

/// The parent's coordinates, then the branch's own; a key swept by both is told apart by the name
/// of the parent's phase.
Coordinates joined(const Coordinates& inherited,
                   const Coordinates& own,
                   const std::string& parent_phase) {
  Coordinates where = inherited;
  for (auto& [key, value] : where) {
    const auto same = [&key = key](const auto& one) { return one.first == key; };
    if (std::any_of(own.begin(), own.end(), same)) key = fmt::format("{}.{}", parent_phase, key);
  }
  where.insert(where.end(), own.begin(), own.end());
  return where;
}

/// The value of a swept key, if there.
std::optional<double> coordinate(const Coordinates& where, const std::string& key) {
  for (const auto& [name, value] : where) {
    if (name == key) return value;
  }
  return std::nullopt;
}

/// Whether a branch has the parent's value of every key that both sweep.
bool matches(const Coordinates& inherited, const Coordinates& own) {
  return std::all_of(own.begin(), own.end(), [&](const auto& one) {
    return coordinate(inherited, one.first).value_or(one.second) == one.second;
  });
}

/// The parent's coordinates and those of the branch that it lacks.
Coordinates merged(const Coordinates& inherited, const Coordinates& own) {
  Coordinates where = inherited;
  for (const auto& one : own) {
    if (!coordinate(inherited, one.first)) where.push_back(one);
  }
  return where;
}

/// A task that a phase continues, or the beginning of a minimum on a ground.
struct Start {
  std::optional<std::size_t> parent;
  std::size_t ground = 0;
  std::int64_t minimum = 0;
};

std::vector<Start> starts_of(const Plan& plan,
                             const PhasePlan& phase,
                             std::size_t grounds,
                             std::int64_t minima) {
  std::vector<Start> starts;
  if (!phase.from) {
    for (std::size_t g = 0; g < grounds; ++g) {
      for (std::int64_t m = 0; m < minima; ++m) starts.push_back({std::nullopt, g, m});
    }
    return starts;
  }
  for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
    const Task& task = plan.tasks[t];
    if (task.phase == *phase.from) starts.push_back({t, task.ground, task.minimum});
  }
  return starts;
}

void add_tasks(Plan& plan,
               std::size_t index,
               const std::vector<GroundFacts>& grounds,
               std::int64_t minima,
               const std::string& where) {
  const PhasePlan& phase = plan.phases[index];
  const auto each =
      static_cast<double>(phase.branches.size()) * static_cast<double>(phase.replicas);
  if (!phase.from) check_count(static_cast<double>(minima) * each, where);
  const std::vector<Start> starts = starts_of(plan, phase, grounds.size(), minima);
  check_count(static_cast<double>(starts.size()) * each / static_cast<double>(grounds.size()),
              where);
  std::map<std::int64_t, std::size_t> used;  // branches numbered so far in each minimum
  for (const Start& start : starts) {
    for (std::size_t b = 0; b < phase.branches.size(); ++b) {
      if (phase.branches[b].ground != start.ground) continue;
      const Coordinates& own = phase.branches[b].where;
      const bool match = phase.branches[b].settings.match && start.parent;
      if (match && !matches(plan.tasks[*start.parent].where, own)) continue;
      const std::size_t number = used[start.minimum]++;
      for (std::int64_t r = 0; r < phase.replicas; ++r) {
        Task task{index, b, start.ground, start.minimum, r, start.parent, {}, ""};
        task.where =
            match ? merged(plan.tasks[*start.parent].where, own)
            : start.parent
                ? joined(plan.tasks[*start.parent].where, own, plan.phases[*phase.from].name)
                : joined(grounds[start.ground].where, own, "[[variant]]");
        task.id = fmt::format("{}-m{}-b{}-r{}", phase.name, start.minimum, number, r);
        plan.tasks.push_back(std::move(task));
      }
    }
  }
}

}  // namespace

Plan make_plan(const Recipe& recipe, const std::vector<GroundFacts>& grounds) {
  Plan plan;
  for (std::size_t i = 0; i < recipe.phases.size(); ++i) {
    const toml::table& table = *recipe.phases[i];
    PhasePlan phase;
    phase.name = table["name"].value_or(std::string());
    const std::string where = fmt::format("[[phase]] {} `{}`", i + 1, phase.name);
    for (std::size_t g = 0; g < grounds.size(); ++g) {
      for (Branch& branch : read_branches(table, where, recipe, grounds[g])) {
        branch.ground = g;
        phase.branches.push_back(std::move(branch));
      }
    }
    const PhaseSettings& settings = phase.branches.front().settings;
    phase.replicas = settings.replicas;
    if (settings.match && settings.from.empty()) {
      reject({where + ", match",
              "true",
              "must have a phase `from` whose runs it continues",
              "without one there is nothing to match"});
    }
    if (!settings.from.empty()) {
      std::vector<std::string> earlier;
      for (const PhasePlan& one : plan.phases) earlier.push_back(one.name);
      const auto it = std::find(earlier.begin(), earlier.end(), settings.from);
      if (it == earlier.end()) {
        reject({where + ", from",
                settings.from,
                "must name an earlier phase",
                did_you_mean(settings.from, earlier)});
      }
      phase.from = static_cast<std::size_t>(it - earlier.begin());
    }
    plan.phases.push_back(std::move(phase));
    add_tasks(plan, i, grounds, recipe.head.minima, where);
    if (plan.tasks.empty() || plan.tasks.back().phase != i) {
      reject({where + ", match",
              "true",
              "must find runs of the phase `from` with its values of the swept keys",
              "sweep the same lists in both"});
    }
  }
  return plan;
}

}  // namespace thermoscape
