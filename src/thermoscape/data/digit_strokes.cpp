#include "thermoscape/data/digit_strokes.hpp"

#include <algorithm>
#include <array>

namespace thermoscape::data {

namespace {
using Ways = std::vector<Skeleton>;

// Corners are where one stroke ends and the next begins: the curve through a stroke is smooth.
const std::array<Ways, 10>& catalogue() {
  static const std::array<Ways, 10> kWays = {{
      // 0: round, and slim with an open top
      {{{{.50, .00},
         {.24, .14},
         {.16, .50},
         {.26, .86},
         {.50, 1.0},
         {.75, .86},
         {.84, .50},
         {.76, .14},
         {.50, .00}}},
       {{{.56, .02},
         {.36, .08},
         {.24, .40},
         {.26, .76},
         {.46, 1.0},
         {.66, .84},
         {.76, .50},
         {.70, .14},
         {.46, .03}}}},
      // 1: a stroke, with a flag, with flag and foot
      {{{{.50, .00}, {.50, 1.0}}},
       {{{.34, .20}, {.53, .00}}, {{.53, .00}, {.53, 1.0}}},
       {{{.34, .22}, {.52, .00}}, {{.52, .00}, {.52, 1.0}}, {{.30, 1.0}, {.74, 1.0}}}},
      // 2: with a corner at the base, with a loop
      {{{{.20, .24},
         {.30, .05},
         {.52, .00},
         {.74, .10},
         {.76, .32},
         {.60, .58},
         {.38, .80},
         {.18, .98}},
        {{.18, .98}, {.84, .98}}},
       {{{.22, .20},
         {.46, .00},
         {.74, .12},
         {.72, .42},
         {.48, .76},
         {.26, .98},
         {.16, .86},
         {.30, .76},
         {.56, .90},
         {.86, .96}}}},
      // 3: two bowls, a flat top
      {{{{.20, .12}, {.42, .00}, {.68, .07}, {.72, .28}, {.58, .43}, {.40, .47}},
        {{.40, .47}, {.66, .52}, {.80, .72}, {.68, .94}, {.42, 1.0}, {.18, .88}}},
       {{{.22, .02}, {.74, .02}},
        {{.74, .02}, {.46, .40}},
        {{.46, .40}, {.72, .50}, {.79, .74}, {.58, .98}, {.20, .92}}}},
      // 4: closed, open
      {{{{.62, .00}, {.14, .66}}, {{.14, .66}, {.88, .66}}, {{.64, .00}, {.64, 1.0}}},
       {{{.26, .00}, {.20, .28}, {.22, .52}},
        {{.22, .52}, {.76, .50}},
        {{.77, .00}, {.74, .50}, {.70, 1.0}}}},
      // 5: with a long and a short hat
      {{{{.78, .00}, {.32, .00}},
        {{.32, .00}, {.27, .42}},
        {{.27, .42}, {.50, .36}, {.75, .46}, {.80, .70}, {.64, .95}, {.38, 1.0}, {.17, .90}}},
       {{{.68, .02}, {.40, .03}},
        {{.40, .03}, {.30, .44}},
        {{.30, .44}, {.56, .44}, {.72, .62}, {.66, .86}, {.44, 1.0}, {.20, .94}}}},
      // 6: curved, nearly straight neck
      {{{{.68, .00},
         {.42, .16},
         {.24, .46},
         {.20, .76},
         {.36, .98},
         {.60, .98},
         {.76, .79},
         {.68, .58},
         {.48, .52},
         {.28, .62},
         {.21, .76}}},
       {{{.52, .00},
         {.34, .32},
         {.24, .68},
         {.36, .96},
         {.58, .96},
         {.68, .78},
         {.56, .63},
         {.38, .68},
         {.26, .82}}}},
      // 7: plain, curved, with a bar
      {{{{.16, .02}, {.82, .02}}, {{.82, .02}, {.60, .46}, {.44, 1.0}}},
       {{{.16, .10}, {.40, .04}, {.80, .02}}, {{.80, .02}, {.66, .26}, {.50, .60}, {.46, 1.0}}},
       {{{.16, .02}, {.80, .02}}, {{.80, .02}, {.58, .50}, {.42, 1.0}}, {{.34, .52}, {.74, .50}}}},
      // 8: one crossing stroke, two rings
      {{{{.50, .47},
         {.32, .36},
         {.25, .18},
         {.38, .02},
         {.61, .02},
         {.74, .17},
         {.66, .36},
         {.50, .47},
         {.31, .61},
         {.21, .80},
         {.35, .98},
         {.64, .98},
         {.79, .80},
         {.69, .61},
         {.50, .47}}},
       {{{.50, .46}, {.30, .36}, {.28, .12}, {.50, .00}, {.72, .12}, {.70, .36}, {.50, .46}},
        {{.50, .46}, {.26, .60}, {.24, .88}, {.50, 1.0}, {.76, .88}, {.74, .60}, {.50, .46}}}},
      // 9: straight, with a hook
      {{{{.76, .24},
         {.62, .04},
         {.40, .02},
         {.24, .20},
         {.30, .42},
         {.50, .48},
         {.70, .38},
         {.77, .22}},
        {{.77, .22}, {.74, .60}, {.66, 1.0}}},
       {{{.74, .24}, {.60, .04}, {.38, .03}, {.24, .22}, {.32, .44}, {.54, .46}, {.74, .24}},
        {{.74, .24}, {.77, .60}, {.66, .90}, {.44, 1.0}, {.24, .92}}}},
  }};
  return kWays;
}
}  // namespace

std::span<const Skeleton> skeletons(int digit) {
  return catalogue().at(static_cast<std::size_t>(digit));
}

Stroke smooth(const Stroke& control, int steps_per_segment) {
  Stroke curve;
  const auto last = static_cast<std::ptrdiff_t>(control.size()) - 1;
  const auto point = [&](std::ptrdiff_t i) -> const Point& {
    return control[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i, 0, last))];
  };
  curve.reserve(static_cast<std::size_t>(last * steps_per_segment + 1));
  for (std::ptrdiff_t i = 0; i < last; ++i) {
    for (int s = 0; s < steps_per_segment; ++s) {
      const double t = static_cast<double>(s) / steps_per_segment;
      // Weights of the four neighbours (Catmull and Rom 1974), tension 1/2.
      const std::array<double, 4> w = {0.5 * t * (t * (2 - t) - 1),
                                       0.5 * (t * t * (3 * t - 5) + 2),
                                       0.5 * t * (t * (4 - 3 * t) + 1),
                                       0.5 * t * t * (t - 1)};
      Point p;
      for (std::ptrdiff_t k = 0; k < 4; ++k) {
        p.x += w[static_cast<std::size_t>(k)] * point(i - 1 + k).x;
        p.y += w[static_cast<std::size_t>(k)] * point(i - 1 + k).y;
      }
      curve.push_back(p);
    }
  }
  if (last >= 0) curve.push_back(control.back());
  return curve;
}

}  // namespace thermoscape::data
