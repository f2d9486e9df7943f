#include "thermoscape/theory/logit_clustering.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::theory {
namespace {

constexpr int kExamples = 9;
constexpr int kClasses = 3;
constexpr int kSize = 4;
const std::vector<std::int64_t> kLabels{0, 1, 2, 0, 1, 2, 2, 2, 1};

std::vector<double> jacobian() {
  std::vector<double> j(kExamples * kClasses * kSize);
  Noise(3).normal("test.jacobian", 0, std::span<double>(j));
  for (std::size_t i = 0; i < j.size(); ++i) j[i] += 0.8 * std::sin(static_cast<double>(i % 12));
  return j;
}

/// The definition: every pair of examples, every pair of logits.
TEST(LogitClustering, is_the_mean_over_pairs) {
  const std::vector<double> j = jacobian();
  const auto row = [&](int n, int k) {
    return Eigen::Map<const Vector>(j.data() + (n * kClasses + k) * kSize, kSize);
  };
  double same = 0;
  double same_class = 0;
  double different = 0;
  for (int k = 0; k < kClasses; ++k) {
    double members = 0;
    double of_class = 0;
    for (int m = 0; m < kExamples; ++m) {
      if (kLabels[static_cast<std::size_t>(m)] == k) ++members;
      for (int n = 0; n < kExamples; ++n) {
        if (m == n) continue;
        for (int l = 0; l < kClasses; ++l) {
          const double cosine = row(m, k).dot(row(n, l)) / row(m, k).norm() / row(n, l).norm();
          const bool both = kLabels[static_cast<std::size_t>(m)] == k &&
                            kLabels[static_cast<std::size_t>(n)] == k;
          if (l != k) different += cosine / (3 * 2 * 9 * 8);
          if (l == k) same += cosine / (3 * 9 * 8);
          if (l == k && both) of_class += cosine;
        }
      }
    }
    same_class += of_class / (3 * members * (members - 1));
  }
  const LogitClustering q = logit_clustering(j, kLabels, kClasses);
  EXPECT_NEAR(q.same_logit, same, 1e-14);
  EXPECT_NEAR(q.same_logit_same_class, same_class, 1e-14);
  EXPECT_NEAR(q.different_logits, different, 1e-14);
}

TEST(LogitClustering, does_not_depend_on_lengths) {
  std::vector<double> j = jacobian();
  const LogitClustering before = logit_clustering(j, kLabels, kClasses);
  for (std::size_t i = 0; i < j.size(); ++i) j[i] *= std::pow(10.0, static_cast<double>(i / 4 % 7));
  const LogitClustering after = logit_clustering(j, kLabels, kClasses);
  EXPECT_NEAR(after.same_logit, before.same_logit, 1e-14);
  EXPECT_NEAR(after.different_logits, before.different_logits, 1e-14);
}

/// Mean powers of the two parts of g over draws of c and E.
TEST(LogitClustering, gradient_fraction_is_that_of_draws) {
  const Matrix r{{0.1, -0.1, 0.0}, {-0.9, 0.8, 0.1}, {0.2, -0.5, 0.3}, {0.0, 0.0, 0.0}};
  const double sigma = 0.7;
  double shared = 0;
  double noise = 0;
  constexpr int kDraws = 20000;
  for (std::uint64_t n = 0; n < kDraws; ++n) {
    std::vector<double> x(3 + 12);
    Noise(11).normal("test.gradient", n, std::span<double>(x));
    double from_shared = 0;
    double from_residual = 0;
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < 3; ++k) {
        from_shared += r(i, k) * x[static_cast<std::size_t>(k)] / 4;
        from_residual += sigma * r(i, k) * x[static_cast<std::size_t>(3 + 3 * i + k)] / 4;
      }
    }
    shared += from_shared * from_shared;
    noise += from_residual * from_residual;
  }
  // A mean of squares of normals has relative error √(2/n), the share f that times f(1-f)√2.
  const double f = gradient_fraction(r, sigma * sigma);
  EXPECT_NEAR(f, shared / (shared + noise), 4 * f * (1 - f) * 2 / std::sqrt(kDraws));
  EXPECT_EQ(gradient_fraction(r, 0), 1);
}

TEST(LogitClustering, refuses_bad_input_in_one_line) {
  const auto message = [](auto&& act) -> std::string {
    try {
      act();
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  std::vector<double> j = jacobian();
  EXPECT_THAT(message([&] { (void)logit_clustering(j, kLabels, 5); }),
              ::testing::HasSubstr("must be [N, C, D]"));
  const std::vector<std::int64_t> alone{0, 1, 2, 0, 1, 1, 1, 1, 1};
  EXPECT_EQ(message([&] { (void)logit_clustering(j, alone, kClasses); }),
            "class 2 = 1 examples: must have at least 2 examples");
  for (std::size_t i = 0; i < kSize; ++i) j[i] = 0;
  EXPECT_EQ(message([&] { (void)logit_clustering(j, kLabels, kClasses); }),
            "jacobian = a row of length 0: must have length > 0");
  EXPECT_THROW((void)gradient_fraction(Matrix::Zero(2, 2), 1), Error);
  EXPECT_THROW((void)gradient_fraction(Matrix::Ones(2, 2), -1), Error);
}

}  // namespace
}  // namespace thermoscape::theory
