#include "thermoscape/data/digits.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "data/support.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/digit_strokes.hpp"

namespace thermoscape::data {
namespace {
using namespace test;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

using Images = Eigen::Map<const Eigen::Matrix<float, -1, -1, Eigen::RowMajor>>;
Images images(const Labelled& set) {
  return {set.inputs.data(), set.size(), set.width()};
}

/// Share of test digits whose nearest training image has the same label.
double nearest_neighbour(const Labelled& train, const Labelled& test) {
  const Eigen::MatrixXf cross = images(test) * images(train).transpose();
  const Eigen::VectorXf norms = images(train).rowwise().squaredNorm();
  int right = 0;
  for (Eigen::Index i = 0; i < test.size(); ++i) {
    Eigen::Index best = 0;
    (norms - 2 * cross.row(i).transpose()).minCoeff(&best);
    right +=
        train.labels[static_cast<std::size_t>(best)] == test.labels[static_cast<std::size_t>(i)]
            ? 1
            : 0;
  }
  return right / static_cast<double>(test.size());
}

/// Share that ridge regression onto one-hot labels gets right.
double linear(const Labelled& train, const Labelled& test) {
  const Eigen::MatrixXd x = images(train).cast<double>();
  Eigen::MatrixXd y = Eigen::MatrixXd::Constant(train.size(), 10, -0.1);
  for (Eigen::Index i = 0; i < y.rows(); ++i) y(i, train.labels[static_cast<std::size_t>(i)]) += 1;
  Eigen::MatrixXd gram = x.transpose() * x;
  gram.diagonal().array() += 30.0;
  const Eigen::MatrixXd w = gram.llt().solve(x.transpose() * y);
  const Eigen::MatrixXd z = images(test).cast<double>() * w;
  int right = 0;
  for (Eigen::Index i = 0; i < z.rows(); ++i) {
    Eigen::Index best = 0;
    z.row(i).maxCoeff(&best);
    right += best == test.labels[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  return right / static_cast<double>(test.size());
}

TEST(DrawnDigits, AreLearnableAndNotTrivial) {
  const Labelled train = generate(Digits{.count = 3000}, Noise(1));
  const Labelled test = generate(Digits{.count = 1000}, Noise(2));
  EXPECT_GT(nearest_neighbour(train, test), 0.95);
  const double plane = linear(train, test);
  EXPECT_GT(plane, 0.85);
  EXPECT_LT(plane, 1.0) << "planes should not separate them perfectly";
  RecordProperty("nearest_neighbour", std::to_string(nearest_neighbour(train, test)));
  RecordProperty("linear", std::to_string(plane));
}

TEST(DrawnDigits, ArePureFunctionsWhoseLargerSetsBeginWithTheSmaller) {
  const Labelled some = generate(Digits{.count = 20}, Noise(3));
  const Labelled more = generate(Digits{.count = 30}, Noise(3));
  EXPECT_EQ(digest(some), digest(generate(Digits{.count = 20}, Noise(3))));
  EXPECT_NE(digest(some), digest(generate(Digits{.count = 20}, Noise(4))));
  EXPECT_TRUE(std::equal(some.inputs.begin(), some.inputs.end(), more.inputs.begin()));
}

TEST(DrawnDigits, AreCentredImagesInsideTheirFrame) {
  const Labelled set = generate(Digits{.count = 2000, .distortion = 1.5}, Noise(5));
  EXPECT_THAT(set.shape, ElementsAre(1, 28, 28));
  EXPECT_THAT(class_counts(set.labels, 10), Each(200));
  EXPECT_NO_THROW(check(set));
  double mean_row = 0, mean_column = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    double ink = 0, row = 0, column = 0;
    for (std::size_t y = 0; y < 28; ++y) {
      for (std::size_t x = 0; x < 28; ++x) {
        const double p = set.inputs[i * 784 + y * 28 + x];
        ASSERT_GE(p, 0);
        ASSERT_LE(p, 1);
        const bool edge = y == 0 || y == 27 || x == 0 || x == 27;
        ASSERT_LT(p, edge ? 0.6 : 1.1) << "leaves the frame in image " << i;
        ink += p;
        row += p * static_cast<double>(y);
        column += p * static_cast<double>(x);
      }
    }
    ASSERT_GT(ink, 15) << "image " << i << " is nearly empty";
    mean_row += row / ink / 2000;
    mean_column += column / ink / 2000;
  }
  // Shifts have deviation 0.7 x 1.5 pixels; the pen's overlaps move the mass of the pixels a little
  // from that of the lines.
  EXPECT_NEAR(mean_row, 13.5, 0.25);
  EXPECT_NEAR(mean_column, 13.5, 0.25);
}

TEST(DrawnDigits, WithoutDistortionEachWayIsDrawnOneWay) {
  const Labelled set = generate(Digits{.count = 300, .digits = {7, 1}, .distortion = 0}, Noise(1));
  std::vector<std::vector<float>> sevens;
  for (std::size_t i = 0; i < 300; i += 2) {
    sevens.emplace_back(set.inputs.begin() + static_cast<std::ptrdiff_t>(i * 784),
                        set.inputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * 784));
  }
  std::sort(sevens.begin(), sevens.end());
  sevens.erase(std::unique(sevens.begin(), sevens.end()), sevens.end());
  EXPECT_EQ(sevens.size(), skeletons(7).size());
  EXPECT_EQ(set.classes, 2);
  EXPECT_EQ(set.labels[0], 0);
}

TEST(DrawnDigits, RefuseImpossibleSettings) {
  const auto refusal = [](const Digits& settings) {
    return complaint([&] { (void)generate(settings, Noise(1)); });
  };
  EXPECT_THAT(refusal({.count = 0}), HasSubstr("digits.count = 0"));
  EXPECT_THAT(refusal({.digits = {}}), HasSubstr("at least one digit"));
  EXPECT_THAT(refusal({.digits = {10}}), HasSubstr("= 10"));
  EXPECT_THAT(refusal({.digits = {1, 1}}), HasSubstr("each once"));
  EXPECT_THAT(refusal({.distortion = 3.1}), HasSubstr("digits.distortion = 3.1"));
}

TEST(SmoothStroke, PassesThroughItsPointsAndKeepsStraightLinesStraight) {
  const Stroke control = {{0, 0}, {1, 2}, {3, 1}, {4, 4}};
  const Stroke curve = smooth(control, 5);
  ASSERT_EQ(curve.size(), 16u);
  for (std::size_t i = 0; i < control.size(); ++i) {
    EXPECT_NEAR(curve[5 * i].x, control[i].x, 1e-12);
    EXPECT_NEAR(curve[5 * i].y, control[i].y, 1e-12);
  }
  for (const Point& p : smooth({{0, 1}, {2, 5}}, 8)) EXPECT_NEAR(p.y, 1 + 2 * p.x, 1e-12);
}

}  // namespace
}  // namespace thermoscape::data
