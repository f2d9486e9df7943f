#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "thermoscape/core/field.hpp"
#include "thermoscape/data/load.hpp"
#include "thermoscape/objective/catalog.hpp"

namespace thermoscape {

/// The keys of a [[phase]] that are not its rule's parameters. Exactly one way to say how long it
/// lasts is given.
struct PhaseSettings {
  static constexpr std::array<std::string_view, 2> kModes{"train", "evaluate"};
  std::string name;
  std::string from;
  std::string rule;
  std::string mode = "train";
  std::string data;
  std::string split = "train";
  std::vector<std::string> sweep;
  bool zip = false;
  bool match = false;
  std::int64_t replicas = 1;
  std::vector<std::string> allow;
  std::int64_t stop_steps = 0;
  double stop_loss = -1;
  double stop_gradient_norm = -1;
  double stop_slope = -1;
  std::int64_t stop_slope_epochs = 5;
  std::int64_t duration_steps = 0;
  double duration_time = 0;
  double duration_epochs = 0;
  double duration_temperature_time = 0;

  static constexpr auto fields() {
    using P = PhaseSettings;
    return std::tuple{
        field("name", &P::name, "", "name of the phase"),
        field("from",
              &P::from,
              "",
              "phase whose last state is the start; the initial point if empty"),
        field("rule", &P::rule, "", "the dynamics"),
        field("mode",
              &P::mode,
              "",
              "train: batch norms use the batch and keep running statistics, dropout draws; "
              "evaluate: both as in measurements",
              Range{.choices = kModes}),
        field("data", &P::data, "", "[data.NAME] it runs on; the objective's own if empty"),
        field("split",
              &P::split,
              "",
              "part of that set it descends on",
              Range{.choices = data::DataSettings::kSplits}),
        field("sweep", &P::sweep, "", "keys whose lists fan out into branches"),
        field("zip", &P::zip, "", "pair the swept lists instead of taking their product"),
        field("match",
              &P::match,
              "",
              "continue of the phase `from` only the runs with the same values of the swept keys"),
        field("replicas", &P::replicas, "", "runs with other noise", kAtLeastOne),
        field("allow", &P::allow, "", "statuses a task may end in besides ok"),
        field("stop.steps", &P::stop_steps, "steps", "end after this many steps", kNonNegative),
        field("stop.loss", &P::stop_loss, "[loss]", "end as soon as the loss is at most this"),
        field("stop.slope",
              &P::stop_slope,
              "1/epoch",
              "end when the slope of the log of the epochs' mean losses is above minus this"),
        field("stop.slope_epochs",
              &P::stop_slope_epochs,
              "epochs",
              "over which that slope is fitted",
              Range{2, 1e6}),
        field("stop.gradient_norm",
              &P::stop_gradient_norm,
              "[loss]/[θ]",
              "end as soon as |∇L| is at most this"),
        field("duration.steps", &P::duration_steps, "steps", "length", kNonNegative),
        field("duration.time", &P::duration_time, "[time]", "length", kNonNegative),
        field("duration.epochs", &P::duration_epochs, "epochs", "length", kNonNegative),
        field("duration.temperature_time",
              &P::duration_temperature_time,
              "[loss time]",
              "length in s = T t",
              kNonNegative)};
  }
};

/// The keys of a [[measure]] that every analysis shares; its own options stay in the table.
struct MeasureSettings {
  std::string name;
  std::string analysis;
  std::string phase;
  std::string beside;
  std::string label;

  static constexpr auto fields() {
    using M = MeasureSettings;
    return std::tuple{field("name", &M::name, "", "name of the measure"),
                      field("analysis", &M::analysis, "", "what is computed"),
                      field("phase", &M::phase, "", "the phase it reads"),
                      field("beside",
                            &M::beside,
                            "",
                            "earlier measure of the same quantities that its figures stand beside"),
                      field("label", &M::label, "", "ends the titles of its figures and tables")};
  }
};

/// An [[expect]]: a claim written before the run.
struct ExpectSettings {
  std::string quantity;
  std::string claim;
  double value = 0;
  double tolerance = 0;
  std::string source;
  std::string overturned_by;
  std::map<std::string, double> where;  ///< sweep coordinates; empty for the pooled finding

  static constexpr auto fields() {
    using E = ExpectSettings;
    return std::tuple{
        field("quantity", &E::quantity, "", "MEASURE.NAME of the finding"),
        field("claim", &E::claim, "", "the claim as a sentence; the quantity if empty"),
        field("value", &E::value, "", "expected value"),
        field("tolerance", &E::tolerance, "", "allowed distance", kPositive),
        field("source", &E::source, "", "the formula or figure that says so"),
        field("overturned_by", &E::overturned_by, "", "what would change the verdict")};
  }
};

/// A [[variant]]: repeats the whole recipe over one property of data or objective, one axis at a
/// time.
///   name = "width", path = "objective.hidden", values = [[10, 10, 5], [20, 20, 10]], coordinates =
///   [10, 20]
/// `coordinates` are the numbers on the axis; the values themselves where they are numbers.
struct VariantAxis {
  std::string name;
  std::string path;
  std::vector<std::string> values;  ///< as TOML text
  std::vector<double> coordinates;
};

/// The general keys of a recipe.
struct RecipeHead {
  std::string title;
  std::string description;
  std::string reference;
  std::vector<std::string> figures;
  std::vector<std::string> choices;
  std::int64_t seed = 1;
  std::int64_t minima = 1;
  std::string conventions = "corrected";
  std::string demo_time;
  std::string paper_time;

  static constexpr auto fields() {
    using R = RecipeHead;
    return std::tuple{
        field("title", &R::title, "", "title"),
        field("description", &R::description, "", "what the recipe does, in a paragraph"),
        field("reference", &R::reference, "", "key in references.bib"),
        field("figures", &R::figures, "", "figures of the paper it yields"),
        field("choices", &R::choices, "", "choices made where the paper is silent"),
        field("seed", &R::seed, "", "seed of all randomness", kNonNegative),
        field("minima", &R::minima, "", "repeats from other initialisations", kAtLeastOne),
        field("conventions",
              &R::conventions,
              "",
              "corrected, paper or both: conventions.hpp says what differs"),
        field("time.demo", &R::demo_time, "", "time of the demo scale on two cores, in words"),
        field("time.paper", &R::paper_time, "", "time of the paper scale on two cores, in words")};
  }
};

/// A parsed and validated recipe. `table` is the whole TOML after scale and overrides; the branches
/// of a sweep and the options of an analysis are read from the tables in it, which know their
/// lines.
struct Recipe {
  std::string stem;                    ///< file name without extension
  std::string scale;                   ///< smoke, demo or paper
  std::vector<std::string> overrides;  ///< as given, already applied
  std::shared_ptr<const toml::table> table;
  RecipeHead head;
  std::map<std::string, data::DataSettings> data;
  AnyObjective objective;
  std::string objective_data;  ///< the data set it uses; empty if none
  std::string precision = "float32";
  std::vector<VariantAxis> variants;
  std::vector<const toml::table*> phases;
  std::vector<const toml::table*> measures;
  std::vector<ExpectSettings> expectations;
};

/// Reads a recipe, applies [scale.<scale>] and then `overrides` ("phase.probe.time_step=5e-3"), and
/// validates all of it: unknown keys, types, ranges, names that refer to nothing. Throws Error with
/// one line that names file, table and line.
[[nodiscard]] Recipe load_recipe(const std::filesystem::path& file,
                                 const std::string& scale,
                                 const std::vector<std::string>& overrides);
/// The same from text; `name` stands in messages and gives the stem.
[[nodiscard]] Recipe parse_recipe(std::string_view text,
                                  const std::string& name,
                                  const std::string& scale,
                                  const std::vector<std::string>& overrides);
/// The recipe with one value of an axis in place and no variants of its own.
[[nodiscard]] Recipe variant_of(const Recipe& recipe, const VariantAxis& axis, std::size_t value);
/// The resolved recipe as TOML text, from which parse_recipe makes the same recipe again.
[[nodiscard]] std::string resolved_text(const Recipe& recipe);

/// Sets a dotted path to a TOML value; elements of an array of tables are addressed by their
/// `name`.
void set_path(toml::table& table, std::string_view path, const toml::node& value);

}  // namespace thermoscape
