#include "thermoscape/experiments/take_measures.hpp"
#include "thermoscape/experiments/table_cell.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/expectations.hpp"

namespace thermoscape {

namespace {
/// A list of sentences as one JSON attribute: netCDF has no ragged text arrays.
std::string as_attribute(const std::vector<std::string>& sentences) {
  return Json(sentences).dump();
}

/// Puts `id` behind that of the same part of the measure it stands beside; at the end without one.
void place(std::vector<std::string>& order, const std::string& id, const std::string& partner) {
  const auto it = std::find(order.begin(), order.end(), partner);
  order.insert(it == order.end() ? it : it + 1, id);
}

std::string titled(const std::string& title, const std::string& label) {
  return label.empty() ? title : title + ", " + label;
}

/// The numbers that a measure and the one it stands beside give of the whole sweep.
Table beside_table(const MeasureSettings& own,
                   const std::string& partner_label,
                   const std::vector<Finding>& findings) {
  const auto head = [](const std::string& label, const std::string& name) {
    return label.empty() ? name : label;
  };
  Table table{
      "beside",
      "Both protocols side by side: " + own.beside,
      "What the whole sweep says under either, and their difference over the standard errors "
      "of both together. Both look at the same minima, so that the difference is at least "
      "as significant as this number says.",
      {"quantity", head(partner_label, own.beside), head(own.label, own.name), "difference / SE"},
      {}};
  for (const Finding& one : findings) {
    if (!one.where.empty() || !one.quantity.starts_with(own.name + ".")) continue;
    const std::string quantity = one.quantity.substr(own.name.size() + 1);
    for (const Finding& other : findings) {
      if (!other.where.empty() || other.quantity != own.beside + "." + quantity) continue;
      const double error = std::hypot(one.estimate.standard_error, other.estimate.standard_error);
      const double difference = (one.estimate.value - other.estimate.value) / error;
      table.rows.push_back({quantity,
                            cell(other.estimate),
                            cell(one.estimate),
                            std::isfinite(difference) ? fmt::format("{:+.1f}", difference) : "—"});
    }
  }
  return table;
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
                        {"conventions", head.conventions},
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
  std::map<std::string, std::string> labels;  // of the measures taken
  std::vector<std::string> notes = Json::parse(text_attribute(results.attributes, "notes"));
  int number = 0;
  for (const toml::table* table : recipe.measures) {
    TomlReader reader(*table, fmt::format("[[measure]] {}", ++number));
    MeasureSettings settings;
    reader.read(settings);
    if (progress.say) progress.say("measuring " + settings.name);
    const RunView watched = view.watched([&](std::size_t done, std::size_t all) {
      if (progress.advance)
        progress.advance(static_cast<double>(done), static_cast<double>(all), settings.name);
    });
    Measured measured =
        find_measure(settings.analysis, reader.where()).compute(&watched, settings, reader);
    measured.data.attributes["analysis"] = settings.analysis;
    measured.data.attributes["phase"] = settings.phase;
    for (const std::string& note : measured.notes) notes.push_back(settings.name + ": " + note);
    results.make_group(settings.name) = std::move(measured.data);
    for (Finding& one : measured.findings) {
      one.quantity = settings.name + "." + one.quantity;
      findings.push_back(std::move(one));
    }
    labels[settings.name] = settings.label;
    for (Figure& one : measured.figures) {
      const std::string partner = settings.beside + "_" + one.id;
      one.id = settings.name + "_" + one.id;
      one.title = titled(one.title, settings.label);
      place(figure_order, one.id, partner);
      put_figure(results, one);
    }
    if (!settings.beside.empty()) {
      Table both = beside_table(settings, labels[settings.beside], findings);
      if (!both.rows.empty()) {
        both.id = settings.name + "_" + both.id;
        table_order.push_back(both.id);
        put_table(results, both);
      }
    }
    for (Table& one : measured.tables) {
      const std::string partner = settings.beside + "_" + one.id;
      one.id = settings.name + "_" + one.id;
      one.title = titled(one.title, settings.label);
      place(table_order, one.id, partner);
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
