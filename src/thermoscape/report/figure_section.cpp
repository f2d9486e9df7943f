#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "thermoscape/core/json.hpp"
#include "thermoscape/report/escape.hpp"
#include "thermoscape/report/look.hpp"
#include "thermoscape/report/sections.hpp"
#include "thermoscape/report/svg.hpp"

namespace thermoscape::report {

namespace {

/// The figure with the curves that are drawn.
Figure drawn_figure(const PageFigure& page) {
  Figure figure = page.figure;
  for (const DrawnSeries& one : page.curves) figure.series.push_back(one.series);
  return figure;
}

/// "3 points of “A”, 1 of “B”", or "23 points of 7 curves".
class Tally {
 public:
  void add(const std::string& label, std::size_t count) {
    if (count == 0) return;
    total_ += count;
    ++curves_;
    text_ += text_.empty()
                 ? fmt::format("{} {} of “{}”", count, count == 1 ? "point" : "points", label)
                 : fmt::format(", {} of “{}”", count, label);
  }
  [[nodiscard]] bool empty() const { return curves_ == 0; }
  [[nodiscard]] std::string text() const {
    return curves_ > 3 ? fmt::format("{} points of {} curves", total_, curves_) : text_;
  }

 private:
  std::string text_;
  std::size_t total_ = 0;
  std::size_t curves_ = 0;
};

/// "1,000,000"
std::string grouped(std::size_t n) {
  if (n < 1000) return std::to_string(n);
  return fmt::format("{},{:03}", grouped(n / 1000), n % 1000);
}

/// Nine digits draw any zoom a screen can show and halve the page.
Json drawn_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.9g}", value).c_str(), nullptr);
}

Json drawn_numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double one : values) list.push_back(drawn_number(one));
  return list;
}

Json axis_json(const Axis& axis) {
  return {{"label", axis.label}, {"scale", axis.scale == "log" ? "log" : "linear"}};
}

}  // namespace

std::string drawing_note(const PageFigure& page) {
  std::size_t longest = 0;
  Tally gaps;
  Tally no_error;
  Tally not_positive;
  for (const DrawnSeries& one : page.curves) {
    const Series& s = one.series;
    if (one.decimated()) longest = std::max(longest, one.stored);
    gaps.add(s.label, one.not_finite);
    no_error.add(s.label, one.no_error);
    std::size_t hidden = 0;
    for (std::size_t i = 0; i < s.x.size(); ++i) {
      const bool x_hidden = page.figure.x.scale == "log" && s.x[i] <= 0;
      const bool y_hidden = page.figure.y.scale == "log" && s.y[i] <= 0;
      if (std::isfinite(s.x[i]) && std::isfinite(s.y[i]) && (x_hidden || y_hidden)) ++hidden;
    }
    not_positive.add(s.label, hidden);
  }
  std::vector<std::string> parts;
  if (longest > 0) {
    parts.push_back(
        fmt::format("Longer curves are drawn as their min/max envelope in at most 5,000 points "
                    "(stored: up to {}).",
                    grouped(longest)));
  }
  if (!gaps.empty()) parts.push_back(fmt::format("Not finite and left as gaps: {}.", gaps.text()));
  if (!no_error.empty())
    parts.push_back(fmt::format("Without a defined error bar: {}.", no_error.text()));
  if (!not_positive.empty()) {
    parts.push_back(
        fmt::format("At or below zero, so not on a logarithmic axis: {}.", not_positive.text()));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string figure_data(const std::vector<PageFigure>& figures) {
  Json list = Json::array();
  for (const PageFigure& page : figures) {
    const std::vector<Look> look = looks(drawn_figure(page));
    Json series = Json::array();
    for (std::size_t i = 0; i < page.curves.size(); ++i) {
      const Series& one = page.curves[i].series;
      series.push_back({{"label", one.label},
                        {"style", one.style},
                        {"colour", look[i].colour},
                        {"symbol", look[i].symbol},
                        {"dash", look[i].dash},
                        {"legend", look[i].in_legend},
                        {"group", look[i].group},
                        {"x", drawn_numbers(one.x)},
                        {"y", drawn_numbers(one.y)},
                        {"error", drawn_numbers(one.y_error)}});
    }
    list.push_back({{"id", identifier(page.figure.id)},
                    {"title", page.figure.title},
                    {"x", axis_json(page.figure.x)},
                    {"y", axis_json(page.figure.y)},
                    {"series", std::move(series)}});
  }
  return escape_json_for_script(list.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string figures_section(const std::vector<PageFigure>& figures) {
  std::string out;
  std::size_t number = 0;
  for (const PageFigure& page : figures) {
    const Figure& figure = page.figure;
    const std::string id = identifier(figure.id);
    SvgOptions fragment;
    fragment.title = false;
    fragment.document = false;
    const std::string note = drawing_note(page);
    out += fmt::format(
        "<figure id=\"figure-{0}\" class=\"figure\" data-figure=\"{0}\">\n"
        "<h3>{1}</h3>\n<div class=\"toolbar\"></div>\n"
        "<div class=\"plot\" role=\"group\" aria-label=\"{2}\"><div class=\"interactive\" "
        "hidden></div>"
        "<div class=\"static\">{3}</div></div>\n"
        "<figcaption><b>Figure {4}.</b> {5}{6} <span class=\"live-note\" "
        "role=\"status\"></span></figcaption>\n</figure>\n",
        id,
        escape_markup(figure.title.empty() ? figure.id : figure.title),
        escape_markup(figure.caption.empty() ? figure.title : figure.caption),
        export_figure_svg(drawn_figure(page), fragment),
        ++number,
        escape_markup(figure.caption),
        note.empty() ? "" : fmt::format(" <span class=\"note\">{}</span>", escape_markup(note)));
  }
  return out;
}

}  // namespace thermoscape::report
