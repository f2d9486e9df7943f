#include "thermoscape/experiments/variance_flatness/continual_learning_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

namespace {

/// How many examples have a label in [first, end).
std::int64_t examples_of(const data::Labelled& set, std::int64_t first, std::int64_t end) {
  return std::count_if(set.labels.begin(), set.labels.end(), [&](std::int32_t label) {
    return label >= first && label < end;
  });
}

}  // namespace

void check_continual_learning(const ContinualOptions& options,
                              const Ground& ground,
                              const Ground* test,
                              const std::string& where) {
  if (!ground.train || ground.train->classes < 2)
    reject({where, "", "needs classified examples", "set `source` in the table of the data"});
  if (test == nullptr || !test->train) {
    reject({where,
            "",
            "needs test examples",
            "set `test` in the table of the data and record test_accuracy"});
  }
  const std::int64_t each = options.classes_each, tasks = ground.train->classes / each;
  if (tasks < 2) {
    reject({where + ", classes_each",
            fmt::format("{}", each),
            fmt::format("must leave two tasks: the data have {} classes", ground.train->classes),
            fmt::format("at most {}", ground.train->classes / 2)});
  }
  for (std::int64_t t = 0; t < tasks; ++t) {
    const std::int64_t first = t * each, end = first + each;
    const std::int64_t train = examples_of(*ground.train, first, end);
    if (options.batch > train) {
      reject({where + ", batch",
              fmt::format("{}", options.batch),
              fmt::format("must be <= {}, the examples of classes {} to {}", train, first, end - 1),
              "a batch is drawn from one task"});
    }
    const std::int64_t held = examples_of(*test->train, first, end);
    if (held < 2) {
      reject({where,
              fmt::format("{} test examples of classes {} to {}", held, first, end - 1),
              "must be at least 2: one to choose λ by, one to judge",
              "raise `test` in the table of the data"});
    }
  }
}

void validate_continual_learning(const Prepared& prepared) {
  int number = 0;
  for (const toml::table* table : prepared.recipe.measures) {
    TomlReader reader(
        *table,
        fmt::format("[[measure]] {} `{}`", ++number, (*table)["name"].value_or(std::string())));
    MeasureSettings settings;
    reader.read(settings);
    if (settings.analysis != "continual-learning") continue;
    const auto options = read_options<ContinualOptions>(reader);
    for (const Ground& ground : prepared.grounds) {
      check_continual_learning(
          options, ground, test_ground(prepared.recipe, ground, ""), reader.where());
    }
  }
}

}  // namespace thermoscape
