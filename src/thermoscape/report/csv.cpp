#include "thermoscape/report/csv.hpp"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string number(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return fmt::format("{}", x);
}

}  // namespace

std::string export_figure_csv(const Figure& figure) {
  std::string out = fmt::format("series,group,style,{},{},{}\r\n",
                                cell(figure.x.label),
                                cell(figure.y.label),
                                cell("standard error of " + figure.y.label));
  for (const Series& one : figure.series) {
    const std::size_t n = one.x.size();
    if (one.y.size() != n || (!one.y_error.empty() && one.y_error.size() != n)) {
      reject({"figure " + figure.id + ", series `" + one.label + "`",
              "",
              "x, y and y_error must be equally long",
              ""});
    }
    const std::string head =
        fmt::format("{},{},{},", cell(one.label), cell(one.group), cell(one.style));
    for (std::size_t i = 0; i < n; ++i) {
      out += head;
      out += number(one.x[i]) + ',' + number(one.y[i]) + ',';
      if (!one.y_error.empty()) out += number(one.y_error[i]);
      out += "\r\n";
    }
  }
  return out;
}

}  // namespace thermoscape
