#include "thermoscape/experiments/take_measures.hpp"

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/expectations.hpp"

namespace thermoscape {

namespace {
/// A list of sentences as one JSON attribute: netCDF has no ragged text arrays.
std::string as_attribute(const std::vector<std::string>& sentences) {
  return Json(sentences).dump();
}
}  // namespace

Dataset head_dataset(const Prepared& prepared) {
  const RecipeHead& head = prepared.recipe.head;
  Dataset results;
  results.attributes = {{"title", head.title},
                        {"description", head.description},
                        {"reference", head.reference},
                        {"paper_figures", as_attribute(head.figures)},
                        {"recipe", prepared.recipe.stem},
                        {"scale", prepared.recipe.scale},
                        {"seed", head.seed},
                        {"choices", as_attribute(head.choices)},
                        {"notes", as_attribute(prepared.notes)}};
  return results;
}

void take_measures(const RunView& view,
                   const Recipe& recipe,
                   Dataset& results,
                   const Progress& progress) {
  std::vector<Finding> findings;
  std::vector<std::string> figure_order;
  std::vector<std::string> table_order;
  std::vector<std::string> notes = Json::parse(text_attribute(results.attributes, "notes"));
  int number = 0;
  for (const toml::table* table : recipe.measures) {
    TomlReader reader(*table, fmt::format("[[measure]] {}", ++number));
    MeasureSettings settings;
    reader.read(settings);
    if (progress.say) progress.say("measuring " + settings.name);
    Measured measured =
        find_measure(settings.analysis, reader.where()).compute(&view, settings, reader);
    measured.data.attributes["analysis"] = settings.analysis;
    measured.data.attributes["phase"] = settings.phase;
    for (const std::string& note : measured.notes) notes.push_back(settings.name + ": " + note);
    results.make_group(settings.name) = std::move(measured.data);
    for (Finding& one : measured.findings) {
      one.quantity = settings.name + "." + one.quantity;
      findings.push_back(std::move(one));
    }
    for (Figure& one : measured.figures) {
      one.id = settings.name + "_" + one.id;
      figure_order.push_back(one.id);
      put_figure(results, one);
    }
    for (Table& one : measured.tables) {
      one.id = settings.name + "_" + one.id;
      table_order.push_back(one.id);
      put_table(results, one);
    }
  }
  results.attributes["figure_order"] = as_attribute(figure_order);
  results.attributes["table_order"] = as_attribute(table_order);
  results.attributes["notes"] = as_attribute(notes);
  put_findings(results, findings);
  put_claims(results, judge_expectations(recipe.expectations, findings));
}

}  // namespace thermoscape
