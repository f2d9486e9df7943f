#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "thermoscape/dynamics/dynamics.hpp"
#include "thermoscape/experiments/probes.hpp"
#include "thermoscape/experiments/recipe.hpp"
#include "thermoscape/record/run.hpp"

namespace thermoscape {

using Coordinates = std::vector<std::pair<std::string, double>>;

/// One point of a phase's sweep, fully read: its rule, batches, probes and length.
struct Branch {
  std::size_t ground = 0;  ///< index of the variant's data and objective
  Coordinates where;
  PhaseSettings settings;
  AnyRule rule;
  SamplerSettings batch;
  std::vector<RecordSettings> record;
  Stop stop;
  std::string place;  ///< where it runs: place_of its phase
};

struct PhasePlan {
  std::string name;
  std::optional<std::size_t> from;  ///< index of the phase it continues
  std::int64_t replicas = 1;
  std::vector<Branch> branches;
};

/// The unit of work: one branch of one phase, one minimum, one replica; one thread, one checkpoint.
struct Task {
  std::size_t phase = 0;
  std::size_t branch = 0;
  std::size_t ground = 0;
  std::int64_t minimum = 0;
  std::int64_t replica = 0;
  std::optional<std::size_t> parent;  ///< index of the task whose last state is the start
  Coordinates where;                  ///< of the parent's sweep, then its own
  std::string id;                     ///< "probe-m0-b3-r1", a file name stem
};

struct Plan {
  std::vector<PhasePlan> phases;
  std::vector<Task> tasks;  ///< parents before children

  [[nodiscard]] const Branch& branch(const Task& task) const {
    return phases[task.phase].branches[task.branch];
  }
  [[nodiscard]] std::int64_t steps() const;
};

/// What the plan must know of a variant of the recipe: its coordinates and its number of training
/// examples (for epochs).
struct GroundFacts {
  Coordinates where;
  std::int64_t examples = 0;
  std::map<std::string, std::int64_t> examples_at = {};  ///< at the places other than the default
};

/// Reads every branch of every phase of the recipe, on each of its grounds (one without variants).
/// Throws Error for an unknown rule or key, a sweep over something that is not a list, a phase that
/// continues an unknown or later one, a length given in no way or in several.
[[nodiscard]] Plan make_plan(const Recipe& recipe, const std::vector<GroundFacts>& grounds);

/// A parameter of the rule by its field name, for example "temperature"; nothing if the rule has
/// none.
[[nodiscard]] std::optional<double> rule_parameter(const AnyRule& rule, std::string_view name);
/// The unit of a key of a [[phase]], "loss" for temperature; "1" for a pure number.
[[nodiscard]] std::string unit_of(const AnyRule& rule, std::string_view key);
[[nodiscard]] double time_step(const AnyRule& rule);

}  // namespace thermoscape
