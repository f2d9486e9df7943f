// Clustering of logit gradients against the table of all pairs, and its errors against batches that
// really lack an example.
#include "thermoscape/landscape/logit_geometry.hpp"

#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "objective/mlp_problem.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/landscape/random_plane.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

/// J_k^μ, column μC + k.
Matrix table_of(Objective<double>& objective, const std::vector<double>& theta) {
  const auto n = objective.examples();
  const auto c = objective.outputs();
  Matrix unit = Matrix::Identity(n * c, n * c);
  Matrix table(objective.parameters(), n * c);
  objective.jacobian_pullback(theta,
                              {},
                              {unit.data(), static_cast<std::size_t>(unit.size())},
                              {table.data(), static_cast<std::size_t>(table.size())});
  return table;
}

struct Cosines {
  double same_class = 0;
  double same_logit = 0;
  double different = 0;
};

/// Eqs. 11-13 as printed, pair by pair.
Cosines by_pairs(const Matrix& table, const std::vector<std::int32_t>& labels, int classes) {
  const auto n = static_cast<int>(labels.size());
  const Matrix unit = table.colwise().normalized();
  const Matrix cosine = unit.transpose() * unit;
  Cosines q;
  std::vector<double> sizes(static_cast<std::size_t>(classes), 0.0);
  for (const auto label : labels) sizes[static_cast<std::size_t>(label)] += 1;
  for (int m = 0; m < n; ++m) {
    for (int v = 0; v < n; ++v) {
      if (m == v) continue;
      for (int k = 0; k < classes; ++k) {
        for (int l = 0; l < classes; ++l) {
          const double x = cosine(m * classes + k, v * classes + l);
          if (k != l) {
            q.different += x / (classes * (classes - 1) * n * (n - 1.0));
            continue;
          }
          q.same_logit += x / (classes * n * (n - 1.0));
          const double size = sizes[static_cast<std::size_t>(k)];
          if (labels[static_cast<std::size_t>(m)] == k && labels[static_cast<std::size_t>(v)] == k)
            q.same_class += x / (classes * size * (size - 1));
        }
      }
    }
  }
  return q;
}

TEST(LogitGeometry, CosinesAreThoseOfAllPairs) {
  for (const char* activation : {"relu", "tanh"}) {
    const Problem problem({5, 7, 3}, 90, activation);  // more than one micro-batch
    Mlp<double> mlp = problem.build<double>();
    const std::vector<double> theta = problem.theta();
    const LogitGeometry g = logit_geometry(mlp, theta, problem.labels);
    const Cosines q = by_pairs(table_of(mlp, theta), problem.labels, 3);
    EXPECT_NEAR(g.same_logit.value, q.same_logit, 1e-12);
    EXPECT_NEAR(g.same_logit_same_class.value, q.same_class, 1e-12);
    EXPECT_NEAR(g.different_logits.value, q.different, 1e-12);
    EXPECT_NEAR(g.signal_to_noise.value, q.same_logit / (1 - q.same_logit), 1e-11);
    EXPECT_EQ(g.same_logit.status, Status::ok);
    EXPECT_EQ(g.examples, 90);
  }
}

// The jackknife of batches that lack one example each, which shares none of the update formulas.
TEST(LogitGeometry, ErrorsAreTheJackknifeOfSmallerBatches) {
  const Problem problem({4, 6, 3}, 24, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  const LogitGeometry g = logit_geometry(mlp, theta, problem.labels);
  const auto spread = [&](Estimate LogitGeometry::*of) {
    std::vector<double> without;
    for (std::int32_t left_out = 0; left_out < 24; ++left_out) {
      std::vector<std::int32_t> kept(24);
      std::iota(kept.begin(), kept.end(), 0);
      kept.erase(kept.begin() + left_out);
      without.push_back((logit_geometry(mlp, theta, problem.labels, Batch{kept}).*of).value);
    }
    const double mean = std::accumulate(without.begin(), without.end(), 0.0) / 24;
    double squares = 0;
    for (const double x : without) squares += (x - mean) * (x - mean);
    return std::sqrt(squares * 23 / 24);
  };
  for (const auto of : {&LogitGeometry::same_logit,
                        &LogitGeometry::same_logit_same_class,
                        &LogitGeometry::different_logits}) {
    EXPECT_NEAR((g.*of).standard_error, spread(of), 1e-10 * spread(of));
    EXPECT_GT((g.*of).standard_error, 0);
  }
}

// A linear classifier: J_k = e_k ⊗ (x, 1), so that different logits are orthogonal and one logit
// has the cosine of (x, 1) and (x', 1), whatever θ.
TEST(LogitGeometry, OfALinearClassifierIsThatOfItsInputs) {
  const Problem problem({4, 3}, 30);
  Mlp<double> mlp = problem.build<double>();
  const LogitGeometry g = logit_geometry(mlp, problem.theta(), problem.labels);
  Matrix inputs = Matrix::Ones(5, 30);
  inputs.topRows(4) = Eigen::Map<const Matrix>(problem.inputs.data(), 4, 30);
  const Matrix unit = inputs.colwise().normalized();
  const double pairs = (unit.rowwise().sum().squaredNorm() - 30) / (30.0 * 29);
  EXPECT_NEAR(g.same_logit.value, pairs, 1e-13);
  EXPECT_NEAR(g.different_logits.value, 0, 1e-14);
  EXPECT_NEAR(g.gradient_length_squared.value, inputs.colwise().squaredNorm().mean(), 1e-12);
}

TEST(LogitGeometry, FactorsOfTheCurvatureAreThoseOfTheTable) {
  const Problem problem({4, 6, 3}, 40, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  const LogitGeometry g = logit_geometry(mlp, theta, problem.labels);
  const Matrix table = table_of(mlp, theta);
  Matrix shared = Matrix::Zero(table.rows(), 3);
  Vector sizes = Vector::Zero(3);
  for (std::size_t i = 0; i < 40; ++i) {
    const int label = problem.labels[i];
    shared.col(label) += table.col(static_cast<Eigen::Index>(i) * 3 + label);
    sizes[label] += 1;
  }
  for (int k = 0; k < 3; ++k) shared.col(k) /= sizes[k];
  Matrix logits(3, 40);
  mlp.logits(theta, {}, {logits.data(), 120});
  Matrix p = logits.array().exp();
  p = p.array().rowwise() / p.colwise().sum().array();
  Matrix curvature = -p * p.transpose() / 40;
  curvature.diagonal() += p.rowwise().mean();
  EXPECT_LT((g.probabilities - p).norm(), 1e-13);
  EXPECT_LT((g.shared_gram - shared.transpose() * shared).norm(), 1e-12 * g.shared_gram.norm());
  const Eigen::SelfAdjointEigenSolver<Matrix> whole(shared * curvature * shared.transpose());
  EXPECT_NEAR(g.top_shared_curvature(), whole.eigenvalues().tail(1)[0], 1e-12);
  EXPECT_NEAR(g.top_logit_curvature(),
              Eigen::SelfAdjointEigenSolver<Matrix>(curvature).eigenvalues()[2],
              1e-13);
  EXPECT_NEAR(g.shared_length_squared(), shared.colwise().squaredNorm().mean(), 1e-12);
  double variance = 0;
  for (int i = 0; i < 40; ++i) {
    variance += (logits.col(i).array() - logits.col(i).mean()).square().sum() / 2 / 40;
  }
  EXPECT_NEAR(g.logit_variance.value, variance, 1e-12);
}

TEST(LogitGeometry, AVanishingGradientHasNoAngle) {
  const Problem problem({4, 6, 3}, 12, "relu", "cross-entropy", false);  // no biases
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> zero(static_cast<std::size_t>(mlp.parameters()));
  const LogitGeometry g = logit_geometry(mlp, zero, problem.labels);
  EXPECT_EQ(g.same_logit.status, Status::undefined);
  EXPECT_EQ(g.gradient_length_squared.value, 0);
}

// A model of more classes than the data show: the same pairs, and classes without them left out.
TEST(LogitGeometry, ClassesWithoutPairsAreLeftOut) {
  const Problem problem({4, 6, 5}, 30, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<std::int32_t> labels(30);
  for (std::size_t i = 0; i < 30; ++i) labels[i] = i % 2 == 0 ? 1 : 3;
  labels[7] = 4;  // alone: no pair
  const LogitGeometry g = logit_geometry(mlp, theta, labels);
  const Matrix unit = table_of(mlp, theta).colwise().normalized();
  double expected = 0;
  for (const int k : {1, 3}) {
    double sum = 0;
    double pairs = 0;
    for (int m = 0; m < 30; ++m) {
      for (int v = 0; v < 30; ++v) {
        if (m == v || labels[static_cast<std::size_t>(m)] != k ||
            labels[static_cast<std::size_t>(v)] != k)
          continue;
        sum += unit.col(5 * m + k).dot(unit.col(5 * v + k));
        ++pairs;
      }
    }
    expected += sum / pairs / 2;
  }
  EXPECT_NEAR(g.same_logit_same_class.value, expected, 1e-12);
  EXPECT_EQ(g.same_logit_same_class.status, Status::ok);
  EXPECT_EQ(g.classes_present, 3);
  EXPECT_EQ(g.classes_with_pairs, 2);
  EXPECT_EQ(g.shared_gram(0, 0), 0);
  EXPECT_NEAR(g.shared_length_squared(), g.shared_gram.diagonal().sum() / 3, 1e-14);
}

TEST(LogitGeometry, RefusesWhatHasNoPairs) {
  const auto complaint = [](Objective<double>& objective,
                            const std::vector<double>& theta,
                            const std::vector<std::int32_t>& labels,
                            const Batch& batch = {}) {
    try {
      (void)logit_geometry(objective, theta, labels, batch);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const Problem problem({4, 6, 3}, 12);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  EXPECT_THAT(complaint(mlp, theta, {0, 1}), testing::HasSubstr("a label for each example"));
  std::vector<std::int32_t> labels{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
  const std::vector<std::int32_t> one{5};
  EXPECT_THAT(complaint(mlp, theta, labels, Batch{one}), testing::HasSubstr("at least 2"));
  const std::vector<std::int32_t> one_each{0, 1, 2};
  const LogitGeometry unpaired = logit_geometry(mlp, theta, labels, Batch{one_each});
  EXPECT_EQ(unpaired.same_logit_same_class.status, Status::undefined);
  EXPECT_TRUE(std::isfinite(unpaired.same_logit.value));
  labels[3] = 3;
  EXPECT_THAT(complaint(mlp, theta, labels), testing::HasSubstr("a class from 0 to 2"));
  Quadratic<double> quadratic(QuadraticSettings{.stiffness = {1}, .soft = 0});
  EXPECT_THAT(complaint(quadratic, {1}, {0}), testing::HasSubstr("two logits"));
}

TEST(RandomPlane, IsOrthonormalAndAddressed) {
  const Matrix plane = random_plane(50, 4, Noise(7), 3);
  EXPECT_LT((plane.transpose() * plane - Matrix::Identity(4, 4)).norm(), 1e-13);
  EXPECT_EQ(plane, random_plane(50, 4, Noise(7), 3));
  EXPECT_NE(plane, random_plane(50, 4, Noise(7), 4));
  EXPECT_THROW((void)random_plane(3, 4, Noise(7), 0), Error);
  EXPECT_THROW((void)random_plane(3, 0, Noise(7), 0), Error);
}

TEST(TraceOverNorm, IsTheRootOfTheDimensionForTheIdentity) {
  EXPECT_NEAR(trace_over_norm(-2 * Matrix::Identity(9, 9)), -3, 1e-15);
  EXPECT_EQ(trace_over_norm(Matrix::Zero(2, 2)), 0);
}

}  // namespace
}  // namespace thermoscape
