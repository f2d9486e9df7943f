#include "thermoscape/report/csv.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include "report/sample_run.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

/// Another reading of RFC 4180: records of fields, by its grammar.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> records;
  std::size_t i = 0;
  while (i < text.size()) {
    std::vector<std::string> record(1);
    while (true) {
      if (text[i] == '"') {
        for (++i; text[i] != '"' || (i + 1 < text.size() && text[i + 1] == '"'); ++i) {
          if (text[i] == '"') ++i;
          record.back() += text[i];
        }
        ++i;
      } else {
        while (text[i] != ',' && text[i] != '\r') record.back() += text[i++];
      }
      if (text[i] == ',') {
        ++i;
        record.emplace_back();
        continue;
      }
      EXPECT_EQ(text.substr(i, 2), "\r\n");
      i += 2;
      break;
    }
    records.push_back(record);
  }
  return records;
}

TEST(Csv, ReadsBackToTheSameDoubles) {
  const double inf = std::numeric_limits<double>::infinity();
  const Figure figure{"f",
                      "",
                      "",
                      {"step, n [1]", "linear"},
                      {"\"L\" [nat]", "log"},
                      {{"a \"b\", c\nd",
                        {0.1, 1e-300, -3},
                        {1.0 / 3, std::nan(""), inf},
                        {0.25, 1e-17, -inf},
                        "points",
                        "g"},
                       {"plain", {1e22}, {-0.0}, {}, "line", ""}}};
  const auto rows = parse_csv(export_figure_csv(figure));
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0],
            (std::vector<std::string>{"series",
                                      "group",
                                      "style",
                                      "step, n [1]",
                                      "\"L\" [nat]",
                                      "standard error of \"L\" [nat]"}));
  for (int i = 0; i < 3; ++i) {
    const auto& row = rows[static_cast<std::size_t>(i) + 1];
    ASSERT_EQ(row.size(), 6u);
    EXPECT_EQ(row[0], figure.series[0].label);
    EXPECT_EQ(row[1], "g");
    EXPECT_EQ(std::strtod(row[3].c_str(), nullptr),
              figure.series[0].x[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(std::strtod(rows[1][4].c_str(), nullptr), 1.0 / 3);
  EXPECT_EQ(rows[2][4], "NaN");
  EXPECT_EQ(rows[3][4], "inf");
  EXPECT_EQ(rows[3][5], "-inf");
  EXPECT_EQ(rows[4][5], "");
  EXPECT_TRUE(std::signbit(std::strtod(rows[4][4].c_str(), nullptr)));
}

TEST(Csv, HoldsEveryPointOfALongCurve) {
  std::mt19937_64 random(1);
  const Figure figure = sample::training_figure(random);
  const std::string text = export_figure_csv(figure);
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_EQ(lines, 1 + 3 * 60000 + 2);
}

TEST(Csv, UnequalLengthsAreRefused) {
  const Figure figure{"f", "", "", {}, {}, {{"a", {1, 2}, {1}, {}, "line", ""}}};
  EXPECT_THROW((void)export_figure_csv(figure), Error);
}

}  // namespace
}  // namespace thermoscape
