#include "thermoscape/experiments/places.hpp"

#include <algorithm>

#include "thermoscape/experiments/probes.hpp"
#include "thermoscape/experiments/toml_reader.hpp"

namespace thermoscape {

std::string place_of(const Recipe& recipe, const PhaseSettings& settings) {
  const std::string& set = settings.data.empty() ? recipe.objective_data : settings.data;
  if (set == recipe.objective_data && settings.split == "train") return "";
  return set + "/" + settings.split;
}

std::vector<std::string> places_of(const Recipe& recipe) {
  std::vector<std::string> places;
  const auto need = [&](const PhaseSettings& settings, const std::string& where) {
    const std::string place = place_of(recipe, settings);
    if (place.empty() || std::find(places.begin(), places.end(), place) != places.end()) return;
    const auto set = recipe.data.find(place.substr(0, place.find('/')));
    if (set == recipe.data.end())
      reject({where + ", data", settings.data, "must name a [data.NAME] of this recipe", ""});
    if (settings.split == "test" && set->second.test == 0) {
      reject({where + ", split",
              "test",
              "needs test examples",
              "set `test` in [data." + set->first + "]"});
    }
    places.push_back(place);
  };
  for (const toml::table* table : recipe.phases) {
    const std::string where = "[[phase]] `" + (*table)["name"].value_or(std::string()) + "`";
    TomlReader reader(*table, where);
    PhaseSettings settings;
    reader.read_key("data", settings.data);
    reader.read_key("split", settings.split);
    check_range(
        settings.split, Range{.choices = data::DataSettings::kSplits}, "", where + ", split");
    need(settings, where);
    const toml::array* record = (*table)["record"].as_array();
    for (std::size_t i = 0; record != nullptr && i < record->size(); ++i) {
      const toml::table* line = record->get(i)->as_table();
      if (line == nullptr) continue;
      if (looks_at_test((*line)["probe"].value_or(std::string()))) {
        settings.split = "test";
        need(settings, where + ", record");
      }
    }
  }
  return places;
}

}  // namespace thermoscape
