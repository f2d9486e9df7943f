#include "thermoscape/report/look.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace thermoscape::report {

namespace {

constexpr std::array<std::string_view, 8> kPalette = {
    "#2f7fd6", "#d9690f", "#0f9a83", "#c2499b", "#8b6fe0", "#9a8a12", "#d6455d", "#7c7f8c"};
constexpr std::array<std::string_view, 6> kSymbols = {
    "circle", "square", "diamond", "triangle-up", "triangle-down", "cross"};
constexpr std::array<std::string_view, 4> kDashes = {"7,4", "2,3", "10,3,2,3", "14,4"};

/// A ramp from cold to hot through colours of similar lightness: sweeps are ordered.
std::string ramp(double fraction) {
  constexpr std::array<std::array<double, 3>, 4> stops = {
      {{47, 127, 214}, {139, 111, 224}, {214, 69, 93}, {217, 120, 15}}};
  const double at = std::clamp(fraction, 0.0, 1.0) * (stops.size() - 1);
  const auto i = std::min<std::size_t>(static_cast<std::size_t>(at), stops.size() - 2);
  const double w = at - static_cast<double>(i);
  const auto mix = [&](std::size_t c) {
    return static_cast<int>(std::lround(stops[i][c] * (1 - w) + stops[i + 1][c] * w));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2));
}

}  // namespace

std::vector<Look> looks(const Figure& figure) {
  std::vector<Look> out(figure.series.size());
  std::map<std::string, std::size_t> groups;
  std::vector<std::size_t>
      entry_of;  // the series that stands for a group in the legend; none yet: the number of series
  std::size_t dashes = 0;
  std::vector<std::size_t> colour_of;
  std::size_t colours = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Series& one = figure.series[i];
    const bool theory = one.style == "dashed" && one.group.empty();
    std::size_t group = entry_of.size();
    if (!one.group.empty()) group = groups.emplace(one.group, group).first->second;
    if (group == entry_of.size()) {
      entry_of.push_back(out.size());
      colour_of.push_back(theory ? 0 : colours++);
    }
    out[i].group = group;
    if (one.style == "dashed") out[i].dash = kDashes[theory ? dashes++ % kDashes.size() : 0];
    if (theory) out[i].colour = "ink";
    // A curve is easier to know again than a shade.
    std::size_t& entry = entry_of[group];
    const bool better =
        entry == out.size() || (figure.series[entry].style == "band" && one.style != "band");
    if (!one.label.empty() && better) entry = i;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    Look& look = out[i];
    look.in_legend = entry_of[look.group] == i;
    const std::size_t c = colour_of[look.group];
    look.symbol = kSymbols[c % kSymbols.size()];
    if (!look.colour.empty()) continue;
    look.colour = colours <= kPalette.size()
                      ? std::string(kPalette[c])
                      : ramp(static_cast<double>(c) / static_cast<double>(colours - 1));
  }
  return out;
}

}  // namespace thermoscape::report
