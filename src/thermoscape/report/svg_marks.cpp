#include "thermoscape/report/svg_marks.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace thermoscape::report {

namespace {

/// A point in pixels; NaN where it cannot be shown.
struct Pixel {
  double x;
  double y;

  [[nodiscard]] bool shown() const { return std::isfinite(x) && std::isfinite(y); }
};

/// Keeps coordinates far outside the picture from growing into numbers that renderers refuse.
double tame(double value) {
  return std::clamp(value, -1e5, 1e5);
}

std::string colour_of(const Look& look) {
  return look.colour == "ink" ? "currentColor" : look.colour;
}

std::string symbol_path(std::string_view symbol, double x, double y, double r) {
  if (symbol == "square") {
    return fmt::format("M{:.1f} {:.1f}h{:.1f}v{:.1f}h-{:.1f}z",
                       x - 0.9 * r,
                       y - 0.9 * r,
                       1.8 * r,
                       1.8 * r,
                       1.8 * r);
  }
  if (symbol == "diamond") {
    return fmt::format("M{:.1f} {:.1f}l{:.1f} {:.1f}l-{:.1f} {:.1f}l-{:.1f} -{:.1f}z",
                       x,
                       y - 1.2 * r,
                       1.2 * r,
                       1.2 * r,
                       1.2 * r,
                       1.2 * r,
                       1.2 * r,
                       1.2 * r);
  }
  if (symbol == "triangle-up" || symbol == "triangle-down") {
    const double up = symbol == "triangle-up" ? 1 : -1;
    return fmt::format("M{:.1f} {:.1f}l{:.1f} {:.1f}h-{:.1f}z",
                       x,
                       y - up * 1.2 * r,
                       1.15 * r,
                       up * 2 * r,
                       2.3 * r);
  }
  if (symbol == "cross") {
    const double a = 0.4 * r;
    const double b = 0.8 * r;
    return fmt::format(
        "M{:.1f} "
        "{:.1f}h{:.1f}v{:.1f}h{:.1f}v{:.1f}h-{:.1f}v{:.1f}h-{:.1f}v-{:.1f}h-{:.1f}v-{:.1f}h{:.1f}z",
        x - a,
        y - a - b,
        2 * a,
        b,
        b,
        2 * a,
        b,
        b,
        2 * a,
        b,
        b,
        2 * a,
        b);
  }
  return fmt::format("M{:.1f} {:.1f}a{:.1f} {:.1f} 0 1 0 {:.1f} 0a{:.1f} {:.1f} 0 1 0 -{:.1f} 0z",
                     x - r,
                     y,
                     r,
                     r,
                     2 * r,
                     r,
                     r,
                     2 * r);
}

std::string curve(const std::vector<Pixel>& points, bool steps) {
  std::string d;
  bool pen_down = false;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Pixel& p = points[i];
    if (!p.shown()) {
      pen_down = false;
      continue;
    }
    if (!pen_down) {
      d += fmt::format("M{:.1f} {:.1f}", p.x, tame(p.y));
    } else if (steps) {
      d += fmt::format("H{:.1f}V{:.1f}H{:.1f}", (points[i - 1].x + p.x) / 2, tame(p.y), p.x);
    } else {
      d += fmt::format("L{:.1f} {:.1f}", p.x, tame(p.y));
    }
    pen_down = true;
  }
  return d;
}

std::string stroke(const std::string& d, const Look& look, double width) {
  if (d.empty()) return "";
  const std::string dash =
      look.dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", look.dash);
  return fmt::format(
      "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:g}\" "
      "stroke-linejoin=\"round\"{}/>\n",
      d,
      colour_of(look),
      width,
      dash);
}

}  // namespace

std::string draw_series(
    const Series& s, const Look& look, const Scale& x, const Scale& y, const Frame& frame) {
  std::vector<Pixel> points;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    points.push_back({frame.x_of(x.fraction(s.x[i])), frame.y_of(y.fraction(s.y[i]))});
  }
  const auto error_ends = [&](std::size_t i) {
    const double below = y.fraction(s.y[i] - s.y_error[i]);
    return std::pair(frame.y_of(std::isnan(below) ? -0.1 : below),
                     frame.y_of(y.fraction(s.y[i] + s.y_error[i])));
  };
  const auto has_error = [&](std::size_t i) {
    return !s.y_error.empty() && points[i].shown() && std::isfinite(s.y_error[i]) &&
           s.y_error[i] >= 0;
  };
  if (s.style == "band") {
    std::string d;
    for (std::size_t start = 0; start < points.size();) {
      std::size_t end = start;
      while (end < points.size() && has_error(end)) ++end;
      for (std::size_t i = start; i < end; ++i) {
        d += fmt::format(
            "{}{:.1f} {:.1f}", i == start ? "M" : "L", points[i].x, tame(error_ends(i).second));
      }
      for (std::size_t i = end; i > start; --i) {
        d += fmt::format("L{:.1f} {:.1f}", points[i - 1].x, tame(error_ends(i - 1).first));
      }
      if (end > start) d += "z";
      start = std::max(end, start + 1);
    }
    if (d.empty()) return "";
    return fmt::format("<path d=\"{}\" fill=\"{}\" fill-opacity=\"0.2\"/>\n", d, colour_of(look));
  }

  std::string bars;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!has_error(i) || s.y_error[i] == 0) continue;
    const auto [low, high] = error_ends(i);
    bars +=
        fmt::format("M{:.1f} {:.1f}h6m-3 0V{:.1f}m-3 0h6", points[i].x - 3, tame(low), tame(high));
  }
  Look solid = look;
  solid.dash.clear();
  std::string out = stroke(bars, solid, 1.2);
  const bool symbols = s.style == "points" || s.style == "line+points";
  if (s.style != "points")
    out += stroke(curve(points, s.style == "steps"), look, s.style == "dashed" ? 1.5 : 1.7);
  if (symbols) {
    const double radius = points.size() > 200 ? 1.8 : 3.6;
    std::string d;
    for (const Pixel& p : points) {
      if (p.shown()) d += symbol_path(look.symbol, p.x, tame(p.y), radius);
    }
    if (!d.empty()) out += fmt::format("<path d=\"{}\" fill=\"{}\"/>\n", d, colour_of(look));
  }
  return out;
}

std::string draw_swatch(std::string_view style, const Look& look, double x, double y) {
  if (style == "band") {
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"26\" height=\"10\" fill=\"{}\" "
        "fill-opacity=\"0.3\"/>\n",
        x,
        y - 5,
        colour_of(look));
  }
  std::string out;
  if (style != "points") out += stroke(fmt::format("M{:.1f} {:.1f}h26", x, y), look, 1.7);
  if (style == "points" || style == "line+points") {
    out += fmt::format("<path d=\"{}\" fill=\"{}\"/>\n",
                       symbol_path(look.symbol, x + 13, y, 3.6),
                       colour_of(look));
  }
  return out;
}

}  // namespace thermoscape::report
