#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/experiments/toml_reader.hpp"

namespace thermoscape {

/// What a measure gives: arrays to store, numbers to judge, figures and tables to show, sentences
/// to print.
struct Measured {
  Dataset data;
  std::vector<Finding> findings;
  std::vector<Figure> figures;
  std::vector<Table> tables;
  std::vector<std::string> notes;
};

struct Prepared;

/// An option of a measure that names one more phase, and the probes which that phase must record.
struct PhaseOption {
  std::string_view key;
  std::vector<std::string_view> needs;
};

/// A value of an option of a measure with which it needs more probes, of all phases that it reads.
struct ValueNeeds {
  std::string_view key;
  std::string_view value;
  std::vector<std::string_view> needs;
};

/// A kind of [[measure]]: its name in a recipe, what it computes, and how. `compute` reads the
/// options from the table and refuses unknown ones; with a null view it only validates them, before
/// anything runs. A standalone one samples a model of its own: it names no phase, and a recipe of
/// such measures alone needs neither [objective] nor [[phase]].
struct Measure {
  std::string_view name;
  std::string_view summary;
  std::vector<std::string_view> needs;  ///< probes that the phase must record
  Measured (*compute)(const RunView* view, const MeasureSettings& settings, TomlReader& options);
  bool standalone = false;
  std::vector<PhaseOption> reads_also = {};
  std::vector<ValueNeeds> needs_with = {};
  /// Refuses what only the data can tell, of every [[measure]] of this kind; before anything runs.
  void (*validate)(const Prepared& prepared) = nullptr;
};

/// All kinds, in the order of the help page.
[[nodiscard]] const std::vector<Measure>& measures();
/// The kind called `name`; throws Error naming the nearest.
[[nodiscard]] const Measure& find_measure(const std::string& name, const std::string& where);

/// The part of a phase that a measure looks at. One way at most; none means all of it.
struct WindowSettings {
  std::vector<double> temperature_time;
  std::vector<double> time;
  std::vector<double> fraction;

  static constexpr auto fields() {
    using W = WindowSettings;
    return std::tuple{field("window.temperature_time",
                            &W::temperature_time,
                            "[loss time]",
                            "from and to in s = T t",
                            kNonNegative),
                      field("window.time", &W::time, "[time]", "from and to", kNonNegative),
                      field("window.fraction",
                            &W::fraction,
                            "",
                            "from and to as parts of the phase",
                            kUnitInterval)};
  }
  /// From and to in time for a task at `temperature` (0 if it has none) whose phase lasts
  /// `duration`. Throws Error unless the window is ordered and lies inside the phase.
  [[nodiscard]] std::pair<double, double> resolve(double temperature, double duration) const;
};

/// The looks of `recorded` with from <= time < to, as a span of indices [first, last).
[[nodiscard]] std::pair<std::size_t, std::size_t> window_of(const Recorded& recorded,
                                                            double from,
                                                            double to);

/// Reads the options of a measure and closes the reader.
template <HasFields Options>
[[nodiscard]] Options read_options(TomlReader& reader) {
  Options options;
  reader.read(options);
  reader.finish();
  return options;
}

}  // namespace thermoscape
