#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/dataset.hpp"

namespace thermoscape {

/// One curve or cloud of points. x and y have equal length; y_error is empty or as long (one
/// standard error).
struct Series {
  std::string label;
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> y_error;
  std::string style =
      "line";         ///< line, points, line+points, steps, band (y ± y_error as a shade), dashed
  std::string group;  ///< series of one group share a colour and a legend entry
};

struct Axis {
  std::string label;             ///< with unit in brackets
  std::string scale = "linear";  ///< linear, log
};

/// A figure as data: what the report draws and `export` writes. No knowledge of how it was
/// computed.
struct Figure {
  std::string id;  ///< snake_case, unique in a run; the netCDF group is figures/<id>
  std::string title;
  std::string caption;  ///< what is seen, from which data, with which error bars
  Axis x;
  Axis y;
  std::vector<Series> series;
};

/// A table of text cells under column heads, for the report and the terminal. Numbers arrive
/// formatted with their errors.
struct Table {
  std::string id;
  std::string title;
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// figures/<id> as a group: attributes title, caption, x_label, x_scale, y_label, y_scale; a group
/// series_<n> each with attributes label, style, group and arrays x, y, y_error.
void put_figure(Dataset& run, const Figure& figure);
[[nodiscard]] Figure figure_from(std::string_view id, const Dataset& group);
/// tables/<id> as a group whose attributes hold the cells (JSON text), since netCDF has no ragged
/// text table.
void put_table(Dataset& run, const Table& table);
[[nodiscard]] Table table_from(std::string_view id, const Dataset& group);

}  // namespace thermoscape
