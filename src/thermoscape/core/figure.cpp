#include "thermoscape/core/figure.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace thermoscape {

void put_figure(Dataset& run, const Figure& figure) {
  Dataset group;
  group.attributes = {{"title", figure.title},
                      {"caption", figure.caption},
                      {"x_label", figure.x.label},
                      {"x_scale", figure.x.scale},
                      {"y_label", figure.y.label},
                      {"y_scale", figure.y.scale}};
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const Series& one = figure.series[i];
    Dataset& place = group.make_group(fmt::format("series_{:03}", i));
    place.attributes = {{"label", one.label}, {"style", one.style}, {"group", one.group}};
    place.put_vector("x", "point", one.x, "", figure.x.label);
    place.put_vector("y", "point", one.y, "", figure.y.label);
    if (!one.y_error.empty()) {
      place.put_vector("y_error", "point", one.y_error, "", "one standard error of y");
    }
  }
  run.make_group("figures/" + figure.id) = std::move(group);
}

Figure figure_from(std::string_view id, const Dataset& group) {
  Figure figure;
  figure.id = id;
  figure.title = text_attribute(group.attributes, "title");
  figure.caption = text_attribute(group.attributes, "caption");
  figure.x = {text_attribute(group.attributes, "x_label"),
              text_attribute(group.attributes, "x_scale")};
  figure.y = {text_attribute(group.attributes, "y_label"),
              text_attribute(group.attributes, "y_scale")};
  for (const auto& [name, place] : group.groups) {
    Series one;
    one.label = text_attribute(place.attributes, "label");
    one.style = text_attribute(place.attributes, "style");
    one.group = text_attribute(place.attributes, "group");
    const auto copy = [](const Array& array) {
      return std::vector<double>(array.values.begin(), array.values.end());
    };
    one.x = copy(place.array("x"));
    one.y = copy(place.array("y"));
    if (const Array* error = place.find("y_error")) one.y_error = copy(*error);
    figure.series.push_back(std::move(one));
  }
  return figure;
}

void put_table(Dataset& run, const Table& table) {
  Dataset group;
  group.attributes = {{"title", table.title},
                      {"caption", table.caption},
                      {"columns", nlohmann::json(table.columns).dump()},
                      {"rows", nlohmann::json(table.rows).dump()}};
  run.make_group("tables/" + table.id) = std::move(group);
}

Table table_from(std::string_view id, const Dataset& group) {
  Table table;
  table.id = id;
  table.title = text_attribute(group.attributes, "title");
  table.caption = text_attribute(group.attributes, "caption");
  table.columns = nlohmann::json::parse(text_attribute(group.attributes, "columns"));
  table.rows = nlohmann::json::parse(text_attribute(group.attributes, "rows"));
  return table;
}

}  // namespace thermoscape
