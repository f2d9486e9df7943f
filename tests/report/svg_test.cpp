#include "thermoscape/report/svg.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include "report/sample_run.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/report/look.hpp"
#include "thermoscape/report/ticks.hpp"

namespace thermoscape {
namespace {

using boost::property_tree::ptree;

ptree parse_xml(const std::string& text) {
  ptree tree;
  std::istringstream in(text);
  boost::property_tree::read_xml(in, tree);  // throws on text that is not well-formed
  return tree;
}

std::vector<std::string> all_text(const ptree& tree, const std::string& tag) {
  std::vector<std::string> found;
  for (const auto& [name, child] : tree) {
    if (name == tag) found.push_back(child.data());
    const auto below = all_text(child, tag);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

Figure simple(std::vector<double> x, std::vector<double> y, const std::string& scale = "linear") {
  return {"f",
          "A title",
          "A caption",
          {"x [1]", scale},
          {"y [1]", scale},
          {{"curve", std::move(x), std::move(y), {}, "line", ""}}};
}

TEST(Svg, EverySampleFigureIsWellFormedWithItsWords) {
  const Dataset run = sample::run();
  for (const auto& [id, group] : run.group("figures").groups) {
    const Figure figure = figure_from(id, group);
    const std::string svg = export_figure_svg(figure);
    const ptree tree = parse_xml(svg);
    EXPECT_EQ(tree.get<std::string>("svg.title"), figure.title);
    EXPECT_EQ(tree.get<std::string>("svg.desc"), figure.caption);
    const auto words = all_text(tree, "text");
    EXPECT_THAT(words, ::testing::Contains(figure.series.front().label));
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
    EXPECT_LT(svg.size(), 400000u);
  }
}

// On linear axes the drawn polyline is an affine image of the data: differences keep their ratios.
TEST(Svg, CurveIsAnAffineImageOfTheData) {
  const std::string svg = export_figure_svg(simple({0, 1, 4}, {2, 8, 4}));
  double x[3], y[3];
  const std::size_t at = svg.find("stroke-width=\"1.7\"");
  const std::size_t start = svg.rfind("<path d=\"M", at) + 10;
  std::string numbers = svg.substr(start, svg.find('"', start) - start);
  std::replace(numbers.begin(), numbers.end(), 'L', ' ');
  std::istringstream in(numbers);
  for (int i = 0; i < 3; ++i) in >> x[i] >> y[i];
  EXPECT_NEAR(
      (x[2] - x[0]) / (x[1] - x[0]), 4.0, 0.01);  // coordinates carry one decimal of a pixel
  EXPECT_NEAR((y[1] - y[0]) / (y[2] - y[0]), 3.0, 0.01);
  EXPECT_LT(y[1], y[0]);  // upwards
}

// A power law is a straight line on two logarithmic axes.
TEST(Svg, PowerLawIsStraightOnLogAxes) {
  const std::string svg = export_figure_svg(simple({1, 10, 1000}, {1e-6, 1e-4, 1}, "log"));
  double x[3], y[3];
  const std::size_t at = svg.find("stroke-width=\"1.7\"");
  const std::size_t start = svg.rfind("<path d=\"M", at) + 10;
  std::string numbers = svg.substr(start, svg.find('"', start) - start);
  std::replace(numbers.begin(), numbers.end(), 'L', ' ');
  std::istringstream in(numbers);
  for (int i = 0; i < 3; ++i) in >> x[i] >> y[i];
  EXPECT_NEAR((y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1]), 0.003);
  EXPECT_THAT(all_text(parse_xml(svg), "text"),
              ::testing::IsSupersetOf({std::string("10⁻⁶"), std::string("1000")}));
}

TEST(Svg, GapsLiftThePen) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto strokes = [](const Figure& figure) {
    const std::string svg = export_figure_svg(figure);
    const std::size_t at = svg.find("stroke-width=\"1.7\"");
    const std::size_t start = svg.rfind("<path d=\"", at);
    const auto end = svg.begin() + static_cast<std::ptrdiff_t>(at);
    return std::count(svg.begin() + static_cast<std::ptrdiff_t>(start), end, 'M');
  };
  EXPECT_EQ(strokes(simple({1, 2, 3, 4}, {1, 2, 3, 4})), 1);
  EXPECT_EQ(strokes(simple({1, 2, 3, 4, 5}, {1, 2, nan, 4, 5})), 2);
  EXPECT_EQ(strokes(simple({1, 2, 3, 4, 5}, {1, 2, -1, 4, 5}, "log")), 2);
}

TEST(Svg, DegenerateFiguresStillDraw) {
  for (const char* scale : {"linear", "log"}) {
    for (const Figure& figure : {simple({}, {}, scale),
                                 simple({1}, {0}, scale),
                                 simple({-1, -2}, {-3, -3}, scale),
                                 simple({1, 2}, {1e308, -1e308}, scale),
                                 simple({1e-310, 2}, {5e-324, 1}, scale),
                                 simple({1e9, 1e9 + 1}, {7, 7}, scale)}) {
      const std::string svg = export_figure_svg(figure);
      EXPECT_NO_THROW(parse_xml(svg));
      EXPECT_EQ(svg.find("nan"), std::string::npos);
      EXPECT_LT(svg.size(), 30000u);
    }
  }
  EXPECT_THROW((void)export_figure_svg(simple({1, 2}, {1})), Error);
}

TEST(Ticks, LabelsReadBackToTheirPlaces) {
  for (const double low : {-3.0, 0.0, 0.37, 1e-7, 250.0}) {
    for (const double span : {1.0, 0.013, 7e-6, 9000.0}) {
      const report::Scale scale = report::make_scale(low, low + span, false, 6);
      std::size_t labelled = 0;
      const double power =
          scale.factor.empty()
              ? 1.0
              : std::pow(
                    10.0,
                    std::floor(std::log10(std::max(std::abs(scale.low), std::abs(scale.high)))));
      for (const report::Tick& tick : scale.ticks) {
        std::string label = tick.label;
        if (label.rfind("−", 0) == 0) label.replace(0, std::string("−").size(), "-");
        EXPECT_NEAR(std::strtod(label.c_str(), nullptr) * power,
                    tick.value,
                    1e-9 * span + 1e-12 * std::abs(tick.value))
            << low << ' ' << span;
        EXPECT_GE(scale.fraction(tick.value), -1e-9);
        EXPECT_LE(scale.fraction(tick.value), 1 + 1e-9);
        ++labelled;
      }
      EXPECT_GE(labelled, 3u);
      EXPECT_LE(labelled, 13u);
    }
  }
}

TEST(Ticks, EveryLogarithmicAxisHasLabels) {
  for (const double ratio : {1.1, 2.0, 7.0, 30.0, 1e3, 1e9, 1e40}) {
    const report::Scale scale = report::make_scale(3e-7, 3e-7 * ratio, true, 6);
    const auto labelled = std::count_if(scale.ticks.begin(),
                                        scale.ticks.end(),
                                        [](const report::Tick& t) { return !t.label.empty(); });
    EXPECT_GE(labelled, ratio > 1.5 ? 2 : 1) << ratio;
    EXPECT_LE(labelled, 12) << ratio;
  }
  EXPECT_TRUE(std::isnan(report::make_scale(1, 10, true, 6).fraction(0)));
}

// WCAG relative luminance, from its definition.
double luminance(const std::string& colour) {
  const auto channel = [&colour](std::size_t at) {
    const double c = std::stoi(colour.substr(at, 2), nullptr, 16) / 255.0;
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

TEST(Look, ColoursHaveContrastOnWhiteAndOnTheDarkPage) {
  for (const std::size_t n : {2u, 8u, 9u, 30u}) {
    Figure figure;
    for (std::size_t i = 0; i < n; ++i)
      figure.series.push_back({std::to_string(i), {}, {}, {}, "line", ""});
    for (const report::Look& one : report::looks(figure)) {
      EXPECT_GE(1.05 / (luminance(one.colour) + 0.05), 3.0) << one.colour;
      EXPECT_GE((luminance(one.colour) + 0.05) / (luminance("#12161c") + 0.05), 3.0) << one.colour;
    }
  }
}

TEST(Look, AGroupSharesColourAndLegendAndTheoryHasNone) {
  const Figure figure{"f",
                      "",
                      "",
                      {},
                      {},
                      {{"a", {}, {}, {}, "points", "1"},
                       {"fit", {}, {}, {}, "dashed", "1"},
                       {"theory", {}, {}, {}, "dashed", ""},
                       {"other", {}, {}, {}, "dashed", ""},
                       {"b", {}, {}, {}, "points", "2"}}};
  const auto look = report::looks(figure);
  EXPECT_EQ(look[0].colour, look[1].colour);
  EXPECT_NE(look[0].colour, look[4].colour);
  EXPECT_TRUE(look[0].in_legend);
  EXPECT_FALSE(look[1].in_legend);
  EXPECT_FALSE(look[1].dash.empty());
  EXPECT_EQ(look[2].colour, "ink");
  EXPECT_NE(look[2].dash, look[3].dash);
}

}  // namespace
}  // namespace thermoscape
