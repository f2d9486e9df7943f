#include "thermoscape/report/svg.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "thermoscape/report/decimate.hpp"
#include "thermoscape/report/escape.hpp"
#include "thermoscape/report/look.hpp"
#include "thermoscape/report/svg_marks.hpp"
#include "thermoscape/report/ticks.hpp"

namespace thermoscape {

namespace {

using namespace report;

constexpr double kTickSize = 12;  // font sizes [px]
constexpr double kLabelSize = 13;
constexpr std::size_t kPoints = 1600;

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value, bool positive_only) {
    if (!std::isfinite(value) || (positive_only && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool empty() const { return !(low <= high); }
};

Extent extent_x(const std::vector<Series>& all, bool logarithmic) {
  Extent extent;
  for (const Series& one : all) {
    for (std::size_t i = 0; i < one.x.size(); ++i) {
      if (std::isfinite(one.y[i])) extent.add(one.x[i], logarithmic);
    }
  }
  return extent;
}

Extent extent_y(const std::vector<Series>& all, bool logarithmic) {
  Extent extent;
  for (const Series& one : all) {
    for (std::size_t i = 0; i < one.x.size(); ++i) {
      if (!std::isfinite(one.x[i])) continue;
      extent.add(one.y[i], logarithmic);
      if (one.y_error.empty() || !std::isfinite(one.y_error[i])) continue;
      extent.add(one.y[i] + one.y_error[i], logarithmic);
      // On a logarithmic axis an error bar that reaches zero must not stretch the axis over its
      // decades.
      if (!logarithmic || one.y[i] - one.y_error[i] > 0.1 * one.y[i])
        extent.add(one.y[i] - one.y_error[i], logarithmic);
    }
  }
  return extent;
}

template <class ExtentOf>
Scale scale_for(const Axis& axis, int wanted, ExtentOf&& extent_of) {
  bool logarithmic = axis.scale == "log";
  Extent extent = extent_of(logarithmic);
  if (extent.empty() && logarithmic) {
    logarithmic = false;
    extent = extent_of(false);
  }
  if (extent.empty()) extent = {0, 1};
  return make_scale(extent.low, extent.high, logarithmic, wanted);
}

/// Width of text in a sans-serif face, on average; counts characters, not bytes.
double text_width(std::string_view text, double size) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  return 0.57 * size * static_cast<double>(characters);
}

std::string axis_text(const Axis& axis, const Scale& scale) {
  return scale.factor.empty() ? axis.label : axis.label + "  (" + scale.factor + ")";
}

std::string draw_grid(const Scale& x, const Scale& y, const Frame& frame) {
  std::string grid;
  std::string marks;
  std::string words;
  for (const Tick& tick : x.ticks) {
    const double at = frame.x_of(x.fraction(tick.value));
    if (!tick.label.empty())
      grid += fmt::format("M{:.1f} {:.1f}V{:.1f}", at, frame.top, frame.bottom);
    marks += fmt::format("M{:.1f} {:.1f}v{}", at, frame.bottom, tick.label.empty() ? 3 : 6);
    if (tick.label.empty()) continue;
    words += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                         at,
                         frame.bottom + 20,
                         tick.label);
  }
  for (const Tick& tick : y.ticks) {
    const double at = frame.y_of(y.fraction(tick.value));
    if (!tick.label.empty())
      grid += fmt::format("M{:.1f} {:.1f}H{:.1f}", frame.left, at, frame.right);
    marks += fmt::format("M{:.1f} {:.1f}h-{}", frame.left, at, tick.label.empty() ? 3 : 6);
    if (tick.label.empty()) continue;
    words += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                         frame.left - 9,
                         at + 4,
                         tick.label);
  }
  return fmt::format(
      "<path d=\"{}\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.12\"/>\n"
      "<path d=\"{}M{:.1f} {:.1f}V{:.1f}H{:.1f}\" fill=\"none\" stroke=\"currentColor\" "
      "stroke-opacity=\"0.65\"/>\n"
      "<g font-size=\"{}\">\n{}</g>\n",
      grid,
      marks,
      frame.left,
      frame.top,
      frame.bottom,
      frame.right,
      kTickSize,
      words);
}

struct LegendEntry {
  std::size_t series;
  double x;
  double y;
};

/// Entries in rows of at most `width`; returns the height they take.
double place_legend(const Figure& figure,
                    const std::vector<Look>& look,
                    double left,
                    double top,
                    double width,
                    std::vector<LegendEntry>& entries) {
  constexpr double row = 20;
  double x = 0;
  double y = 0;
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    if (!look[i].in_legend) continue;
    const double need = 34 + text_width(figure.series[i].label, kTickSize) + 18;
    if (x > 0 && x + need > width) {
      x = 0;
      y += row;
    }
    entries.push_back({i, left + x, top + y + row / 2});
    x += need;
  }
  return entries.empty() ? 0 : y + row + 6;
}

}  // namespace

std::string export_figure_svg(const Figure& figure, const SvgOptions& options) {
  std::vector<Series> drawn;
  for (const Series& one : figure.series) drawn.push_back(decimate(one, kPoints).series);
  const std::vector<Look> look = looks(figure);
  const Scale x = scale_for(figure.x, 7, [&](bool log) { return extent_x(drawn, log); });
  const Scale y = scale_for(figure.y, 6, [&](bool log) { return extent_y(drawn, log); });

  double label_width = 0;
  for (const Tick& tick : y.ticks)
    label_width = std::max(label_width, text_width(tick.label, kTickSize));
  const double title_height = options.title && !figure.title.empty() ? 30 : 6;
  std::vector<LegendEntry> legend;
  const double left = 40 + label_width;
  const double legend_height =
      place_legend(figure, look, left, title_height, options.width - left - 14, legend);
  // The plot itself keeps its height however many rows the legend has.
  const double height = options.height + std::max(0.0, legend_height - 26);
  const Frame frame{left, options.width - 14, title_height + legend_height + 4, height - 52};

  const std::string id = identifier(figure.id);
  std::string out;
  if (options.document) out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:g} {:g}\"{} role=\"img\" "
      "font-family=\"system-ui, "
      "'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif\" "
      "fill=\"currentColor\"{}>\n"
      "<title>{}</title>\n<desc>{}</desc>\n",
      options.width,
      height,
      options.document ? fmt::format(" width=\"{:g}\" height=\"{:g}\"", options.width, height) : "",
      options.document ? " color=\"#1c2430\"" : "",
      escape_markup(figure.title),
      escape_markup(figure.caption));
  if (options.document) out += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  out += fmt::format(
      "<clipPath id=\"clip-{}\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
      "height=\"{:.1f}\"/></clipPath>\n",
      id,
      frame.left,
      frame.top - 1,
      frame.right - frame.left + 1,
      frame.bottom - frame.top + 2);
  if (options.title && !figure.title.empty()) {
    out +=
        fmt::format("<text x=\"{:.1f}\" y=\"20\" font-size=\"15\" font-weight=\"600\">{}</text>\n",
                    frame.left,
                    escape_markup(figure.title));
  }
  out += draw_grid(x, y, frame);
  out += fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" font-size=\"{}\">{}</text>\n",
      (frame.left + frame.right) / 2,
      height - 10,
      kLabelSize,
      escape_markup(axis_text(figure.x, x)));
  out += fmt::format(
      "<text transform=\"translate(16 {:.1f}) rotate(-90)\" text-anchor=\"middle\" "
      "font-size=\"{}\">{}</text>\n",
      (frame.top + frame.bottom) / 2,
      kLabelSize,
      escape_markup(axis_text(figure.y, y)));
  out += fmt::format("<g clip-path=\"url(#clip-{})\">\n", id);
  for (const bool bands : {true, false}) {  // shades lie below every curve
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if ((drawn[i].style == "band") == bands) out += draw_series(drawn[i], look[i], x, y, frame);
    }
  }
  out += "</g>\n";
  out += fmt::format("<g font-size=\"{}\">\n", kTickSize);
  for (const LegendEntry& entry : legend) {
    out += draw_swatch(drawn[entry.series].style, look[entry.series], entry.x, entry.y);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                       entry.x + 34,
                       entry.y + 4,
                       escape_markup(figure.series[entry.series].label));
  }
  return out + "</g>\n</svg>\n";
}

}  // namespace thermoscape
