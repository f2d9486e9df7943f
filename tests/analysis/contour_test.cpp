#include "thermoscape/analysis/contour.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

std::vector<double> axis(double low, double high, std::size_t points) {
  std::vector<double> list;
  for (std::size_t i = 0; i < points; ++i)
    list.push_back(low + (high - low) * static_cast<double>(i) / static_cast<double>(points - 1));
  return list;
}

template <class F>
std::vector<ContourLine> of(const std::vector<double>& x,
                            const std::vector<double>& y,
                            double level,
                            F&& f) {
  std::vector<double> values;
  for (const double b : y)
    for (const double a : x) values.push_back(f(a, b));
  return contour(x, y, values, level);
}

TEST(Contour, AnEllipseIsOneClosedCurveOfItsArea) {
  const std::vector<double> x = axis(-2, 2.1, 80);
  const std::vector<double> y = axis(-1.1, 1, 70);
  const auto lines = of(x, y, 1, [](double a, double b) { return a * a / 2.25 + b * b / 0.25; });
  ASSERT_EQ(lines.size(), 1u);
  const ContourLine& line = lines.front();
  EXPECT_EQ(line.x.front(), line.x.back());
  EXPECT_EQ(line.y.front(), line.y.back());
  double area = 0;
  for (std::size_t i = 0; i + 1 < line.x.size(); ++i) {
    EXPECT_NEAR(line.x[i] * line.x[i] / 2.25 + line.y[i] * line.y[i] / 0.25, 1, 2e-2);
    area += (line.x[i] * line.y[i + 1] - line.y[i] * line.x[i + 1]) / 2;
  }
  EXPECT_NEAR(std::abs(area), M_PI * 1.5 * 0.5, 0.01);
}

TEST(Contour, LinesThatLeaveTheGridAreOpenAndSeparate) {
  const std::vector<double> x = axis(-1, 1, 21);
  const auto lines = of(x, x, 0.25, [](double a, double) { return a * a; });
  ASSERT_EQ(lines.size(), 2u);
  for (const ContourLine& line : lines) {
    EXPECT_EQ(line.x.size(), 21u);
    EXPECT_NEAR(std::abs(line.x.front()), 0.5, 1e-3);
    EXPECT_NEAR(std::abs(line.y.front() - line.y.back()), 2, 1e-12);
  }
}

TEST(Contour, ASaddleIsSplitByTheMeanOfItsCorners) {
  const std::vector<double> x{-1, 1};
  for (const double level : {-0.1, 0.1}) {
    const auto lines = of(x, x, level, [](double a, double b) { return a * b; });
    ASSERT_EQ(lines.size(), 2u);
    // Below the level of the middle the two corners of negative ab are cut off.
    for (const ContourLine& line : lines) {
      const double corner = (line.x[0] + line.x[1]) * (line.y[0] + line.y[1]);
      EXPECT_EQ(corner > 0, level > 0);
    }
  }
}

TEST(Contour, SizesAreChecked) {
  const std::vector<double> x{0, 1, 2};
  EXPECT_THROW((void)contour(x, x, x, 0), Error);
  EXPECT_TRUE(of(x, x, 5, [](double a, double b) { return a + b - 9; }).empty());
}

}  // namespace
}  // namespace thermoscape::analysis
