#include "thermoscape/experiments/variance_flatness/components.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace thermoscape {
namespace {

/// Steps of sizes that fall with the coordinate, added up.
std::vector<double> walk(std::int64_t rows, std::int64_t columns) {
  std::vector<double> out(static_cast<std::size_t>(rows * columns), 0.0),
      z(static_cast<std::size_t>(columns));
  for (std::int64_t t = 1; t < rows; ++t) {
    Noise(8).normal<double>("test.walk", static_cast<std::uint64_t>(t), z);
    for (std::int64_t i = 0; i < columns; ++i) {
      const auto at = static_cast<std::size_t>(t * columns + i);
      out[at] = out[at - static_cast<std::size_t>(columns)] +
                z[static_cast<std::size_t>(i)] / static_cast<double>(1 + i * i);
    }
  }
  return out;
}

// What the two ways say of the leading modes differs by less than the random one states.
TEST(Components, ExactAndRandomisedAgreeOnTheLeadingModes) {
  const std::vector<double> data = walk(300, 120);
  const analysis::Rows rows = analysis::rows_of(data, 120);
  const analysis::Pca exact = components_of(rows, 10, "exact", Noise(1));
  const analysis::Pca some = components_of(rows, 10, "randomised", Noise(1));
  ASSERT_EQ(exact.variances.size(), 120);
  ASSERT_EQ(some.variances.size(), 10);
  for (Eigen::Index i = 0; i < 10; ++i)
    EXPECT_NEAR(some.variances(i) / exact.variances(i), 1, 1e-8) << i;
  EXPECT_EQ(components_of(rows, 10, "auto", Noise(1)).variances, exact.variances);
  // As many as there is room for beside the oversampling.
  EXPECT_EQ(components_of(rows, 1000, "randomised", Noise(1)).variances.size(), 70);
}

TEST(Components, LargeTrajectoriesAreTakenByTheRandomisedOne) {
  const auto bytes = [](Eigen::Index n, Eigen::Index d) {
    return exact_bytes({n, d, {}}) / static_cast<double>(1 << 30);
  };
  EXPECT_LT(bytes(12000, 2500), 1);   // the hidden layer
  EXPECT_LT(bytes(3000, 12800), 1);   // a convolution, wide
  EXPECT_GT(bytes(12000, 42200), 4);  // every parameter
}

}  // namespace
}  // namespace thermoscape
